import KerasGraph
import KerasLayers

extension TextLayer {
  /// What the layer makes of texts.
  public func callAsFunction(
    _ texts: StringTensor..., options: ComputeOptions = ComputeOptions()
  ) throws(KerasError) -> Tensor {
    let inputs = try numbers(for: texts)
    let graph = GraphBuilder()
    let values = inputs.map { graph.input($0.spec) }
    let output = try call(numbers: values, in: CallContext(graph: graph, mode: .constants))
    return try options.prepare(graph.finish(returning: [output])).program.run(inputs)[0]
  }
}
