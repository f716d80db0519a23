import KerasGraph

/// The kernel that suits a convolution: a plain loop when it is depthwise, else matrix products.
func makeConvolutionKernel(
  _ operation: ConvolutionOperation, image: [Int], kernel: [Int], output: TensorSpec,
  with multiplier: any MatrixMultiplier
) throws(KerasError) -> any Kernel {
  kernel[kernel.count - 2] == 1 && operation.groups > 1
    ? DepthwiseConvolutionKernel(operation, image: image, output: output)
    : try ConvolutionKernel(operation, image: image, kernel: kernel, output: output, with: multiplier)
}

/// Each group as a matrix product: the pixels under the window, one row a position, times the kernel.
struct ConvolutionKernel: RealKernel {
  private let pixels: WindowPixels
  private let groups: Int
  private let epilogue: Epilogue
  private let filters: Int
  private let multiplier: any MatrixMultiplier
  let dataType: DataType

  init(
    _ operation: ConvolutionOperation, image: [Int], kernel: [Int], output: TensorSpec,
    with multiplier: any MatrixMultiplier
  ) throws(KerasError) {
    pixels = WindowPixels(
      SlidingWindow(operation.window, image: image, output: output.lengths), channels: image[image.count - 1],
      channelsPerGroup: kernel[kernel.count - 2])
    groups = operation.groups
    epilogue = operation.epilogue
    filters = kernel[kernel.count - 1]
    self.multiplier = multiplier
    dataType = output.dataType
    try multiplier.check(pixels.depth, pixels.channels, filters)
  }

  var summary: String {
    "\(pixels.isImage ? "" : "im2col, ")\(multiplier.name) \(pixels.rowCount)×\(pixels.depth)×\(filters / groups)"
      + (groups == 1 ? "" : ", \(groups) groups") + epilogue.summary
  }
  var scratchByteCount: Int { pixels.panelByteCount(dataType) }

  func run<R: Real>(_ operands: Operands, _ type: R.Type) {
    let (image, kernel) = (operands.input(0, as: R.self), operands.input(1, as: R.self))
    let result = operands.output(as: R.self)
    let filtersPerGroup = filters / groups
    for rows in pixels.panels {
      for group in 0..<groups {
        R.multiply(
          MatrixProduct(
            pixels.matrix(of: image, rows, group: group, panel: operands.scratch),
            Matrix(kernel + group * filtersPerGroup, stride: filters),
            into: result + rows.lowerBound * filters + group * filtersPerGroup, stride: filters,
            rows: rows.count, depth: pixels.depth, columns: filtersPerGroup),
          with: multiplier)
      }
      epilogue.apply(to: result, rows: rows, channels: filters, operands)
    }
  }
}

/// One channel a group: each filter is a weighted sum of the taps on its channel.
struct DepthwiseConvolutionKernel: RealKernel {
  private let window: SlidingWindow
  private let epilogue: Epilogue
  private let channels: Int
  /// Filters of each channel.
  private let multiplier: Int
  let dataType: DataType

  init(_ operation: ConvolutionOperation, image: [Int], output: TensorSpec) {
    window = SlidingWindow(operation.window, image: image, output: output.lengths)
    epilogue = operation.epilogue
    channels = image[image.count - 1]
    multiplier = (output.lengths.last ?? 0) / max(channels, 1)
    dataType = output.dataType
  }

  var summary: String {
    "depthwise \(window.tapCount) taps on \(channels)×\(multiplier) channels at \(window.rowCount) places"
      + epilogue.summary
  }

  func run<R: Real>(_ operands: Operands, _ type: R.Type) {
    let (image, kernel) = (operands.input(0, as: R.self), operands.input(1, as: R.self))
    let result = operands.output(as: R.self)
    let filters = channels * multiplier
    for row in 0..<window.rowCount {
      let y = result + row * filters
      y.update(repeating: 0, count: filters)
      window.forEachTap(of: row) { tap, pixel in
        let (x, k) = (image + pixel * channels, kernel + tap * filters)
        if multiplier == 1 {
          for c in 0..<channels { y[c] += x[c] * k[c] }
        } else {
          for f in 0..<filters { y[f] += x[f / multiplier] * k[f] }
        }
      }
    }
    epilogue.apply(to: result, rows: 0..<window.rowCount, channels: filters, operands)
  }
}
