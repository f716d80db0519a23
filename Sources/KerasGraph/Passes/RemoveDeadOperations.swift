/// Drops what no output depends on. Inputs stay, read or not: they are the caller's order of arguments.
///
/// `a = relu(x); b = tanh(x); return a` becomes `a = relu(x); return a`.
public struct RemoveDeadOperations: Pass {
  public init() {}

  public func apply(to graph: Graph) throws(KerasError) -> Graph {
    var isNeeded = [Bool](repeating: false, count: graph.nodes.count)
    for value in graph.outputs + graph.inputs { isNeeded[value.node] = true }
    for index in graph.nodes.indices.reversed() where isNeeded[index] {
      for input in graph.nodes[index].inputs { isNeeded[input.node] = true }
    }
    var rewriter = GraphRewriter(graph)
    for index in graph.nodes.indices where isNeeded[index] { rewriter.copy(index) }
    return rewriter.finish()
  }
}
