import KerasGraph
import KerasKernels

extension GraphCompiler {
  /// Whether Winograd's algorithm is allowed and faster: 3×3 windows with stride 1, in float32, over enough
  /// channels for the CPU's vectors and at least 48 tiles of 4×4 results (below that the transforms cost more than they save).
  ///
  /// Only for ``Purpose/throughput``: weights are packed in four times the bytes, and not as fast. Results
  /// differ from the direct method's by up to about 1e-5 of the largest.
  func winogradPlan(for operation: ConvolutionOperation) -> kk_winograd_plan? {
    let epilogue = operation.epilogue
    guard epilogue.scaleInput.map({ constant($0) != nil }) ?? true,
      var plan = winogradPlan(operation.window, operation.groups)
    else { return nil }
    switch epilogue.activation {
    case .relu: plan.low = 0
    case .clip(let least, let most) where least <= most: (plan.low, plan.high) = (least, most)
    default: break
    }
    return plan
  }

  /// The same for the gradient of a convolution by its images: a convolution with the kernel turned around.
  func winogradPlan(for operation: TransposedConvolutionOperation) -> kk_winograd_plan? {
    var window = operation.window
    window.padding = window.padding.map { AxisPadding(2 - $0.before, 2 - $0.after) }
    guard window.padding.allSatisfy({ $0.before >= 0 && $0.after >= 0 }),
      var plan = winogradPlan(window, operation.groups)
    else { return nil }
    plan.is_transposed = true
    return plan
  }

  /// The same for the gradient of a convolution by its kernel.
  func winogradPlan(for operation: ConvolutionKernelGradientOperation) -> kk_winograd_plan? {
    winogradPlan(operation.window, operation.groups, image: lengths(0), result: lengths(1))
  }

  private func winogradPlan(_ window: Window, _ groups: Int) -> kk_winograd_plan? {
    winogradPlan(window, groups, image: lengths(0), result: output.lengths)
  }

  private func winogradPlan(
    _ window: Window, _ groups: Int, image: [Int], result: [Int]
  ) -> kk_winograd_plan? {
    guard options.purpose == .throughput, productType == .float32,
      window.suitsWinograd(image: image, result: result, groups: groups)
    else { return nil }
    var plan = kk_winograd_plan()
    (plan.batch, plan.height, plan.width, plan.channels) = (image[0], image[1], image[2], image[3])
    (plan.out_height, plan.out_width, plan.filters) = (result[1], result[2], result[3])
    (plan.top, plan.left) = (window.padding[0].before, window.padding[1].before)
    (plan.low, plan.high) = (-Float.infinity, Float.infinity)
    return withUnsafePointer(to: plan) { kk_winograd_suits($0) } ? plan : nil
  }

  mutating func compile(
    _ operation: ConvolutionKernelGradientOperation, with plan: kk_winograd_plan
  ) throws(KerasError) {
    let (x, upstream, y) = (try operand(0, as: .float32), try operand(1, as: .float32), output)
    let count = withUnsafePointer(to: plan) { kk_winograd_gradient_scratch_count($0, Int32(threads)) }
    add(
      "winograd kernel gradient \(x.lengths), \(upstream.lengths) → \(y.lengths)",
      places: [x.place, upstream.place, y.place, scratch(count * 4)]
    ) { operands in
      func numbers(_ index: Int) -> UnsafeMutablePointer<Float> {
        operands[index].assumingMemoryBound(to: Float.self)
      }
      withUnsafePointer(to: plan) {
        kk_winograd_gradient($0, numbers(0), numbers(1), numbers(2), numbers(3))
      }
    }
  }

  mutating func compile(_ operation: ConvolutionOperation, with plan: kk_winograd_plan) throws(KerasError) {
    let epilogue = operation.epilogue
    try compile(
      "convolution", plan, scale: epilogue.scaleInput.flatMap(constant), biasInput: epilogue.biasInput,
      residualInput: epilogue.residualInput)
    switch epilogue.activation {
    case nil, .relu: break
    case .clip(let low, let high) where low <= high: break
    case .some(let function): addUnary(function, from: output, to: output)
    }
  }

  mutating func compile(
    _ name: String, _ plan: kk_winograd_plan, scale: KerasCore.Tensor? = nil, biasInput: Int? = nil,
    residualInput: Int? = nil
  ) throws(KerasError) {
    let (x, y) = (try operand(0, as: .float32), output)
    let packed = try packedWeights(for: plan, scale: scale)
    let scratch = scratch(withUnsafePointer(to: plan) { kk_winograd_scratch_count($0, Int32(threads)) } * 4)
    var places = [x.place, packed, y.place, scratch]
    let bias = biasInput == nil ? nil : places.count
    if let biasInput { places.append(try operand(biasInput, as: .float32).place) }
    let residual = residualInput == nil ? nil : places.count
    if let residualInput { places.append(try operand(residualInput, as: .float32).place) }
    let isInPlace = residualInput.map(overwrites) ?? false
    add(
      "winograd \(name) \(x.lengths) → \(y.lengths)" + (isInPlace ? ", residual in place" : ""),
      places: places
    ) { operands in
      func numbers(_ index: Int) -> UnsafeMutablePointer<Float> {
        operands[index].assumingMemoryBound(to: Float.self)
      }
      withUnsafePointer(to: plan) {
        kk_winograd(
          $0, numbers(0), numbers(1), bias.map(numbers), residual.map(numbers), numbers(2), numbers(3))
      }
    }
  }

  /// The weights, packed now when they are a constant, else in each run.
  private mutating func packedWeights(
    for plan: kk_winograd_plan, scale: KerasCore.Tensor?
  ) throws(KerasError) -> Place {
    let scales: [Float]? = scale.map { $0.scalars() }
    let byteCount = withUnsafePointer(to: plan) { kk_winograd_weight_count($0) } * 4
    @Sendable func pack(_ kernel: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>) {
      withUnsafePointer(to: plan) { plan in
        if let scales {
          kk_winograd_pack(plan, kernel, scales, target)
        } else {
          kk_winograd_pack(plan, kernel, nil, target)
        }
      }
    }
    let form = KeptConstant.Form.winograd(
      scale: scales?.map(\.bitPattern), isTransposed: plan.is_transposed)
    if let kernel = constant(1)?.converted(to: .float32), let key = kept(1, as: form) {
      return .constant(
        allocator.memory(for: key, byteCount: byteCount) { address in
          let target = address.assumingMemoryBound(to: Float.self)
          kernel.withUnsafeScalars(of: Float.self) { kernel in
            if let kernel = kernel.baseAddress { pack(kernel, target) }
          }
        })
    }
    let weights = try operand(1, as: .float32)
    let packed = scratch(byteCount)
    add(
      "winograd weights", places: [weights.place, packed],
      part: Part(operation: "packing", byteCount: weights.byteCount + byteCount)
    ) { operands in
      pack(
        operands[0].assumingMemoryBound(to: Float.self), operands[1].assumingMemoryBound(to: Float.self))
    }
    return packed
  }
}

extension Window {
  /// Whether Winograd's algorithm computes a convolution over it, and faster.
  func suitsWinograd(image: [Int], result: [Int], groups: Int) -> Bool {
    guard size == [3, 3], strides == [1, 1], dilations == [1, 1], groups == 1 else { return false }
    let tiles = result[0] * ((result[1] + 3) / 4) * ((result[2] + 3) / 4)
    return tiles >= 48
  }
}

extension ConvolutionOperation {
  /// Whether Winograd's algorithm computes this on this CPU, and faster.
  func usesWinograd(image: [Int], result: [Int]) -> Bool {
    winogradByteCount(image: image, result: result) != nil
  }

  /// The bytes of the kernel as Winograd's algorithm packs it in float32; nil where this CPU computes otherwise.
  func winogradByteCount(image: [Int], result: [Int]) -> Int? {
    guard window.suitsWinograd(image: image, result: result, groups: groups) else { return nil }
    var plan = kk_winograd_plan()
    (plan.channels, plan.filters) = (image[3], result[3])
    return withUnsafePointer(to: plan) { kk_winograd_suits($0) ? kk_winograd_weight_count($0) * 4 : nil }
  }
}
