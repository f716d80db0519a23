import KerasGraph
import Testing

/// Expects the graphs that `build` writes to look like `before`, and like `after` once `pass` has run.
func expect(
  _ pass: any Pass, turns before: String, into after: String,
  sourceLocation: SourceLocation = #_sourceLocation,
  _ build: (GraphBuilder) throws(KerasError) -> [Value]
) throws {
  let builder = GraphBuilder()
  let graph = builder.finish(returning: try build(builder))
  let rewritten = try pass.apply(to: graph)
  try rewritten.verify()
  #expect(graph.description == before, sourceLocation: sourceLocation)
  #expect(rewritten.description == after, sourceLocation: sourceLocation)
}

/// Expects that `pass` finds nothing to do, or nothing it may do.
func expectUnchanged(
  by pass: any Pass, sourceLocation: SourceLocation = #_sourceLocation,
  _ build: (GraphBuilder) throws(KerasError) -> [Value]
) throws {
  let builder = GraphBuilder()
  let graph = builder.finish(returning: try build(builder))
  #expect(try pass.apply(to: graph).description == graph.description, sourceLocation: sourceLocation)
}

extension GraphBuilder {
  /// A constant of zeros.
  func zeros(_ shape: [Int]) -> Value { constant(Tensor(zeros: shape)) }

  /// A 3×3 convolution of an image of 2 channels to 4.
  func convolution(_ x: Value) throws(KerasError) -> Value {
    try convolution(x, kernel: zeros([3, 3, 2, 4]), window: Window([3, 3]))
  }
}
