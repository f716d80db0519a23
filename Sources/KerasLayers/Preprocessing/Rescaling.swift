import KerasGraph

/// `scale · x + offset`, to bring pixels into the range a model expects.
///
/// - Input: any shape and type. Output: the same shape, in the layer's floating-point type.
public final class Rescaling: Layer, @unchecked Sendable {
  @Setting("scale", .required) private var scales: NumberArray
  @Setting("offset") private var offsets: NumberArray

  /// One number, or one for each channel.
  public var scale: Tensor { scales.tensor }
  public var offset: Tensor { offsets.tensor }

  public init(scale: Double, offset: Double = 0, name: String? = nil) {
    super.init(name: name)
    (scales, offsets) = (NumberArray(scale), NumberArray(offset))
  }

  /// One scale and offset for each channel.
  public init(scales: [Double], offsets: [Double], name: String? = nil) {
    super.init(name: name)
    (self.scales, self.offsets) = (NumberArray(scales), NumberArray(offsets))
  }

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
