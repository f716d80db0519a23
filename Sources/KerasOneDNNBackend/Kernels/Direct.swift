import KerasGraph
import KerasKernels

extension GraphCompiler {
  /// Whether our own direct code is faster than oneDNN's: without AVX-512, in float32.
  ///
  /// Only for ``Purpose/throughput``, as weights are packed.
  func directPlan(for operation: ConvolutionOperation) -> kk_direct_plan? {
    let (window, image, result) = (operation.window, lengths(0), output.lengths)
    guard options.purpose == .throughput, productType == .float32, canPack(operation.epilogue), window.rank == 2,
      constant(1) != nil,
      operation.groups == 1, window.dilations == [1, 1], !result.contains(0), image[3] > 0
    else { return nil }
    var plan = kk_direct_plan()
    (plan.batch, plan.height, plan.width, plan.channels) = (image[0], image[1], image[2], image[3])
    (plan.out_height, plan.out_width, plan.filters) = (result[1], result[2], result[3])
    plan.window = (window.size[0], window.size[1])
    plan.strides = (window.strides[0], window.strides[1])
    (plan.top, plan.left) = (window.padding[0].before, window.padding[1].before)
    (plan.low, plan.high) = bounds(of: operation.epilogue)
    return withUnsafePointer(to: plan) { kk_direct_suits($0) } ? plan : nil
  }

  /// The same for a product with one matrix.
  func directPlan(for operation: MatrixMultiplyOperation) -> kk_direct_plan? {
    let result = output.lengths
    guard options.purpose == .throughput, productType == .float32, canPack(operation.epilogue),
      !operation.transposesFirst, lengths(1).count == 2, let columns = result.last, let depth = lengths(0).last,
      !result.contains(0), depth > 0, constant(1) != nil, output.elementCount / columns >= 12
    else { return nil }
    var plan = kk_direct_plan()
    plan.batch = 1
    (plan.height, plan.out_height) = (1, 1)
    (plan.width, plan.out_width) = (output.elementCount / columns, output.elementCount / columns)
    (plan.channels, plan.filters) = (depth, columns)
    (plan.window, plan.strides) = ((1, 1), (1, 1))
    plan.is_transposed = operation.transposesSecond
    (plan.low, plan.high) = bounds(of: operation.epilogue)
    return withUnsafePointer(to: plan) { kk_direct_suits($0) } ? plan : nil
  }
}

extension kk_direct_plan: PackedConvolution {
  static let name = "direct"
  var weightCount: Int { withUnsafePointer(to: self) { kk_direct_weight_count($0) } }

  func scratchCount(threads: Int) -> Int {
    withUnsafePointer(to: self) { kk_direct_scratch_count($0, Int32(threads)) }
  }

  func form(scale: [UInt32]?) -> KeptConstant.Form { .direct(scale: scale, isTransposed: is_transposed) }

  func pack(_ kernel: UnsafePointer<Float>, scale: UnsafePointer<Float>?, to packed: UnsafeMutablePointer<Float>) {
    withUnsafePointer(to: self) { kk_direct_pack($0, kernel, scale, packed) }
  }

  func run(
    _ x: UnsafePointer<Float>, _ packed: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    residual: UnsafePointer<Float>?, to y: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>
  ) {
    withUnsafePointer(to: self) { kk_direct($0, x, packed, bias, residual, y, scratch) }
  }
}
