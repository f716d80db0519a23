import KerasGraph
import KerasKernels

extension GraphCompiler {
  /// Whether Winograd's algorithm is allowed and faster: 3×3 windows with stride 1, in float32, over enough
  /// channels for the CPU's vectors and at least 48 tiles of 4×4 results (below that the transforms cost more than they save).
  ///
  /// Only for ``Purpose/throughput``: weights are packed in four times the bytes, and not as fast. Results
  /// differ from the direct method's by up to about 1e-5 of the largest.
  func winogradPlan(for operation: ConvolutionOperation) -> kk_winograd_plan? {
    guard canPack(operation.epilogue), var plan = winogradPlan(operation.window, operation.groups) else {
      return nil
    }
    (plan.low, plan.high) = bounds(of: operation.epilogue)
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
}

extension kk_winograd_plan: PackedConvolution {
  static let name = "winograd"
  var weightCount: Int { withUnsafePointer(to: self) { kk_winograd_weight_count($0) } }

  func scratchCount(threads: Int) -> Int {
    withUnsafePointer(to: self) { kk_winograd_scratch_count($0, Int32(threads)) }
  }

  func form(scale: [UInt32]?) -> KeptConstant.Form { .winograd(scale: scale, isTransposed: is_transposed) }

  func pack(
    _ kernel: UnsafePointer<Float>, scale: UnsafePointer<Float>?, to packed: UnsafeMutablePointer<Float>
  ) {
    withUnsafePointer(to: self) { kk_winograd_pack($0, kernel, scale, packed) }
  }

  func run(
    _ x: UnsafePointer<Float>, _ packed: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    residual: UnsafePointer<Float>?, to y: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>
  ) {
    withUnsafePointer(to: self) { kk_winograd($0, x, packed, bias, residual, y, scratch) }
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
