import KerasGraph

/// `scale · x + offset`, to bring pixels into the range a model expects.
///
/// - Input: any shape and type. Output: the same shape, in the layer's floating-point type.
public final class Rescaling: Layer, @unchecked Sendable {
  /// One number, or one for each channel.
  public let scale: Tensor
  public let offset: Tensor
  private let written: JSONObject

  public init(scale: Double, offset: Double = 0, name: String? = nil) {
    self.scale = Tensor(scalar: scale)
    self.offset = Tensor(scalar: offset)
    written = ["scale": .number(scale), "offset": .number(offset)]
    super.init(name: name)
  }

  /// One scale and offset for each channel.
  public init(scales: [Double], offsets: [Double], name: String? = nil) {
    scale = Tensor(scales)
    offset = Tensor(offsets)
    written = ["scale": JSON(scales), "offset": JSON(offsets)]
    super.init(name: name)
  }

  public init(_ settings: Configuration) throws(KerasError) {
    scale = try settings.array("scale", default: nil)
    offset = try settings.array("offset", default: 0)
    written = [
      "scale": settings.value("scale") ?? .null, "offset": settings.value("offset") ?? .number(0),
    ]
    super.init(name: settings.name)
  }

  public override var config: JSONObject { written }
  public override var supportsMasking: Bool { true }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    let graph = context.graph
    let dataType = dataTypePolicy.computeType
    let x = try graph.cast(input, to: dataType)
    if scale.rank == 0, offset.rank == 0 {
      let (scale, offset): ([Float], [Float]) = (scale.scalars(), offset.scalars())
      return try graph.unary(.linear(scale: scale[0], offset: offset[0]), x)
    }
    let scaled = try graph.multiply(x, graph.constant(scale.converted(to: dataType)))
    return try graph.add(scaled, graph.constant(offset.converted(to: dataType)))
  }
}

extension Configuration {
  /// A number or nested lists of numbers, as float64; also NumPy arrays as Keras writes them.
  ///
  /// - Throws: `invalidFile` for anything else, and where the setting is missing and there is no default.
  func array(_ key: String, default standard: Double?) throws(KerasError) -> Tensor {
    guard let json = value(key) else {
      guard let standard else { throw missing(key) }
      return Tensor(scalar: standard)
    }
    let list = json["config"]?["value"] ?? json["value"] ?? json
    guard let array = list.tensor else { throw wrong(key, "a number or an array of numbers", json) }
    return array
  }
}

extension JSON {
  /// Nested lists of numbers as float64; nil when they are ragged, too deep or something else.
  var tensor: Tensor? {
    var (shape, numbers) = ([Int](), [Double]())
    guard flatten(depth: 0, into: &shape, &numbers) else { return nil }
    return try? Tensor(numbers, shape: shape)
  }

  private func flatten(depth: Int, into shape: inout [Int], _ numbers: inout [Double]) -> Bool {
    if let number {
      numbers.append(number)
      return shape.count == depth
    }
    guard let list = array, depth < 8 else { return false }
    if shape.count == depth {
      // Only the first list of a level may tell its length.
      guard numbers.isEmpty else { return false }
      shape.append(list.count)
    }
    return shape[depth] == list.count
      && list.allSatisfy { $0.flatten(depth: depth + 1, into: &shape, &numbers) }
  }
}
