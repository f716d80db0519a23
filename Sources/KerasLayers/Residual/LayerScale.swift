import KerasGraph

/// `x · gamma`, a factor for each channel that begins small, so that a deep network begins as little more than its
/// shortcuts. Keras has it in `keras.applications.convnext`.
///
/// - Input: any shape with `channels` last. Output: the same.
/// - Weights, in file order: `variable [channels]`, which Keras leaves unnamed and so counts: `variable_1`, ….
///
/// Touvron et al., "Going deeper with Image Transformers" (2021), https://arxiv.org/abs/2103.17239, equation 5.
public final class LayerScale: Layer, @unchecked Sendable {
  @Setting("init_values", .required) public private(set) var initialValue: Double
  @Setting("projection_dim", .required) public private(set) var channels: Int

  public init(initialValue: Double = 1e-6, channels: Int, name: String? = nil) {
    super.init(name: name)
    self.initialValue = initialValue
    self.channels = channels
  }

  public override func build(for inputs: [TensorSpec]) throws(KerasError) {
    guard channels > 0 else {
      throw KerasError(.invalidArgument, "Expected at least one channel, found \(channels).")
    }
    addWeight(
      Session.current.uniqueName("variable"), shape: [channels], initializer: .constant(initialValue))
  }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    try context.graph.multiply(input, context.value(of: ownWeights[0]))
  }
}
