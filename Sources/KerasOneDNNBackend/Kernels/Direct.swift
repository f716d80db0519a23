import KerasGraph
import KerasKernels

// On CPUs without AVX-512 oneDNN's code for windows of several positions reaches a third to four fifths of the rate of large
// products of matrices, and that for products of some hundred rows two thirds where there are more columns than terms in a
// sum; ours reaches three quarters to all of it. For other products, and so for windows of one position, oneDNN's is about
// as fast or faster, and where sums have few terms as well. (Measured layer by layer for predictions of the models of
// `Benchmarks/`, AMD EPYC, AVX2; not for weights that change from run to run.)
extension GraphCompiler {
  /// Whether our own code for a convolution is the faster one. Only for ``Purpose/throughput``, as weights are packed.
  func directPlan(for operation: ConvolutionOperation) -> kk_direct_plan? {
    let (window, image, result) = (operation.window, lengths(0), output.lengths)
    guard canMultiplyDirectly(operation.epilogue), window.rank == 2, operation.groups == 1,
      window.dilations == [1, 1], !result.contains(0)
    else { return nil }
    if window.size == [1, 1] {
      guard image[1] == 1, image[2] == 1,
        Self.isForDirectCode(rows: image[0], depth: image[3], columns: result[3])
      else { return nil }
    } else if image[3] < 16 {
      return nil
    }
    var plan = kk_direct_plan()
    (plan.batch, plan.height, plan.width, plan.channels) = (image[0], image[1], image[2], image[3])
    (plan.out_height, plan.out_width, plan.filters) = (result[1], result[2], result[3])
    plan.window = (window.size[0], window.size[1])
    plan.strides = (window.strides[0], window.strides[1])
    (plan.top, plan.left) = (window.padding[0].before, window.padding[1].before)
    (plan.low, plan.high) = bounds(of: operation.epilogue)
    return withUnsafePointer(to: plan) { kk_direct_suits($0) } ? plan : nil
  }

  /// The same for a product with one matrix: a convolution of a row of pixels.
  func directPlan(for operation: MatrixMultiplyOperation) -> kk_direct_plan? {
    let result = output.lengths
    guard canMultiplyDirectly(operation.epilogue), !operation.transposesFirst, lengths(1).count == 2,
      let columns = result.last, let depth = lengths(0).last, !result.contains(0)
    else { return nil }
    let rows = output.elementCount / columns
    guard Self.isForDirectCode(rows: rows, depth: depth, columns: columns) else { return nil }
    var plan = kk_direct_plan()
    (plan.batch, plan.height, plan.out_height) = (1, 1, 1)
    (plan.width, plan.out_width) = (rows, rows)
    (plan.channels, plan.filters) = (depth, columns)
    (plan.window, plan.strides) = ((1, 1), (1, 1))
    plan.is_transposed = operation.transposesSecond
    (plan.low, plan.high) = bounds(of: operation.epilogue)
    return withUnsafePointer(to: plan) { kk_direct_suits($0) } ? plan : nil
  }

  /// Weights that change from run to run would be packed in each.
  private func canMultiplyDirectly(_ epilogue: Epilogue) -> Bool {
    options.purpose == .throughput && productType == .float32 && canPack(epilogue) && constant(1) != nil
  }

  /// Of few rows only where the matrix is small: else its way from memory is what takes time.
  private static func isForDirectCode(rows: Int, depth: Int, columns: Int) -> Bool {
    columns >= depth && depth > 0 && rows < 512 && (rows >= 12 || depth * columns <= 1 << 17)
  }
}

extension kk_direct_plan: PackedConvolution {
  static let name = "direct"
  var weightCount: Int { withUnsafePointer(to: self) { kk_direct_weight_count($0) } }

  func scratchCount(threads: Int) -> Int {
    withUnsafePointer(to: self) { kk_direct_scratch_count($0, Int32(threads)) }
  }

  func form(scale: [UInt32]?) -> KeptConstant.Form { .direct(scale: scale, isTransposed: is_transposed) }

  func pack(
    _ kernel: UnsafePointer<Float>, scale: UnsafePointer<Float>?, to packed: UnsafeMutablePointer<Float>
  ) {
    withUnsafePointer(to: self) { kk_direct_pack($0, kernel, scale, packed) }
  }

  func run(
    _ x: UnsafePointer<Float>, _ packed: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    residual: UnsafePointer<Float>?, to y: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>
  ) {
    withUnsafePointer(to: self) { kk_direct($0, x, packed, bias, residual, y, scratch) }
  }
}
