import KerasGraph

extension Graph {
  /// The length of the first axis of every input, when they agree and there are at least two rows.
  var batchSize: Int? {
    let lengths = inputs.map { shape(of: $0).first ?? nil }
    guard let first = lengths.first, let size = first, size > 1, lengths.allSatisfy({ $0 == size }) else {
      return nil
    }
    return size
  }

  /// The same computation for another number of rows, or nil when it is not a computation row by row: when
  /// an operation mixes the rows of the batch, or a result has none.
  func forBatch(of size: Int) -> Graph? {
    guard stateCount == 0, let batch = batchSize, inputs.map(\.node) == inputs.map(\.node).sorted() else { return nil }
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
        values.append(builder.constant(constant.tensor, name: node.name))
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
      guard !rows.contains(true) || worksRowByRow(node, rows),
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

  /// Whether row i of the output needs no more than rows i of the inputs that have rows.
  private func worksRowByRow(_ node: Node, _ rows: [Bool]) -> Bool {
    let rank = node.outputs[0].shape.rank
    func isResidual(_ position: Int, of epilogue: Epilogue) -> Bool { position == epilogue.residualInput }
    switch node.operation {
    case .input, .constant, .unary, .cast, .reshape, .slice, .pooling, .poolingGradient, .poolingSelection:
      return rows.allSatisfy { $0 }
    case .convolution(let operation):
      return rows.indices.allSatisfy { rows[$0] == ($0 == 0 || isResidual($0, of: operation.epilogue)) }
    case .matrixMultiply(let operation):
      let isStack = rank > 2
      return rows[0] && (isStack || !operation.transposesFirst)
        && (rows[1] ? isStack && shape(of: node.inputs[1]).rank == rank : shape(of: node.inputs[1]).rank == 2)
        && rows.indices.dropFirst(2).allSatisfy { rows[$0] == isResidual($0, of: operation.epilogue) }
    case .binary, .compare, .select:
      return rows.indices.allSatisfy { position in
        let shape = shape(of: node.inputs[position])
        return rows[position] ? shape.rank == rank : shape.rank < rank || shape[0] == 1
      }
    case .batchNormalization: return rows == [true, false, false, false, false] && rank > 1
    case .reduction(let operation): return !operation.axes.contains(0)
    case .softmax(let operation): return operation.axis != 0
    case .transpose(let operation): return operation.permutation.first == 0
    case .pad(let operation): return operation.padding.first == AxisPadding.none
    case .concatenate(let operation): return operation.axis != 0 && rows.allSatisfy { $0 }
    case .standardize: return rank > 1
    case .reverse(let operation): return !operation.axes.contains(0)
    case .cumulative(let operation): return operation.axis != 0
    case .argumentReduction(let operation): return operation.axis != 0
    case .gather(let operation):
      return operation.kind == .slices && operation.axis == 0 && rows == [false, true]
    case .searchSorted: return rows == [false, true]
    case .hash: return rows.allSatisfy { $0 }
    case .transposedConvolution: return rows == [true, false]
    case .broadcast, .scatterAdd, .sort, .random, .convolutionKernelGradient, .scan, .recurrent,
      .recurrentGradient:
      return false
    }
  }
}
