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
  /// Of the first tensor and of the second; the batch is axis 0.
  public let axes: (Int, Int)
  /// Whether vectors are scaled to length 1 before.
  public let normalizes: Bool
  /// Whether files hold one number for both axes.
  private let hasOneAxis: Bool

  public init(axes: (Int, Int), normalizes: Bool = false, name: String? = nil) {
    self.axes = axes
    self.normalizes = normalizes
    hasOneAxis = false
    super.init(name: name)
  }

  /// - Parameter axes: of both tensors.
  public init(axes: Int, normalizes: Bool = false, name: String? = nil) {
    self.axes = (axes, axes)
    self.normalizes = normalizes
    hasOneAxis = true
    super.init(name: name)
  }

  public override convenience init(_ settings: Configuration) throws(KerasError) {
    guard let axes = try settings.integers("axes") else { throw settings.missing("axes") }
    let normalizes = try settings.boolean("normalize", default: false)
    if settings.value("axes")?.array == nil {
      self.init(axes: axes[0], normalizes: normalizes, name: settings.name)
    } else {
      guard axes.count == 2 else {
        throw settings.wrong("axes", "one or two axes", settings.value("axes") ?? .null)
      }
      self.init(axes: (axes[0], axes[1]), normalizes: normalizes, name: settings.name)
    }
  }

  public override var config: JSONObject {
    ["axes": hasOneAxis ? .integer(axes.0) : JSON([axes.0, axes.1]), "normalize": .bool(normalizes)]
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
    if normalizes {
      for index in inputs.indices {
        operands[index] = try graph.normalize(inputs[index], axes: [summed[index]])
      }
    }
    let product = try graph.batchDot(operands[0], operands[1], axes: (summed[0], summed[1]))
    return graph.shape(of: product).rank == 1 ? try graph.expandDimensions(product, axis: 1) : product
  }
}
