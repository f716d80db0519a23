import KerasGraph
import KerasPlainKernels

extension GraphCompiler {
  mutating func compile(_ operation: ConvolutionOperation) throws(KerasError) {
    if let plan = winogradPlan(for: operation) {
      try compile("convolution", operation.epilogue, with: plan)
    } else if let plan = directPlan(for: operation) {
      try compile("convolution", operation.epilogue, with: plan)
    } else {
      try compileDirectly(operation)
    }
  }

  /// Has oneDNN add and multiply by other tensors itself where it does that right. Adding to what it overwrites is right
  /// nearly everywhere, but not over wide padding, where its depthwise code may even read where nothing is.
  private mutating func compileDirectly(_ operation: ConvolutionOperation) throws(KerasError) {
    let (mark, isUsual) = (mark, operation.window.hasUsualPadding)
    // Other tensors are added wrongly over wide padding, and over three axes in bfloat16.
    let readsOperands = isUsual && (operation.window.rank < 3 || productType == .float32)
    // Without AVX-512 those of 16 bits are, too.
    let isHalf = operation.epilogue.residualInput.map { input($0).type == .bfloat16 } ?? false
    if try compileDirectly(
      operation, readsOperands: readsOperands, copiesResidual: readsOperands && isHalf && cpu < .avx512)
    {
      return
    }
    takeBack(to: mark)
    _ = try compileDirectly(operation, readsOperands: false, copiesResidual: isUsual)
  }

  /// - Returns: whether the primitive that oneDNN has for it computes it right; else what was added is to be taken
  ///   back.
  private mutating func compileDirectly(
    _ operation: ConvolutionOperation, readsOperands: Bool, copiesResidual: Bool
  ) throws(KerasError) -> Bool {
    let y = output
    let x = try operand(0, as: productType)
    let kernel = KernelShape(groups: operation.groups, lengths(1))
    guard kernel.channelsPerGroup > 0 else { throw emptySum }
    let finish = try finish(
      operation.epilogue, packsWeights: constant(1) != nil, readsOperands: readsOperands,
      copiesResidual: copiesResidual
    ) { (lengths, type) throws(KerasError) in
      try MemoryDescriptor(channelsLast: lengths, type)
    }
    let source = try MemoryDescriptor(channelsLast: x.lengths, x.type)
    let destination = try MemoryDescriptor(channelsLast: y.lengths, y.type)
    let primitive = try Primitive.convolution(
      source: source, weights: MemoryDescriptor(anyLayout: kernel.lengths, productType),
      bias: finish.bias?.descriptor, destination: destination, window: operation.window, algorithm: .direct,
      postOperations: finish.postOperations)
    guard finish.operands.isEmpty || readsOperandsRight(primitive, kernel) else { return false }
    let weights = try packedWeights(
      for: primitive, stored: MemoryDescriptor(kernel.lengths, strides: kernel.strides, weightsType),
      scale: finish.weightScale, scaledAxes: kernel.filterAxes)
    if dividesBySize, primitive.isByMatrixProducts || primitive.isByBlocks {
      let mark = mark
      let isDone = try addProductInParts(
        parts(of: x.lengths[0], multipleOf: 1), summary: "convolution \(x.lengths) → \(y.lengths)",
        source: (Kernel.Operand(role: Role.source, descriptor: source, place: x.place), 0),
        weights: (weights, nil),
        destination: (Kernel.Operand(role: Role.destination, descriptor: destination, place: y.place), 0),
        output: y, finish
      ) { (source, weights, bias, destination, postOperations) throws(KerasError) in
        try Primitive.convolution(
          source: source, weights: weights, bias: bias, destination: destination, window: operation.window,
          algorithm: .direct, postOperations: postOperations)
      }
      if isDone { return true }
      takeBack(to: mark)
    }
    try addProduct(
      primitive, summary: "convolution \(x.lengths) → \(y.lengths)", source: (source, x), weights: weights,
      destination: (destination, y), finish)
    return true
  }

  /// Whether oneDNN's code adds and multiplies by other tensors right.
  ///
  /// Its convolution by matrix products (`gemm`), which it takes where nothing better fits (groups or channels that do
  /// not fill its vectors), adds tensors wrongly, and over three axes scales channels wrongly. Its depthwise one by
  /// blocks takes what is added to a single position for one vector of channels. That through windows of one position
  /// goes astray in bfloat16 where channels or filters do not fill vectors.
  private func readsOperandsRight(_ primitive: Primitive, _ kernel: KernelShape) -> Bool {
    if primitive.isByMatrixProducts || primitive.isDepthwiseByBlocks { return false }
    let fillsVectors = kernel.channelsPerGroup % 16 == 0 && kernel.filtersPerGroup % 16 == 0
    return fillsVectors || productType != .bfloat16 || !primitive.isThroughOnePosition
  }

  /// Adds a convolution or matrix product, and what its epilogue leaves to do.
  mutating func addProduct(
    _ primitive: Primitive, summary: String, source: (descriptor: MemoryDescriptor, tensor: Tensor),
    weights: Kernel.Operand, destination: (descriptor: MemoryDescriptor, tensor: Tensor), _ finish: Finish
  ) throws(KerasError) {
    try expectGoodCode(of: primitive)
    var operands = [
      Kernel.Operand(role: Role.source, descriptor: source.descriptor, place: source.tensor.place), weights,
      Kernel.Operand(
        role: Role.destination, descriptor: destination.descriptor, place: destination.tensor.place),
    ]
    if let (descriptor, place) = finish.bias {
      operands.append(Kernel.Operand(role: Role.bias, descriptor: descriptor, place: place))
    }
    add(
      primitive,
      summary: "\(summary), weights \(weights.descriptor)" + (finish.isInPlace ? ", residual in place" : ""),
      operands: operands + finish.operands)
    try addRemainder(finish, to: destination.tensor)
  }

  /// - Throws: `unsupported` when oneDNN has only its slow reference code for bfloat16: float32 is faster then.
  func expectGoodCode(of primitive: Primitive) throws(KerasError) {
    guard productType == .bfloat16, primitive.isReference else { return }
    throw KerasError(.unsupported, "oneDNN has only its reference code for a product of bfloat16 numbers.")
  }

  var emptySum: KerasError {
    KerasError(
      .unsupported,
      "The onednn backend does not compute sums of no products, found \(node.inputs.map(graph.spec(of:))).")
  }
}

/// A convolution's kernel `[window…, channels / groups, filters]` in oneDNN's order of axes:
/// `[groups, filters / groups, channels / groups, window…]`, the groups only when there are several.
struct KernelShape {
  let lengths: [Int]
  let strides: [Int]
  let channelsPerGroup: Int
  let filtersPerGroup: Int
  /// The axes of the filters, as a bit set.
  let filterAxes: Int32

  init(groups: Int, _ kernel: [Int]) {
    let rank = kernel.count - 2
    let (channels, filters) = (kernel[rank], kernel[rank + 1])
    let stored = rowMajorStrides(kernel)
    let spatial = Array(0..<rank)
    channelsPerGroup = channels
    filtersPerGroup = filters / groups
    filterAxes = groups == 1 ? 1 : 3
    lengths = (groups == 1 ? [] : [groups]) + [filters / groups, channels] + spatial.map { kernel[$0] }
    strides = (groups == 1 ? [] : [filters / groups]) + [1, stored[rank]] + spatial.map { stored[$0] }
  }

  /// The same with another number of filters, in one group.
  func withFilters(_ count: Int) -> KernelShape {
    KernelShape(groups: 1, lengths.dropFirst(2) + [channelsPerGroup, count])
  }
}

extension Window {
  /// Whether padding reaches at most half way into the window, as `same` padding does.
  var hasUsualPadding: Bool {
    padding.indices.allSatisfy { axis in max(padding[axis].before, padding[axis].after) <= extent(axis) / 2 }
  }
}
