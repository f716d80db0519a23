extension Graph {
  /// The length of the first axis of every input, when they agree and there are at least two rows.
  package var batchSize: Int? {
    let lengths = inputs.map { shape(of: $0).first ?? nil }
    guard let first = lengths.first, let size = first, size > 1, lengths.allSatisfy({ $0 == size }) else {
      return nil
    }
    return size
  }

  /// The same computation for another number of rows, or nil when it is not a computation row by row: when
  /// an operation mixes the rows of the batch, or a result has none (``OperationRule/worksRowByRow(_:)``).
  package func forBatch(of size: Int) -> Graph? {
    guard stateCount == 0, let batch = batchSize, inputs.map(\.node) == inputs.map(\.node).sorted() else {
      return nil
    }
    let builder = GraphBuilder()
    var values: [Value] = []
    var hasRows: [Bool] = []
    for node in nodes {
      let rows = node.inputs.map { hasRows[$0.node] }
      var operation = node.operation
      switch operation {
      case .input(let input):
        var spec = input.spec
        spec.shape[0] = size
        values.append(builder.input(spec, name: node.name))
        hasRows.append(true)
        continue
      case .constant(let constant):
        values.append(builder.constant(constant, name: node.name))
        hasRows.append(false)
        continue
      case .reshape(var reshape) where rows == [true]:
        guard reshape.lengths.first == batch || reshape.lengths.first == -1 else { return nil }
        reshape.lengths[0] = reshape.lengths[0] == -1 ? -1 : size
        operation = .reshape(reshape)
      case .slice(var slice) where rows == [true]:
        guard slice.starts.first == 0, slice.ends.first == batch, slice.strides.first == 1 else { return nil }
        slice.ends[0] = size
        operation = .slice(slice)
      default: break
      }
      let use = BatchUse(inputs: node.inputs.map(spec(of:)), output: node.outputs[0], hasRows: rows)
      guard !rows.contains(true) || node.operation.rule.worksRowByRow(use),
        let outputs = try? builder.append(operation, node.inputs.map { values[$0.node] }, name: node.name)
      else { return nil }
      var expected = node.outputs[0].shape
      if rows.contains(true) { expected[0] = size }
      guard outputs.count == 1, builder.shape(of: outputs[0]) == expected else { return nil }
      values.append(outputs[0])
      hasRows.append(rows.contains(true))
    }
    guard outputs.allSatisfy({ hasRows[$0.node] }) else { return nil }
    return builder.finish(returning: outputs.map { values[$0.node] })
  }
}

/// Which operands of a node hold a row for each sample of a batch.
public struct BatchUse: Sendable {
  public let inputs: [TensorSpec]
  public let output: TensorSpec
  /// For each input, whether its first axis is that of the batch; at least one is.
  public let hasRows: [Bool]

  public init(inputs: [TensorSpec], output: TensorSpec, hasRows: [Bool]) {
    self.inputs = inputs
    self.output = output
    self.hasRows = hasRows
  }

  var allHaveRows: Bool { hasRows.allSatisfy { $0 } }

  /// Whether an operation that broadcasts its inputs, element by element, keeps rows apart.
  var isElementwise: Bool {
    let rank = output.shape.rank
    return zip(inputs, hasRows).allSatisfy { input, hasRows in
      hasRows ? input.shape.rank == rank : input.shape.rank < rank || input.shape[0] == 1
    }
  }
}
