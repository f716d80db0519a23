import KerasGraph

extension GraphCompiler {
  mutating func compile(_ operation: TransposedConvolutionOperation) throws(KerasError) {
    let kernel = KernelShape(groups: operation.groups, lengths(1))
    let y = output
    let image = try MemoryDescriptor(channelsLast: y.lengths, y.type)
    guard
      let primitive = try convolutionGradient(
        of: .image, as: image, image: y.lengths, kernel, positions: lengths(0), operation.window)
    else { return try compilePlainly() }
    let x = try operand(0, as: productType)
    let weights = try packedWeights(
      for: primitive, stored: MemoryDescriptor(kernel.lengths, strides: kernel.strides, weightsType))
    add(
      primitive, summary: "transposed convolution \(x.lengths) → \(y.lengths), weights \(weights.descriptor)",
      operands: [
        Kernel.Operand(
          role: Role.destinationGradient, descriptor: try MemoryDescriptor(channelsLast: x.lengths, x.type),
          place: x.place), weights,
        Kernel.Operand(role: Role.sourceGradient, descriptor: image, place: y.place),
      ])
  }

  mutating func compile(_ operation: ConvolutionKernelGradientOperation) throws(KerasError) {
    let y = output
    let kernel = KernelShape(groups: operation.groups, y.lengths)
    guard
      let primitive = try convolutionGradient(
        of: .kernel, as: MemoryDescriptor(anyLayout: kernel.lengths, .float32), image: lengths(0), kernel,
        positions: lengths(1), operation.window)
    else { return try compilePlainly() }
    let (x, upstream) = (try operand(0, as: productType), try operand(1, as: productType))
    let stored = try MemoryDescriptor(kernel.lengths, strides: kernel.strides, .float32)
    let isAsStored = primitive.weights.isSame(as: stored)
    let gradient = Kernel.Operand(
      role: Role.weightsGradient, descriptor: primitive.weights,
      place: isAsStored ? y.place : scratch(primitive.weights.byteCount))
    add(
      primitive, summary: "kernel gradient \(x.lengths), \(upstream.lengths) → \(y.lengths)",
      operands: [
        Kernel.Operand(
          role: Role.source, descriptor: try MemoryDescriptor(channelsLast: x.lengths, x.type),
          place: x.place),
        Kernel.Operand(
          role: Role.destinationGradient,
          descriptor: try MemoryDescriptor(channelsLast: upstream.lengths, upstream.type),
          place: upstream.place), gradient,
      ])
    guard !isAsStored else { return }
    add(
      try Primitive.reorder(from: primitive.weights, to: stored), summary: "from \(primitive.weights)",
      operands: [
        Kernel.Operand(role: Role.source, descriptor: primitive.weights, place: gradient.place),
        Kernel.Operand(role: Role.destination, descriptor: stored, place: y.place),
      ], part: Part(operation: "packing", byteCount: primitive.weights.byteCount + y.byteCount))
  }

  /// Nil where the shared kernels do better: oneDNN has only its reference code for some gradients.
  private func convolutionGradient(
    of part: Primitive.ConvolutionGradient, as gradient: MemoryDescriptor, image: [Int],
    _ kernel: KernelShape,
    positions: [Int], _ window: Window
  ) throws(KerasError) -> Primitive? {
    guard !(image + positions + kernel.lengths).contains(0) else { return nil }
    // What it gives for a place of the kernel that meets nothing but padding is whatever lay there before (seen with
    // AMX and bfloat16).
    guard part == .image || !window.hasIdlePlaces(over: image, positions: positions) else { return nil }
    let primitive = try Primitive.convolutionGradient(
      of: part, as: gradient, source: MemoryDescriptor(channelsLast: image, productType),
      weights: MemoryDescriptor(anyLayout: kernel.lengths, productType),
      destination: MemoryDescriptor(channelsLast: positions, productType), window: window)
    try expectGoodCode(of: primitive)
    guard part == .image || !primitive.skipsPositionsBadly(kernel, window) else { return nil }
    return primitive.isReference ? nil : primitive
  }
}

extension Primitive {
  /// Whether it is oneDNN 2.6's code for kernels of one place that skip positions, which is wrong where the channels do
  /// not fill its vectors: other gradients at each run, or no end (seen with AVX2).
  fileprivate func skipsPositionsBadly(_ kernel: KernelShape, _ window: Window) -> Bool {
    implementation.hasPrefix("jit_1x1") && window.strides.contains { $0 > 1 }
      && !(kernel.channelsPerGroup.isMultiple(of: 16) && kernel.filtersPerGroup.isMultiple(of: 16))
  }
}

extension Window {
  /// Whether some place of the window lies on padding wherever the window stands.
  ///
  /// - Parameters: lengths with the batch first and the channels last.
  fileprivate func hasIdlePlaces(over image: [Int], positions: [Int]) -> Bool {
    (0..<rank).contains { axis in
      (0..<size[axis]).contains { place in
        !(0..<positions[axis + 1]).contains { position in
          let met = position * strides[axis] + place * dilations[axis] - padding[axis].before
          return (0..<image[axis + 1]).contains(met)
        }
      }
    }
  }
}
