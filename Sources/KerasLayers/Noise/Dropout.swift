import KerasGraph

/// Sets a random share of the elements to zero while training and scales the others up, so that sums keep their
/// expectation; predicting, it does nothing. Any shape; no weights.
///
/// Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting" (2014).
public class Dropout: Layer, @unchecked Sendable {
  /// The share, in [0, 1].
  @Setting("rate", .required) public private(set) var rate: Double
  /// The shape of what is drawn: 1 along axes that drop or stay together, nil for the input's length.
  @Setting("noise_shape") public private(set) var noiseShape: Shape?
  @Setting("seed") public private(set) var seed: Int?

  public init(_ rate: Double, noiseShape: Shape? = nil, seed: Int? = nil, name: String? = nil) {
    super.init(name: name)
    self.rate = rate
    self.noiseShape = noiseShape
    self.seed = seed
  }

  public override var supportsMasking: Bool { true }

  public override func build(for inputs: [TensorSpec]) throws(KerasError) { try checkRate(rate) }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    try context.dropping(
      rate, of: input, drawing: noise(drawnShape, for: context.graph.shape(of: input)), seed: seed)
  }

  /// As ``noiseShape``, where a subclass does not know better.
  var drawnShape: Shape? { noiseShape }
}

extension CallContext {
  /// While training, `x` with a random share of its elements set to zero and the others scaled up; `x` otherwise.
  ///
  /// - Parameter shape: of what is drawn, which broadcasts to `x`; nil for the same.
  func dropping(
    _ rate: Double, of x: Value, drawing shape: Shape? = nil, seed: Int? = nil
  ) throws(KerasError) -> Value {
    guard isTraining, rate > 0 else { return x }
    guard rate < 1 else { return try graph.zeros(like: x) }
    let kept = try graph.random(
      .bernoulli(probability: Float(1 - rate)), shape: shape ?? graph.shape(of: x), seed: randomSeed(seed))
    let scale = try graph.cast((graph[kept] * (1 / (1 - rate))).value, to: graph.spec(of: x).dataType)
    return try graph.multiply(x, scale)
  }
}

extension Layer {
  /// - Throws: `invalidArgument` for a share that is none.
  func checkRate(_ rate: Double) throws(KerasError) {
    try require((0...1).contains(rate), "\(className) takes a rate from 0 to 1, found \(rate).")
  }

  /// `shape` with the input's lengths where it has none.
  ///
  /// - Throws: `shapeMismatch` where it does not broadcast to the input.
  func noise(_ shape: Shape?, for input: Shape) throws(KerasError) -> Shape {
    guard let shape else { return input }
    let known = Shape(shape.indices.map { shape[$0] ?? (input.indices.contains($0) ? input[$0] : nil) })
    guard shape.rank == input.rank, known.allSatisfy({ $0 ?? 1 > 0 }),
      (try? broadcastShape(known, input)) == input
    else {
      throw KerasError(.shapeMismatch, "Noise of shape \(shape) does not broadcast to \(input).")
    }
    return known
  }
}
