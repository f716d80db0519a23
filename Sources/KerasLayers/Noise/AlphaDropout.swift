import KerasGraph

/// Dropout for layers with ``ActivationFunction/selu``: what is dropped becomes that function's lowest value, and
/// everything is scaled and shifted so that mean and variance stay; predicting, it does nothing.
///
/// Klambauer et al., "Self-Normalizing Neural Networks" (2017), https://arxiv.org/abs/1706.02515
public final class AlphaDropout: Dropout, @unchecked Sendable {
  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    guard context.isTraining, rate > 0 else { return input }
    let graph = context.graph
    // Minus selu's scale times its alpha.
    let lowest = -1.0507009873554805 * 1.6732632423543772
    let scale = 1 / ((1 - rate) * (1 + rate * lowest * lowest)).squareRoot()
    try require(scale.isFinite, "AlphaDropout takes a rate below 1, where nothing is left to scale.")
    let drawn = try graph.random(
      .bernoulli(probability: Float(1 - rate)),
      shape: noise(noiseShape, for: graph.shape(of: input)), seed: context.randomSeed(seed))
    let kept = try graph.select((context[drawn] .> 0.5).value, input, graph.scalar(lowest, like: input))
    return try graph.unary(.linear(scale: Float(scale), offset: Float(-scale * lowest * rate)), kept)
  }
}
