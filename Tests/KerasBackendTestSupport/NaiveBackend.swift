import KerasGraph

/// A third witness: every operation straight from its formula, in double precision, one element at a time.
///
/// It shares no code with the backends it judges: no matrix product, no strides, no plan, no fusion.
public struct NaiveBackend: Backend {
  public init() {}

  public var name: String { "naive" }

  public func prepare(_ graph: Graph, options: ProgramOptions) throws(KerasError) -> any Program {
    NaiveProgram(graph: graph)
  }
}

struct NaiveProgram: Program {
  let graph: Graph
  var plan: [String] { graph.nodes.map(\.operation.name) }

  func run(_ inputs: [Tensor]) throws(KerasError) -> [Tensor] {
    try checkInputs(inputs, for: graph)
    var values: [NaiveTensor] = []
    var nextInput = inputs.makeIterator()
    for node in graph.nodes {
      if case .input = node.operation, let input = nextInput.next() {
        values.append(NaiveTensor(input))
      } else {
        values.append(evaluate(node, node.inputs.map { values[$0.node] }))
      }
    }
    return graph.outputs.map { values[$0.node].tensor(graph.spec(of: $0).dataType) }
  }

  private func evaluate(_ node: Node, _ inputs: [NaiveTensor]) -> NaiveTensor {
    let shape = node.outputs[0].shape.compactMap { $0 }
    switch node.operation {
    case .input: preconditionFailure("inputs come from the caller")
    case .constant(let constant): return NaiveTensor(constant.tensor)
    case .convolution(let operation): return convolution(operation, inputs, shape)
    case .matrixMultiply(let operation): return matrixMultiply(operation, inputs, shape)
    case .pooling(let operation): return pooling(operation, inputs[0], shape)
    case .reduction(let operation): return reduction(operation, inputs[0], shape)
    case .unary(let operation): return NaiveTensor(shape) { apply(operation.function, inputs[0][$0]) }
    case .binary(let operation):
      return NaiveTensor(shape) {
        apply(operation.function, inputs[0][broadcasting: $0], inputs[1][broadcasting: $0])
      }
    case .batchNormalization(let operation):
      return NaiveTensor(shape) { index in
        let channel = Array(index.suffix(1))
        let centred = inputs[0][index] - inputs[3][channel]
        let deviation = (inputs[4][channel] + Double(operation.epsilon)).squareRoot()
        let normalized = inputs[1][channel] * centred / deviation + inputs[2][channel]
        return operation.activation.map { apply($0, normalized) } ?? normalized
      }
    case .softmax(let operation): return softmax(operation, inputs[0])
    case .reshape: return NaiveTensor(shape: shape, elements: inputs[0].elements)
    case .transpose(let operation):
      return NaiveTensor(shape) { index in
        var source = index
        for (axis, from) in operation.permutation.enumerated() { source[from] = index[axis] }
        return inputs[0][source]
      }
    case .pad(let operation):
      return NaiveTensor(shape) { index in
        let source = zip(index, operation.padding).map { $0 - $1.before }
        let isInside = zip(source, inputs[0].shape).allSatisfy { (0..<$1).contains($0) }
        return isInside ? inputs[0][source] : Double(operation.value)
      }
    case .concatenate(let operation):
      return NaiveTensor(shape) { index in
        var (source, part) = (index, 0)
        while source[operation.axis] >= inputs[part].shape[operation.axis] {
          source[operation.axis] -= inputs[part].shape[operation.axis]
          part += 1
        }
        return inputs[part][source]
      }
    case .slice(let operation):
      return NaiveTensor(shape) { index in
        inputs[0][index.indices.map { operation.starts[$0] + index[$0] * operation.strides[$0] }]
      }
    case .cast(let operation): return NaiveTensor(inputs[0].tensor(operation.dataType))
    default: preconditionFailure("the witness does not know \(node.operation.name)")
    }
  }
}
