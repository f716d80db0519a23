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

  public func makeStates(_ initial: [Tensor]) throws(KerasError) -> any StateStore {
    throw KerasError(.unsupported, "The naive backend carries states by hand.")
  }
}

struct NaiveProgram: Program {
  let graph: Graph

  func makeSession(on store: any StateStore, at positions: [Int]?) throws(KerasError) -> any ProgramSession {
    throw KerasError(.unsupported, "The naive backend carries states by hand.")
  }
  var plan: [String] { graph.nodes.map(\.operation.name) }

  func run(_ inputs: [Tensor]) throws(KerasError) -> [Tensor] {
    try checkInputs(inputs, for: graph)
    return zip(try graph.evaluated(on: inputs.map { NaiveTensor($0) }), graph.outputs).map { value, output in
      value.tensor(graph.spec(of: output).dataType)
    }
  }
}

extension Graph {
  /// The graph's outputs for its inputs, in double precision throughout.
  func evaluated(on inputs: [NaiveTensor]) throws(KerasError) -> [NaiveTensor] {
    var values: [Value: NaiveTensor] = [:]
    for (value, input) in zip(self.inputs, inputs) { values[value] = input }
    for (index, node) in nodes.enumerated() where values[Value(node: index)] == nil {
      for (output, result) in try evaluate(node, node.inputs.compactMap { values[$0] }).enumerated() {
        values[Value(node: index, output: output)] = result
      }
    }
    return outputs.compactMap { values[$0] }
  }

  private func evaluate(_ node: Node, _ inputs: [NaiveTensor]) throws(KerasError) -> [NaiveTensor] {
    switch node.operation {
    case .scan(let operation): return try scan(operation, inputs, node.outputs)
    case .recurrent(let operation): return recurrent(operation, inputs)
    case .recurrentGradient(let operation): return recurrentGradient(operation, inputs)
    case .sort(let operation): return sort(operation, inputs[0])
    case .gather(let operation):
      return [try gather(operation, inputs, node.outputs[0].shape.compactMap { $0 })]
    case .scatterAdd(let operation): return [try scatterAdd(operation, inputs, node.outputs[0])]
    default: return [evaluateOne(node, inputs)]
    }
  }

  private func evaluateOne(_ node: Node, _ inputs: [NaiveTensor]) -> NaiveTensor {
    let shape = node.outputs[0].shape.compactMap { $0 }
    let dataType = node.outputs[0].dataType
    switch node.operation {
    case .input, .scan, .recurrent, .recurrentGradient, .sort, .gather, .scatterAdd:
      preconditionFailure("computed elsewhere")
    case .constant(let constant): return NaiveTensor(constant.tensor)
    case .convolution(let operation): return convolution(operation, inputs, shape)
    case .transposedConvolution(let operation): return transposedConvolution(operation, inputs, shape)
    case .convolutionKernelGradient(let operation): return kernelGradient(operation, inputs, shape)
    case .matrixMultiply(let operation): return matrixMultiply(operation, inputs, shape)
    case .pooling(let operation): return pooling(operation, inputs[0], shape)
    case .poolingGradient(let operation): return poolingGradient(operation, inputs)
    case .poolingSelection(let operation): return poolingSelection(operation, inputs, shape)
    case .reduction(let operation): return reduction(operation, inputs[0], shape, dataType)
    case .unary(let operation): return NaiveTensor(shape) { apply(operation.function, inputs[0][$0]) }
    case .binary(let operation):
      return NaiveTensor(shape) {
        let result = apply(operation.function, inputs[0][broadcasting: $0], inputs[1][broadcasting: $0])
        return dataType.isFloatingPoint ? result : result.rounded(.towardZero)
      }
    case .compare(let operation):
      return NaiveTensor(shape) {
        holds(operation.function, inputs[0][broadcasting: $0], inputs[1][broadcasting: $0]) ? 1 : 0
      }
    case .select:
      return NaiveTensor(shape) { inputs[inputs[0][broadcasting: $0] != 0 ? 1 : 2][broadcasting: $0] }
    case .broadcast: return NaiveTensor(shape) { inputs[0][broadcasting: $0] }
    case .hash(let operation):
      return NaiveTensor(shape) { index in
        let integers = inputs.map { Int64($0[index]) }
        switch operation.function {
        case .digits(let buckets): return Double(buckets.bucket(of: integers[0]))
        case .crossed(let count):
          return Double(CrossedBuckets.bucket(of: integers.map { UInt64(bitPattern: $0) }, count: count))
        }
      }
    case .reverse(let operation):
      return NaiveTensor(shape) { index in
        inputs[0][index.indices.map { operation.axes.contains($0) ? shape[$0] - 1 - index[$0] : index[$0] }]
      }
    case .argumentReduction(let operation): return argumentReduction(operation, inputs[0], shape)
    case .searchSorted(let operation):
      return NaiveTensor(shape) { index in
        let value = inputs[1][index]
        return Double(inputs[0].elements.filter { operation.passesEqual ? $0 <= value : $0 < value }.count)
      }
    case .cumulative(let operation): return cumulative(operation, inputs[0])
    case .random(let operation): return random(operation, inputs[0], shape)
    case .standardize(let operation): return standardize(operation, inputs[0])
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
    // Between floats nothing is rounded: the witness stays exact.
    case .cast(let operation):
      return operation.dataType.isFloatingPoint
        ? inputs[0] : NaiveTensor(inputs[0].tensor(operation.dataType))
    }
  }
}
