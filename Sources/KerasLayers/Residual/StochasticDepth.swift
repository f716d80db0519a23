import KerasGraph

/// While training, sets whole samples to zero and scales the others up, so that a residual beside a shortcut is
/// sometimes left out; predicting, it does nothing. Keras has it in `keras.applications.convnext`.
///
/// - Input: `[batch, …]`. Output: the same.
///
/// Huang et al., "Deep Networks with Stochastic Depth" (2016), https://arxiv.org/abs/1603.09382.
public final class StochasticDepth: Layer, @unchecked Sendable {
  /// How many of the samples, in [0, 1].
  @Setting("drop_path_rate", .required) public private(set) var dropRate: Double

  public init(dropRate: Double, name: String? = nil) {
    super.init(name: name)
    self.dropRate = dropRate
  }

  public override func build(for inputs: [TensorSpec]) throws(KerasError) { try checkRate(dropRate) }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    let shape = context.graph.shape(of: input)
    let perSample = Shape(shape.indices.map { $0 == 0 ? shape[0] : 1 })
    return try context.dropping(dropRate, of: input, drawing: perSample, seed: nil)
  }
}
