import KerasGraph

/// Divides by the root of the mean square: `scale · x / √(mean(x²) + epsilon)`.
///
/// - Input: any shape. Output: the same.
/// - Weights: `scale`, with the lengths of the normalized axes, which are the last ones.
///
/// Zhang and Sennrich, "Root Mean Square Layer Normalization" (2019).
public final class RMSNormalization: Layer, @unchecked Sendable {
  @Setting("axis") public private(set) var axis: AxisSelection
  @Setting("epsilon") public private(set) var epsilon: Double

  public init(axis: AxisSelection = -1, epsilon: Double = 1e-6, name: String? = nil) {
    super.init(name: name)
    self.axis = axis
    self.epsilon = epsilon
  }

  public override func build(for inputs: [TensorSpec]) throws(KerasError) {
    let axes = try axis.resolved(rank: inputs[0].shape.rank)
    addWeight("scale", shape: try knownLengths(axes, of: inputs[0]), initializer: .ones)
  }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    let (graph, type) = (context.graph, context.graph.spec(of: input).dataType)
    let x = try graph.widened(input)
    let axes = try axis.resolved(rank: graph.shape(of: x).rank)
    let square = try graph.mean(graph.unary(.square, x), axes: axes, keepsDimensions: true)
    let unit = graph[x] * graph[square].inverseDeviation(epsilon)
    let scale = try graph[graph.cast(context.value(of: weight("scale")), to: graph.spec(of: x).dataType)]
    return try graph.cast((unit * scale).value, to: type)
  }
}
