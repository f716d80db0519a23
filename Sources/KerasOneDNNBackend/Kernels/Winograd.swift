import KerasGraph
import KerasKernels

extension GraphCompiler {
  /// Whether Winograd's algorithm is allowed and faster: 3×3 windows with stride 1, in float32, over enough
  /// channels and at least 48 tiles of 4×4 results (below that the transforms cost more than they save).
  ///
  /// Only for ``Purpose/throughput``: weights are packed in four times the bytes, and not as fast. Results
  /// differ from the direct method's by up to about 1e-5 of the largest.
  func winogradPlan(for operation: ConvolutionOperation) -> kk_winograd_plan? {
    let (image, result, window) = (lengths(0), output.lengths, operation.window)
    guard options.purpose == .throughput, productType == .float32, constant(1) != nil,
      operation.epilogue.scaleInput.map({ constant($0) != nil }) ?? true,
      operation.suitsWinograd(image: image, result: result)
    else { return nil }
    var (low, high) = (-Float.infinity, Float.infinity)
    switch operation.epilogue.activation {
    case .relu: low = 0
    case .clip(let least, let most) where least <= most: (low, high) = (least, most)
    default: break
    }
    var plan = kk_winograd_plan()
    (plan.batch, plan.height, plan.width, plan.channels) = (image[0], image[1], image[2], image[3])
    (plan.out_height, plan.out_width, plan.filters) = (result[1], result[2], result[3])
    (plan.top, plan.left) = (window.padding[0].before, window.padding[1].before)
    (plan.low, plan.high) = (low, high)
    return withUnsafePointer(to: plan) { kk_winograd_suits($0) } ? plan : nil
  }

  mutating func compile(_ operation: ConvolutionOperation, with plan: kk_winograd_plan) throws(KerasError) {
    let epilogue = operation.epilogue
    let (x, y) = (try operand(0, as: .float32), output)
    let packed = try packedWeights(for: plan, scale: epilogue.scaleInput.flatMap(constant))
    let scratch = scratch(withUnsafePointer(to: plan) { kk_winograd_scratch_count($0, Int32(threads)) } * 4)
    var places = [x.place, .constant(packed), y.place, scratch]
    let bias = epilogue.biasInput == nil ? nil : places.count
    if let position = epilogue.biasInput { places.append(try operand(position, as: .float32).place) }
    let residual = epilogue.residualInput == nil ? nil : places.count
    if let position = epilogue.residualInput { places.append(try operand(position, as: .float32).place) }
    let isInPlace = epilogue.residualInput.map(overwrites) ?? false
    add(
      "winograd convolution \(x.lengths) → \(y.lengths)" + (isInPlace ? ", residual in place" : ""),
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
    switch epilogue.activation {
    case nil, .relu: break
    case .clip(let low, let high) where low <= high: break
    case .some(let function): addUnary(function, from: y, to: y)
    }
  }

  private func packedWeights(
    for plan: kk_winograd_plan, scale: KerasCore.Tensor?
  ) throws(KerasError) -> ConstantMemory {
    let scales: [Float]? = scale.map { $0.scalars() }
    guard let kernel = constant(1)?.converted(to: .float32),
      let key = kept(1, as: .winograd(scale: scales?.map(\.bitPattern)))
    else {
      throw KerasError(.unsupported, "Winograd's algorithm packs constant kernels only.")
    }
    let count = withUnsafePointer(to: plan) { kk_winograd_weight_count($0) }
    return allocator.memory(for: key, byteCount: count * 4) { address in
      let target = address.assumingMemoryBound(to: Float.self)
      withUnsafePointer(to: plan) { plan in
        kernel.withUnsafeScalars(of: Float.self) { kernel in
          guard let kernel = kernel.baseAddress else { return }
          if let scales {
            kk_winograd_pack(plan, kernel, scales, target)
          } else {
            kk_winograd_pack(plan, kernel, nil, target)
          }
        }
      }
    }
  }
}

extension ConvolutionOperation {
  /// Whether Winograd's algorithm computes this, and faster.
  func suitsWinograd(image: [Int], result: [Int]) -> Bool {
    guard window.size == [3, 3], window.strides == [1, 1], window.dilations == [1, 1], groups == 1 else {
      return false
    }
    let tiles = result[0] * ((result[1] + 3) / 4) * ((result[2] + 3) / 4)
    return image[3] >= 32 && result[3] >= 32 && tiles >= 48
  }

  /// The bytes of the kernel as Winograd's algorithm packs it in float32; nil where this CPU computes otherwise.
  func winogradByteCount(image: [Int], result: [Int]) -> Int? {
    guard suitsWinograd(image: image, result: result) else { return nil }
    var plan = kk_winograd_plan()
    (plan.channels, plan.filters) = (image[3], result[3])
    return withUnsafePointer(to: plan) { kk_winograd_suits($0) ? kk_winograd_weight_count($0) * 4 : nil }
  }
}
