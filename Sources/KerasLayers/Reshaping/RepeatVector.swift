import KerasGraph

/// The same vector several times: `[batch, features]` to `[batch, count, features]`.
public final class RepeatVector: Layer, @unchecked Sendable {
  @Setting("n", .required) public private(set) var count: Int

  public init(_ count: Int, name: String? = nil) {
    super.init(name: name)
    self.count = count
  }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    let graph = context.graph
    try expectRank(2, graph.spec(of: input))
    try require(count > 0, "RepeatVector takes a positive number, found \(count).")
    let shape = graph.shape(of: input)
    let row = try graph.reshaped(input, to: [shape[0], 1, shape[1]])
    return try graph.broadcast(row, to: [shape[0], count, shape[1]])
  }
}
