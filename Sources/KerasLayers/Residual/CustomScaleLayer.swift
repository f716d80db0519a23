import KerasGraph

/// `x + scale · residual`. Keras has it in `keras.applications.inception_resnet_v2`.
///
/// - Inputs: two tensors of one shape: what is added to, and what is added. Output: the same shape.
///
/// Szegedy et al., "Inception-v4, Inception-ResNet and the Impact of Residual Connections on Learning" (2016),
/// https://arxiv.org/abs/1602.07261, Section 3.3.
public final class CustomScaleLayer: Layer, @unchecked Sendable {
  @Setting("scale", .required) public private(set) var scale: Double

  public init(scale: Double, name: String? = nil) {
    super.init(name: name)
    self.scale = scale
  }

  public override func call(_ inputs: [Value], in context: CallContext) throws(KerasError) -> [Value] {
    guard inputs.count == 2 else {
      throw KerasError(.invalidArgument, "Expected two tensors, x and what is added to it, found \(inputs.count).")
    }
    let graph = context.graph
    return [try graph.add(inputs[0], graph.unary(.linear(scale: Float(scale), offset: 0), inputs[1]))]
  }
}
