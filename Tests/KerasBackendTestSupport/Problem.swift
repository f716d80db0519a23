import KerasGraph

/// A graph, what to run it on, and how exact an answer can be expected.
public struct Problem: Sendable {
  public let graph: Graph
  public let inputs: [Tensor]
  /// Of how many products or numbers the longest sum of the graph consists.
  public let summands: Int
  /// Which problem this is: with the generator's name, enough to make it again.
  public let label: String

  public init(_ graph: Graph, inputs: [Tensor], summands: Int, label: String) {
    self.graph = graph
    self.inputs = inputs
    self.summands = summands
    self.label = label
  }

  /// Problems number 0 to `count` − 1 of a generator.
  public static func samples(
    _ count: Int, seed: UInt64, of name: String,
    _ make: (inout RandomChoices, _ number: Int) throws(KerasError) -> OperationProblem
  ) throws(KerasError) -> [Problem] {
    var problems: [Problem] = []
    for number in 0..<count {
      var choices = RandomChoices(seed: seed, number: number)
      let made = try make(&choices, number)
      problems.append(try made.problem(&choices, label: "\(name), seed \(seed), number \(number)"))
    }
    return problems
  }
}

extension Problem {
  /// The same problem with numbers of another floating-point type in place of float32.
  public func stored(as type: DataType) throws(KerasError) -> Problem {
    let builder = GraphBuilder()
    var values: [Value: Value] = [:]
    for (index, node) in graph.nodes.enumerated() {
      let made: [Value]
      switch node.operation {
      case .input:
        let spec = node.outputs[0]
        made = [builder.input(TensorSpec(spec.shape, spec.dataType == .float32 ? type : spec.dataType))]
      case .constant(let constant): made = [builder.constant(constant.tensor.stored(as: type))]
      default: made = try builder.append(node.operation, node.inputs.compactMap { values[$0] })
      }
      for (output, value) in made.enumerated() { values[Value(node: index, output: output)] = value }
    }
    return Problem(
      builder.finish(returning: graph.outputs.compactMap { values[$0] }),
      inputs: inputs.map { $0.stored(as: type) }, summands: summands, label: "\(label), \(type)")
  }

  /// The rounding unit of the coarsest floating-point output.
  var epsilon: Double {
    let types = graph.outputs.map { graph.spec(of: $0).dataType }
    return types.contains(.bfloat16) ? 0x1p-7 : types.contains(.float16) ? 0x1p-10 : 0x1p-23
  }
}

extension Tensor {
  fileprivate func stored(as type: DataType) -> Tensor { dataType == .float32 ? converted(to: type) : self }
}

extension Problem: CustomStringConvertible {
  public var description: String { "\(label):\n\(graph)" }
}

/// One operation and the tensors it is tried on.
public struct OperationProblem {
  public struct Operand {
    var shape: [Int]
    var range: ClosedRange<Double>
    /// Integers are whole numbers of the range; truth values hold every other time.
    var dataType: DataType
    /// Whether floats are whole numbers too, so that equal ones occur.
    var isWhole: Bool
    /// Whether it is known when the graph is made, as weights are.
    var isConstant: Bool

    public init(
      _ shape: [Int], in range: ClosedRange<Double> = -1...1, _ dataType: DataType = .float32,
      isWhole: Bool = false, isConstant: Bool = false
    ) {
      self.shape = shape
      self.range = range
      self.dataType = dataType
      self.isWhole = isWhole
      self.isConstant = isConstant
    }

    func tensor(_ choices: inout RandomChoices) -> Tensor {
      if dataType == .bool { return choices.tensor(shape, in: -1...1, isWhole: true).converted(to: .bool) }
      let isWhole = isWhole || !dataType.isFloatingPoint
      return choices.tensor(shape, in: range, isWhole: isWhole).converted(to: dataType)
    }
  }

  var operation: Operation
  var operands: [Operand]
  var summands: Int

  public init(_ operation: Graph.Operation, _ operands: [Operand], summands: Int = 1) {
    self.operation = operation
    self.operands = operands
    self.summands = summands
  }

  func problem(_ choices: inout RandomChoices, label: String) throws(KerasError) -> Problem {
    let builder = GraphBuilder()
    var inputs: [Tensor] = []
    var values: [Value] = []
    for operand in operands {
      let tensor = operand.tensor(&choices)
      if operand.isConstant {
        values.append(builder.constant(tensor))
      } else {
        values.append(builder.input(tensor.spec))
        inputs.append(tensor)
      }
    }
    let outputs = try builder.append(operation, values)
    return Problem(builder.finish(returning: outputs), inputs: inputs, summands: summands, label: label)
  }
}
