import KerasGraph

extension GraphCompiler {
  mutating func compile(_ operation: TransposedConvolutionOperation) throws(KerasError) {
    let (x, kernel) = (try operand(0, as: .float32), KernelShape(groups: operation.groups, lengths(1)))
    let y = output
    guard
      let primitive = try convolutionGradient(
        of: .image, image: y.lengths, kernel, positions: x.lengths, operation.window)
    else { return try compilePlainly() }
    let weights = try packedWeights(
      for: primitive, stored: MemoryDescriptor(kernel.lengths, strides: kernel.strides, .float32))
    add(
      primitive, summary: "transposed convolution \(x.lengths) → \(y.lengths), weights \(weights.descriptor)",
      operands: [
        Kernel.Operand(
          role: Role.destinationGradient, descriptor: try MemoryDescriptor(channelsLast: x.lengths, .float32),
          place: x.place), weights,
        Kernel.Operand(
          role: Role.sourceGradient, descriptor: try MemoryDescriptor(channelsLast: y.lengths, .float32),
          place: y.place),
      ])
  }

  mutating func compile(_ operation: ConvolutionKernelGradientOperation) throws(KerasError) {
    let (x, upstream) = (try operand(0, as: .float32), try operand(1, as: .float32))
    let y = output
    let kernel = KernelShape(groups: operation.groups, y.lengths)
    guard
      let primitive = try convolutionGradient(
        of: .kernel, image: x.lengths, kernel, positions: upstream.lengths, operation.window)
    else { return try compilePlainly() }
    let stored = try MemoryDescriptor(kernel.lengths, strides: kernel.strides, .float32)
    let isAsStored = primitive.weights.isSame(as: stored)
    let gradient = Kernel.Operand(
      role: Role.weightsGradient, descriptor: primitive.weights,
      place: isAsStored ? y.place : scratch(primitive.weights.byteCount))
    add(
      primitive, summary: "kernel gradient \(x.lengths), \(upstream.lengths) → \(y.lengths)",
      operands: [
        Kernel.Operand(
          role: Role.source, descriptor: try MemoryDescriptor(channelsLast: x.lengths, .float32),
          place: x.place),
        Kernel.Operand(
          role: Role.destinationGradient,
          descriptor: try MemoryDescriptor(channelsLast: upstream.lengths, .float32),
          place: upstream.place), gradient,
      ])
    guard !isAsStored else { return }
    add(
      try Primitive.reorder(from: primitive.weights, to: stored), summary: "from \(primitive.weights)",
      operands: [
        Kernel.Operand(role: Role.source, descriptor: primitive.weights, place: gradient.place),
        Kernel.Operand(role: Role.destination, descriptor: stored, place: y.place),
      ])
  }

  /// Nil where the shared kernels do better: oneDNN has only its reference code for some gradients.
  private func convolutionGradient(
    of part: Primitive.ConvolutionGradient, image: [Int], _ kernel: KernelShape, positions: [Int],
    _ window: Window
  ) throws(KerasError) -> Primitive? {
    guard node.outputs[0].dataType == .float32, !(image + positions + kernel.lengths).contains(0) else {
      return nil
    }
    // Without AVX-512 oneDNN 2.6 gets some gradients of kernels wrong.
    guard part == .image || Engine.hasAVX512 else { return nil }
    let primitive = try Primitive.convolutionGradient(
      of: part, source: MemoryDescriptor(channelsLast: image, .float32),
      weights: MemoryDescriptor(anyLayout: kernel.lengths, .float32),
      destination: MemoryDescriptor(channelsLast: positions, .float32), window: window)
    return primitive.implementation.hasPrefix("ref") ? nil : primitive
  }
}
