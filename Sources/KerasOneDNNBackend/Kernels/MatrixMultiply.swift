import KerasGraph

extension GraphCompiler {
  /// Layers multiply by one constant matrix, which can be packed: an inner product in oneDNN's words.
  mutating func compile(_ operation: MatrixMultiplyOperation) throws(KerasError) {
    guard graph.lengths(of: node.inputs[0]).last != 0, lengths(1).allSatisfy({ $0 > 0 }) else {
      throw emptySum
    }
    if lengths(1).count == 2, !operation.transposesFirst {
      try compileInnerProduct(operation)
    } else {
      try compileMatrixProduct(operation)
    }
  }

  private mutating func compileInnerProduct(_ operation: MatrixMultiplyOperation) throws(KerasError) {
    let y = output
    let x = try operand(0, as: productType)
    let depth = x.lengths[x.lengths.count - 1]
    let columns = y.lengths[y.lengths.count - 1]
    let rows = y.elementCount / columns
    let finish = try finish(operation.epilogue, packsWeights: constant(1) != nil) {
      (lengths, type) throws(KerasError) in
      try MemoryDescriptor(rowMajor: [lengths.dropLast().reduce(1, *), lengths[lengths.count - 1]], type)
    }
    let source = try MemoryDescriptor(rowMajor: [rows, depth], x.type)
    let destination = try MemoryDescriptor(rowMajor: [rows, columns], y.type)
    let primitive = try Primitive.innerProduct(
      source: source, weights: MemoryDescriptor(anyLayout: [columns, depth], productType),
      bias: finish.bias?.descriptor, destination: destination, postOperations: finish.postOperations)
    let strides = operation.transposesSecond ? [depth, 1] : [1, columns]
    let weights = try packedWeights(
      for: primitive, stored: MemoryDescriptor([columns, depth], strides: strides, .float32),
      scale: finish.weightScale, scaledAxes: 1)
    try addProduct(
      primitive, summary: "inner product \(rows)×\(depth)×\(columns)", source: (source, x), weights: weights,
      destination: (destination, y), finish)
  }

  /// Stacks of matrices, seen as tensors of rank 3.
  private mutating func compileMatrixProduct(_ operation: MatrixMultiplyOperation) throws(KerasError) {
    let y = output
    let a = try operand(0, as: productType)
    let b = try operand(1, as: productType)
    let (rows, columns) = (y.lengths[y.lengths.count - 2], y.lengths[y.lengths.count - 1])
    let batch = y.elementCount / (rows * columns)
    let depth = a.elementCount / (batch * rows)
    let bBatch = b.elementCount / (depth * columns)
    func describe(_ lengths: [Int], _ type: DataType) throws(KerasError) -> MemoryDescriptor {
      try MemoryDescriptor(rowMajor: [lengths.dropLast(2).reduce(1, *)] + lengths.suffix(2), type)
    }
    var finish = try finish(operation.epilogue, packsWeights: false, describe: describe)
    if let (_, place) = finish.bias {
      finish.bias = (try MemoryDescriptor(rowMajor: [1, 1, columns], .float32), place)
    }
    let aStrides = operation.transposesFirst ? [1, rows] : [depth, 1]
    let bStrides = operation.transposesSecond ? [1, depth] : [columns, 1]
    let source = try MemoryDescriptor([batch, rows, depth], strides: [rows * depth] + aStrides, a.type)
    let second = try MemoryDescriptor(
      [bBatch, depth, columns], strides: [depth * columns] + bStrides, b.type)
    let destination = try MemoryDescriptor(rowMajor: [batch, rows, columns], y.type)
    let primitive = try Primitive.matrixProduct(
      source: source, weights: second, bias: finish.bias?.descriptor, destination: destination,
      postOperations: finish.postOperations)
    try addProduct(
      primitive, summary: "matrix product \(batch)×\(rows)×\(depth)×\(columns)", source: (source, a),
      weights: Kernel.Operand(role: Role.weights, descriptor: second, place: b.place),
      destination: (destination, y),
      finish)
  }
}
