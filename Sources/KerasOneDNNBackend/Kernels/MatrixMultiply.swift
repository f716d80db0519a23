import KerasGraph
import KerasPlainKernels

extension GraphCompiler {
  /// Layers multiply by one constant matrix, which can be packed: an inner product in oneDNN's words.
  mutating func compile(_ operation: MatrixMultiplyOperation) throws(KerasError) {
    guard graph.lengths(of: node.inputs[0]).last != 0, lengths(1).allSatisfy({ $0 > 0 }) else {
      throw emptySum
    }
    if lengths(1).count == 2, !operation.transposesFirst {
      try compileInnerProduct(operation)
    } else {
      let mark = mark
      if try compileMatrixProduct(operation, readsOperands: true) { return }
      takeBack(to: mark)
      _ = try compileMatrixProduct(operation, readsOperands: false)
    }
  }

  private mutating func compileInnerProduct(_ operation: MatrixMultiplyOperation) throws(KerasError) {
    if let plan = directPlan(for: operation) { return try compile("product", operation.epilogue, with: plan) }
    let mark = mark
    if dividesBySize, productType == .float32 {
      if try compileInParts(operation) { return }
      takeBack(to: mark)
    }
    let y = output
    let x = try operand(0, as: productType)
    let depth = x.lengths[x.lengths.count - 1]
    let columns = y.lengths[y.lengths.count - 1]
    let rows = y.elementCount / columns
    let finish = try finish(operation.epilogue, packsWeights: constant(1) != nil, copiesResidual: true) {
      (lengths, type) throws(KerasError) in
      try MemoryDescriptor(rowMajor: [lengths.dropLast().reduce(1, *), lengths[lengths.count - 1]], type)
    }
    let source = try MemoryDescriptor(rowMajor: [rows, depth], x.type)
    let destination = try MemoryDescriptor(rowMajor: [rows, columns], y.type)
    let strides = operation.transposesSecond ? [depth, 1] : [1, columns]
    let stored = try MemoryDescriptor([columns, depth], strides: strides, weightsType)
    // Packing pays when it is done once: weights that change in each run stay as they are.
    let staysPlain = constant(1) == nil && productType == .float32
    let primitive = try Primitive.innerProduct(
      source: source,
      weights: staysPlain ? stored : MemoryDescriptor(anyLayout: [columns, depth], productType),
      bias: finish.bias?.descriptor, destination: destination, postOperations: finish.postOperations)
    let weights = try packedWeights(
      for: primitive, stored: stored, scale: finish.weightScale, scaledAxes: 1)
    try addProduct(
      primitive, summary: "inner product \(rows)×\(depth)×\(columns)", source: (source, x), weights: weights,
      destination: (destination, y), finish)
  }

  /// The same, divided by its sizes: by columns or by rows.
  private mutating func compileInParts(_ operation: MatrixMultiplyOperation) throws(KerasError) -> Bool {
    let y = output
    let x = try operand(0, as: .float32)
    var w = try operand(1, as: .float32)
    let (depth, columns) = (x.lengths[x.lengths.count - 1], y.lengths[y.lengths.count - 1])
    let rows = y.elementCount / columns
    var transposesSecond = operation.transposesSecond
    // oneDNN reads a matrix down its columns where it lies; rows of some powers of two bytes then meet in the same few
    // lines of the cache. With many rows to multiply, transposing it first costs less.
    if !transposesSecond, columns % 128 == 0, rows >= 512 {
      w = try transposed(w, [columns, depth])
      transposesSecond = true
    }
    var finish = try finish(operation.epilogue, packsWeights: false, copiesResidual: true) {
      (lengths, type) throws(KerasError) in
      try MemoryDescriptor(rowMajor: [lengths.dropLast().reduce(1, *), lengths[lengths.count - 1]], type)
    }
    if let (_, place) = finish.bias {
      finish.bias = (try MemoryDescriptor(rowMajor: [1, columns], .float32), place)
    }
    let strides = transposesSecond ? [1, depth] : [columns, 1]
    let isByColumns = columns >= rows
    return try addProductInParts(
      isByColumns ? parts(of: columns, multipleOf: 64) : parts(ofRows: rows),
      summary: "product \(rows)×\(depth)×\(columns)",
      source: (
        Kernel.Operand(
          role: Role.source, descriptor: try MemoryDescriptor(rowMajor: [rows, depth], x.type), place: x.place
        ),
        isByColumns ? nil : 0
      ),
      weights: (
        Kernel.Operand(
          role: Role.weights, descriptor: try MemoryDescriptor([depth, columns], strides: strides, .float32),
          place: w.place), isByColumns ? 1 : nil
      ),
      destination: (
        Kernel.Operand(
          role: Role.destination, descriptor: try MemoryDescriptor(rowMajor: [rows, columns], y.type),
          place: y.place), isByColumns ? 1 : 0
      ), output: y, finish, Primitive.matrixProduct)
  }

  /// A matrix of another one's rows as columns, in scratch memory.
  private mutating func transposed(_ w: Tensor, _ lengths: [Int]) throws(KerasError) -> Tensor {
    let result = Tensor(place: scratch(w.byteCount), lengths: lengths, type: w.type)
    try addCopy(
      "transpose \(w.lengths)", lengths, from: w, strides: [1, lengths[0]], to: result,
      targetStrides: [lengths[1], 1])
    return result
  }

  /// Stacks of matrices, each found by its strides; axes in front of the matrices are joined where they can be.
  ///
  /// - Returns: false where oneDNN has only its reference code because it was to add other tensors.
  private mutating func compileMatrixProduct(
    _ operation: MatrixMultiplyOperation, readsOperands: Bool
  ) throws(KerasError) -> Bool {
    let y = output
    let a = try operand(0, as: productType)
    let b = try operand(1, as: productType)
    let (rows, columns) = (y.lengths[y.lengths.count - 2], y.lengths[y.lengths.count - 1])
    let depth = a.lengths[a.lengths.count - (operation.transposesFirst ? 2 : 1)]
    var strides = [
      views.strides(ofInput: 0, of: node, in: graph), views.strides(ofOutputOf: nodeIndex, in: graph),
    ]
    let isShared = b.lengths.count == 2
    let bStrides = views.strides(ofInput: 1, of: node, in: graph)
    if !isShared { strides.append(bStrides) }
    let matrices = strides.map { Array($0.suffix(2)) }
    let leading = Array(y.lengths.dropLast(2))
    var stack = try LoopNest(lengths: leading, strides: strides.map { Array($0.dropLast(2)) })
    // oneDNN knows split heads by their four axes.
    if views.areUsed(by: nodeIndex, in: graph) { stack = LoopNest(asTheyAre: leading, strides: strides) }
    func describe(_ tensor: Int, _ lengths: [Int], swapped: Bool, _ type: DataType) throws(KerasError)
      -> MemoryDescriptor
    {
      let own = swapped ? matrices[tensor].reversed() : matrices[tensor]
      return try MemoryDescriptor(stack.lengths + lengths, strides: stack.strides[tensor] + own, type)
    }
    let single = stack.lengths.map { _ in 1 }
    var finish = try finish(operation.epilogue, packsWeights: false, readsOperands: readsOperands) {
      (lengths, type) throws(KerasError) in
      try MemoryDescriptor(
        rowMajor: (lengths == y.lengths ? stack.lengths : single) + lengths.suffix(2), type)
    }
    if let (_, place) = finish.bias {
      finish.bias = (try MemoryDescriptor(rowMajor: single + [1, columns], .float32), place)
    }
    let source = try describe(0, [rows, depth], swapped: operation.transposesFirst, a.type)
    let destination = try describe(1, [rows, columns], swapped: false, y.type)
    let second: MemoryDescriptor
    if isShared {
      let own = operation.transposesSecond ? bStrides.reversed() : bStrides
      second = try MemoryDescriptor(
        single + [depth, columns], strides: single.map { _ in depth * columns } + own, b.type)
    } else {
      second = try describe(2, [depth, columns], swapped: operation.transposesSecond, b.type)
    }
    let count = stack.lengths.reduce(1, *)
    let summary = "matrix product \(count)×\(rows)×\(depth)×\(columns)"
    if dividesBySize, productType == .float32 {
      let mark = mark
      let (stacked, rowAxis) = (stack.lengths.first ?? 0, stack.lengths.count)
      // The axis of which there is most to take.
      let units = [stacked, (columns + 63) / 64, (rows + 31) / 32]
      let choice = units.indices.reduce(0) { units[$1] > units[$0] ? $1 : $0 }
      let ranges =
        switch choice {
        case 0: parts(of: stacked, multipleOf: 1)
        case 1: parts(of: columns, multipleOf: 64)
        default: parts(ofRows: rows)
        }
      let axis = [0, rowAxis + 1, rowAxis][choice]
      let isDone = try addProductInParts(
        ranges, summary: summary,
        source: (
          Kernel.Operand(role: Role.source, descriptor: source, place: a.place), choice == 1 ? nil : axis
        ),
        weights: (
          Kernel.Operand(role: Role.weights, descriptor: second, place: b.place),
          choice == 2 ? nil : axis
        ),
        destination: (
          Kernel.Operand(role: Role.destination, descriptor: destination, place: y.place), axis
        ), output: y, finish, Primitive.matrixProduct)
      if isDone { return true }
      takeBack(to: mark)
    }
    let primitive = try Primitive.matrixProduct(
      source: source, weights: second, bias: finish.bias?.descriptor, destination: destination,
      postOperations: finish.postOperations)
    if primitive.isReference, !finish.operands.isEmpty { return false }
    try addProduct(
      primitive, summary: summary, source: (source, a),
      weights: Kernel.Operand(role: Role.weights, descriptor: second, place: b.place),
      destination: (destination, y), finish)
    return true
  }
}
