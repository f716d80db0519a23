import KerasGraph

/// Dot products along one axis of each of two tensors, sample by sample.
///
/// - Inputs: `[batch, a…]` and `[batch, b…]`. Output: `[batch, a… b…]` without the two axes; `[batch, 1]` where
///   nothing else is left.
///
/// ```swift
/// let similarity = Dot(axes: 1, normalizes: true)([question, answer])   // the cosine
/// ```
public final class Dot: Merge, @unchecked Sendable {
  /// One axis for both, or one for each; the batch is axis 0.
  @Setting("axes", .oneOrTwoAxes) private var storedAxes: [Int]
  /// Whether vectors are scaled to length 1 before.
  @Setting("normalize") public private(set) var normalizes: Bool

  /// Of the first tensor and of the second.
  public var axes: (Int, Int) { (storedAxes[0], storedAxes[storedAxes.count - 1]) }

  init(_ axes: [Int], normalizes: Bool = false, name: String?) {
    super.init(name: name)
    storedAxes = axes
    self.normalizes = normalizes
  }

  public convenience init(axes: (Int, Int), normalizes: Bool = false, name: String? = nil) {
    self.init([axes.0, axes.1], normalizes: normalizes, name: name)
  }

  /// - Parameter axes: of both tensors.
  public convenience init(axes: Int, normalizes: Bool = false, name: String? = nil) {
    self.init([axes], normalizes: normalizes, name: name)
  }

  override var inputCounts: ClosedRange<Int> { 2...2 }

  override func setMask(for inputs: [Value], in context: CallContext) throws(KerasError) {
    context.setOutputMasks([nil])
  }

  override func merge(_ inputs: [Value], in context: CallContext) throws(KerasError) -> Value {
    let graph = context.graph
    let shapes = inputs.map(graph.shape(of:))
    let summed = [
      try resolvedAxis(axes.0, rank: shapes[0].rank), try resolvedAxis(axes.1, rank: shapes[1].rank),
    ]
    try require(
      !summed.contains(0),
      "Dot multiplies sample by sample and cannot sum over the batch, found axes \(axes).")
    var operands = inputs
    for index in operands.indices where normalizes {
      operands[index] = try graph.normalize(inputs[index], axes: [summed[index]])
    }
    let product = try graph.batchDot(operands[0], operands[1], axes: (summed[0], summed[1]))
    return graph.shape(of: product).rank == 1 ? try graph.expandDimensions(product, axis: 1) : product
  }
}

extension SettingCodec where Value == [Int] {
  /// A plain number, or a list of two; required of a layer that was made with none.
  fileprivate static var oneOrTwoAxes: SettingCodec<[Int]> {
    SettingCodec(
      reading: { (configuration, key, current) throws(KerasError) in
        guard let axes = try configuration.integers(key) else {
          if current?.isEmpty == false { return nil }
          throw configuration.missing(key)
        }
        let json = configuration.value(key) ?? .null
        if axes.count != (json.array == nil ? 1 : 2) {
          throw configuration.wrong(key, "one or two axes", json)
        }
        return axes
      },
      writing: { axes, key, config in config[key] = axes.count == 1 ? .integer(axes[0]) : JSON(axes) })
  }
}
