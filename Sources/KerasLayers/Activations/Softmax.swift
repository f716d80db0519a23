import KerasGraph

/// `eˣ / Σ eˣ` along one axis, or over all elements of several.
///
/// - Inputs: any shape, and optionally a mask that broadcasts to it, as the input's own or called `mask`: what it is
///   false for gets 0. Output: the input's shape.
public final class Softmax: Layer, @unchecked Sendable {
  @Setting("axis") public private(set) var axis: AxisSelection

  public init(axis: AxisSelection = -1, name: String? = nil) {
    super.init(name: name)
    self.axis = axis
  }

  public override var supportsMasking: Bool { true }
  public override var callParameters: [String] { ["inputs", "mask"] }

  public override func call(_ inputs: [Value], in context: CallContext) throws(KerasError) -> [Value] {
    let explicit = context.input(named: "mask") ?? (inputs.count > 1 ? inputs[1] : nil)
    let mask =
      try explicit.map { (mask) throws(KerasError) in try context.graph.truth(of: mask) }
      ?? context.mask()
    guard let input = inputs.first, inputs.count <= 2 else {
      throw KerasError(
        .invalidArgument, "Softmax takes one input and perhaps a mask, found \(inputs.count) tensors.")
    }
    if explicit != nil { context.setOutputMasks([mask]) }
    return [try normalized(input, mask: mask, in: context.graph)]
  }

  /// With the scores of what `mask` is false for set to −10⁹ (−3 · 10⁴ in float16), and its results to 0.
  func normalized(_ input: Value, mask: Value?, in graph: GraphBuilder) throws(KerasError) -> Value {
    let softmax = ActivationFunction.softmax(axis: axis)
    guard let mask else { return try softmax.apply(to: input, in: graph) }
    guard
      try broadcastShape(graph.shape(of: mask), graph.shape(of: input)).rank == graph.shape(of: input).rank
    else {
      throw KerasError(
        .shapeMismatch,
        "A mask has no more axes than what it masks, found \(graph.spec(of: mask)) for \(graph.spec(of: input))."
      )
    }
    let lowest = graph.spec(of: input).dataType == .float16 ? -3e4 : -1e9
    let scores = try graph.select(mask, input, graph.scalar(lowest, like: input))
    return try graph.select(mask, softmax.apply(to: scores, in: graph), graph.scalar(0, like: input))
  }
}

extension GraphBuilder {
  /// A mask as truth values: numbers count as true above 0.5.
  package func truth(of mask: Value) throws(KerasError) -> Value {
    spec(of: mask).dataType.isFloatingPoint ? try compare(.greater, mask, 0.5) : try cast(mask, to: .bool)
  }
}
