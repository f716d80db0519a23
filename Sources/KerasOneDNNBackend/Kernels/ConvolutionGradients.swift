import KerasGraph
import KerasKernels

extension GraphCompiler {
  mutating func compile(_ operation: TransposedConvolutionOperation) throws(KerasError) {
    if let plan = winogradPlan(for: operation) {
      return try compile("transposed convolution", plan)
    }
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
    let summary = "transposed convolution \(x.lengths) → \(y.lengths), weights \(weights.descriptor)"
    let upstream = Kernel.Operand(
      role: Role.destinationGradient, descriptor: try MemoryDescriptor(channelsLast: x.lengths, x.type),
      place: x.place)
    let result = Kernel.Operand(role: Role.sourceGradient, descriptor: image, place: y.place)
    if dividesBySize, primitive.isByMatrixProducts || primitive.isByBlocks {
      let portions = try gradientPortions(parts(of: x.lengths[0], multipleOf: 1)) {
        (compiler, range) throws(KerasError) in
        let part = try result.part(range, along: 0)
        guard
          let primitive = try compiler.convolutionGradient(
            of: .image, as: part.descriptor, image: [range.count] + y.lengths.dropFirst(), kernel,
            positions: [range.count] + x.lengths.dropFirst(), operation.window),
          primitive.weights.isSame(as: weights.descriptor)
        else { return nil }
        return Kernel.Portion(
          primitive: primitive, operands: [try upstream.part(range, along: 0), weights, part])
      }
      if let portions { return add(sideBySide: portions, summary: summary) }
    }
    add(primitive, summary: summary, operands: [upstream, weights, result])
  }

  /// A primitive for each part, made for one thread; nil where oneDNN has no good code for one.
  private func gradientPortions(
    _ ranges: [Range<Int>],
    _ make: (GraphCompiler, Range<Int>) throws(KerasError) -> Kernel.Portion?
  ) throws(KerasError) -> [Kernel.Portion]? {
    try Threads.using(1) { () throws(KerasError) in
      var portions: [Kernel.Portion] = []
      for range in ranges {
        guard let portion = try make(self, range) else { return nil }
        portions.append(portion)
      }
      return portions
    }
  }

  mutating func compile(_ operation: ConvolutionKernelGradientOperation) throws(KerasError) {
    if let plan = winogradPlan(for: operation) { return try compile(operation, with: plan) }
    let y = output
    let kernel = KernelShape(groups: operation.groups, y.lengths)
    guard
      let primitive = try convolutionGradient(
        of: .kernel, as: MemoryDescriptor(anyLayout: kernel.lengths, .float32), image: lengths(0), kernel,
        positions: lengths(1), operation.window)
    else { return try compilePlainly() }
    let (x, upstream) = (try operand(0, as: productType), try operand(1, as: productType))
    let stored = try MemoryDescriptor(kernel.lengths, strides: kernel.strides, .float32)
    if dividesBySize,
      try compileInParts(operation, kernel, x, upstream, layout: primitive.weights, stored: stored)
    {
      return
    }
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
    if !isAsStored { try addReorder(of: gradient, to: stored) }
  }

  /// Stores a gradient that lies as a primitive chose.
  private mutating func addReorder(
    of gradient: Kernel.Operand, to stored: MemoryDescriptor
  ) throws(KerasError) {
    add(
      try Primitive.reorder(from: gradient.descriptor, to: stored), summary: "from \(gradient.descriptor)",
      operands: [
        Kernel.Operand(role: Role.source, descriptor: gradient.descriptor, place: gradient.place),
        Kernel.Operand(role: Role.destination, descriptor: stored, place: output.place),
      ], part: Part(operation: "packing", byteCount: gradient.descriptor.byteCount + output.byteCount))
  }

  /// The gradient of a kernel, divided by its sizes: by samples, whose gradients are added up in their order, or where
  /// the kernel is larger than the images, by filters.
  ///
  /// - Returns: whether oneDNN has good code for the parts.
  private mutating func compileInParts(
    _ operation: ConvolutionKernelGradientOperation, _ kernel: KernelShape, _ x: Tensor, _ upstream: Tensor,
    layout: MemoryDescriptor, stored: MemoryDescriptor
  ) throws(KerasError) -> Bool {
    let wanted = partCount(atMost: 16)
    if operation.groups == 1, wanted > 1, output.elementCount > x.elementCount {
      return try compileByFilters(
        operation, kernel, x, upstream, stored: stored,
        parts(of: kernel.filtersPerGroup, multipleOf: 32, atMost: wanted))
    }
    // Below so many positions, writing a gradient and adding it to others takes too large a part of the time.
    let positions = upstream.lengths.dropLast().reduce(1, *)
    let samples = parts(
      of: x.lengths[0], multipleOf: 1, atMost: Self.powerOfTwo(upTo: min(wanted, positions / 512)))
    let byteCount = layout.byteCount
    let isAsStored = layout.isSame(as: stored)
    let mark = mark
    let sum = isAsStored ? output.place : scratch(byteCount)
    let partial = samples.count > 1 ? scratch(byteCount * samples.count) : sum
    let source = Kernel.Operand(
      role: Role.source, descriptor: try MemoryDescriptor(channelsLast: x.lengths, x.type), place: x.place)
    let destination = Kernel.Operand(
      role: Role.destinationGradient,
      descriptor: try MemoryDescriptor(channelsLast: upstream.lengths, upstream.type), place: upstream.place)
    let portions = try gradientPortions(samples) { (compiler, range) throws(KerasError) in
      guard
        let primitive = try compiler.convolutionGradient(
          of: .kernel, as: layout, image: [range.count] + x.lengths.dropFirst(), kernel,
          positions: [range.count] + upstream.lengths.dropFirst(), operation.window)
      else { return nil }
      let number = range.lowerBound / samples[0].count
      return Kernel.Portion(
        primitive: primitive,
        operands: [
          try source.part(range, along: 0), try destination.part(range, along: 0),
          Kernel.Operand(
            role: Role.weightsGradient, descriptor: layout, place: partial, offset: number * byteCount),
        ])
    }
    guard let portions else {
      takeBack(to: mark)
      return false
    }
    add(
      sideBySide: portions,
      summary: "kernel gradient \(x.lengths), \(upstream.lengths) → \(output.lengths)")
    if samples.count > 1 {
      let (count, length) = (samples.count, byteCount / 4)
      let parts = Tensor(place: partial, lengths: [count, length], type: .float32)
      addReduction(
        .sum, ReductionShape(of: 0..<1, in: parts.lengths), from: parts,
        to: Tensor(place: sum, lengths: [length], type: .float32),
        part: Part(operation: "reduction", byteCount: byteCount * (count + 1)), summary: "sum of \(count) parts")
    }
    if !isAsStored {
      try addReorder(
        of: Kernel.Operand(role: Role.weightsGradient, descriptor: layout, place: sum), to: stored)
    }
    return true
  }

  /// The gradient of a large kernel: each part has the filters of its own, whose upstream is copied together.
  private mutating func compileByFilters(
    _ operation: ConvolutionKernelGradientOperation, _ kernel: KernelShape, _ x: Tensor, _ upstream: Tensor,
    stored: MemoryDescriptor, _ ranges: [Range<Int>]
  ) throws(KerasError) -> Bool {
    let mark = mark
    let source = Kernel.Operand(
      role: Role.source, descriptor: try MemoryDescriptor(channelsLast: x.lengths, x.type), place: x.place)
    let whole = Kernel.Operand(
      role: Role.source, descriptor: try MemoryDescriptor(channelsLast: upstream.lengths, upstream.type),
      place: upstream.place)
    let target = Kernel.Operand(role: Role.destination, descriptor: stored, place: output.place)
    var portions: [Kernel.Portion] = []
    for range in ranges {
      let lengths = Array(upstream.lengths.dropLast()) + [range.count]
      let shape = kernel.withFilters(range.count)
      let primitive = try Threads.using(1) { () throws(KerasError) in
        try convolutionGradient(
          of: .kernel, as: MemoryDescriptor(anyLayout: shape.lengths, .float32), image: x.lengths, shape,
          positions: lengths, operation.window)
      }
      guard let primitive else {
        takeBack(to: mark)
        return false
      }
      let copy = try MemoryDescriptor(channelsLast: lengths, upstream.type)
      var place = upstream.place
      if ranges.count > 1 {
        place = scratch(copy.byteCount)
        let part = try whole.part(range, along: 1)
        add(
          try Primitive.reorder(from: part.descriptor, to: copy), summary: "filters \(range)",
          operands: [part, Kernel.Operand(role: Role.destination, descriptor: copy, place: place)],
          part: Part(operation: "packing", byteCount: 2 * copy.byteCount))
      }
      portions.append(
        Kernel.Portion(
          primitive: primitive,
          operands: [
            source,
            Kernel.Operand(role: Role.destinationGradient, descriptor: copy, place: place),
            Kernel.Operand(
              role: Role.weightsGradient, descriptor: primitive.weights,
              place: scratch(primitive.weights.byteCount)),
          ]))
    }
    add(
      sideBySide: portions,
      summary: "kernel gradient \(x.lengths), \(upstream.lengths) → \(output.lengths), by filters")
    for (range, portion) in zip(ranges, portions) {
      let (gradient, part) = (portion.operands[2], try target.part(range, along: 0))
      add(
        try Primitive.reorder(from: gradient.descriptor, to: part.descriptor),
        summary: "from \(gradient.descriptor)",
        operands: [
          Kernel.Operand(role: Role.source, descriptor: gradient.descriptor, place: gradient.place), part,
        ], part: Part(operation: "packing", byteCount: 2 * gradient.descriptor.byteCount))
    }
    return true
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
