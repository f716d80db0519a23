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
    let backend = try Backends.backend(named: options.backend)
    let program = try backend.prepare(graph.finish(returning: [output]), options: ProgramOptions())
    return try program.run(inputs)[0]
  }
}
