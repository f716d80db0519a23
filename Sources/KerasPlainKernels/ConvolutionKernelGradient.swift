import KerasGraph

/// The kernel that suits it: a plain loop when the convolution is depthwise, else matrix products.
func makeConvolutionKernelGradientKernel(
  _ operation: ConvolutionKernelGradientOperation, image: [Int], upstream: [Int], output: TensorSpec,
  with multiplier: any MatrixMultiplier
) throws(KerasError) -> any Kernel {
  let channelsPerGroup = output.lengths[operation.window.rank]
  return channelsPerGroup == 1 && operation.groups > 1
    ? DepthwiseKernelGradientKernel(operation, image: image, upstream: upstream, output: output)
    : try ConvolutionKernelGradientKernel(
      operation, image: image, upstream: upstream, output: output, with: multiplier)
}

/// Each group as a matrix product: the pixels under the window, transposed, times what came back.
struct ConvolutionKernelGradientKernel: RealKernel {
  private let pixels: WindowPixels
  private let groups: Int
  private let filters: Int
  private let multiplier: any MatrixMultiplier
  let dataType: DataType

  init(
    _ operation: ConvolutionKernelGradientOperation, image: [Int], upstream: [Int], output: TensorSpec,
    with multiplier: any MatrixMultiplier
  ) throws(KerasError) {
    pixels = WindowPixels(
      SlidingWindow(operation.window, image: image, output: upstream), channels: image[image.count - 1],
      channelsPerGroup: output.lengths[operation.window.rank])
    groups = operation.groups
    filters = upstream[upstream.count - 1]
    self.multiplier = multiplier
    dataType = output.dataType
    try multiplier.check(pixels.depth, pixels.channels, filters)
  }

  var summary: String {
    "\(pixels.isImage ? "" : "im2col, ")\(multiplier.name) \(pixels.depth)×\(pixels.rowCount)×\(filters / groups)"
      + (groups == 1 ? "" : ", \(groups) groups")
  }
  var scratchByteCount: Int { pixels.panelByteCount(dataType) }

  func run<R: Real>(_ operands: Operands, _ type: R.Type) {
    let (image, upstream) = (operands.input(0, as: R.self), operands.input(1, as: R.self))
    let result = operands.output(as: R.self)
    let filtersPerGroup = filters / groups
    result.update(repeating: 0, count: pixels.depth * filters)
    for rows in pixels.panels {
      for group in 0..<groups {
        let matrix = pixels.matrix(of: image, rows, group: group, panel: operands.scratch)
        R.multiply(
          MatrixProduct(
            Matrix(matrix.start, stride: matrix.stride, isTransposed: true),
            Matrix(upstream + rows.lowerBound * filters + group * filtersPerGroup, stride: filters),
            into: result + group * filtersPerGroup, stride: filters,
            rows: pixels.depth, depth: rows.count, columns: filtersPerGroup, accumulates: true),
          with: multiplier)
      }
    }
  }
}

/// One channel a group: each tap gathers the products of the pixels under it with what came back.
struct DepthwiseKernelGradientKernel: RealKernel {
  private let window: SlidingWindow
  private let channels: Int
  /// Filters of each channel.
  private let multiplier: Int
  let dataType: DataType

  init(_ operation: ConvolutionKernelGradientOperation, image: [Int], upstream: [Int], output: TensorSpec) {
    window = SlidingWindow(operation.window, image: image, output: upstream)
    channels = image[image.count - 1]
    multiplier = (upstream.last ?? 0) / max(channels, 1)
    dataType = output.dataType
  }

  var summary: String {
    "depthwise kernel of \(window.tapCount) taps on \(channels)×\(multiplier) channels from \(window.rowCount) places"
  }

  func run<R: Real>(_ operands: Operands, _ type: R.Type) {
    let (image, upstream) = (operands.input(0, as: R.self), operands.input(1, as: R.self))
    let result = operands.output(as: R.self)
    let filters = channels * multiplier
    result.update(repeating: 0, count: window.tapCount * filters)
    for row in 0..<window.rowCount {
      let y = upstream + row * filters
      window.forEachTap(of: row) { tap, pixel in
        let (x, k) = (image + pixel * channels, result + tap * filters)
        for f in 0..<filters { k[f] += x[f / multiplier] * y[f] }
      }
    }
  }
}
