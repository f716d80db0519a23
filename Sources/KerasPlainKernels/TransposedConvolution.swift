import KerasGraph

/// The kernel that suits a transposed convolution: a plain loop when it is depthwise, else matrix products.
func makeTransposedConvolutionKernel(
  _ operation: TransposedConvolutionOperation, positions: [Int], kernel: [Int], output: TensorSpec,
  with multiplier: any MatrixMultiplier
) throws(KerasError) -> any Kernel {
  kernel[kernel.count - 2] == 1 && operation.groups > 1
    ? DepthwiseTransposedConvolutionKernel(operation, positions: positions, output: output)
    : try TransposedConvolutionKernel(
      operation, positions: positions, kernel: kernel, output: output, with: multiplier)
}

/// Each group as a matrix product with the transposed kernel, whose rows are then added to the pixels under the
/// window.
struct TransposedConvolutionKernel: RealKernel {
  private let pixels: WindowPixels
  private let groups: Int
  private let filters: Int
  private let imageCount: Int
  private let multiplier: any MatrixMultiplier
  let dataType: DataType

  init(
    _ operation: TransposedConvolutionOperation, positions: [Int], kernel: [Int], output: TensorSpec,
    with multiplier: any MatrixMultiplier
  ) throws(KerasError) {
    let image = output.lengths
    pixels = WindowPixels(
      SlidingWindow(operation.window, image: image, output: positions), channels: image[image.count - 1],
      channelsPerGroup: kernel[kernel.count - 2])
    groups = operation.groups
    filters = kernel[kernel.count - 1]
    imageCount = elementCountOf(image)
    self.multiplier = multiplier
    dataType = output.dataType
    try multiplier.check(pixels.depth, pixels.channels, filters)
  }

  var summary: String {
    "\(multiplier.name) \(pixels.rowCount)×\(filters / groups)×\(pixels.depth)\(pixels.isImage ? "" : ", col2im")"
      + (groups == 1 ? "" : ", \(groups) groups")
  }
  var scratchByteCount: Int { pixels.panelByteCount(dataType) }

  func run<R: Real>(_ operands: Operands, _ type: R.Type) {
    let (y, kernel) = (operands.input(0, as: R.self), operands.input(1, as: R.self))
    let image = operands.output(as: R.self)
    let panel = operands.scratch.bindMemory(
      to: R.self, capacity: pixels.panelByteCount(dataType) / dataType.byteCount)
    let filtersPerGroup = filters / groups
    if !pixels.isImage { image.update(repeating: 0, count: imageCount) }
    for rows in pixels.panels {
      for group in 0..<groups {
        let direct = image + rows.lowerBound * pixels.channels + group * pixels.channelsPerGroup
        R.multiply(
          MatrixProduct(
            Matrix(y + rows.lowerBound * filters + group * filtersPerGroup, stride: filters),
            Matrix(kernel + group * filtersPerGroup, stride: filters, isTransposed: true),
            into: pixels.isImage ? direct : panel, stride: pixels.isImage ? pixels.channels : pixels.depth,
            rows: rows.count, depth: filtersPerGroup, columns: pixels.depth),
          with: multiplier)
        if !pixels.isImage { pixels.scatter(panel, rows, group: group, to: image) }
      }
    }
  }
}

/// One channel a group: each position adds its filters, tap by tap, to its channel.
struct DepthwiseTransposedConvolutionKernel: RealKernel {
  private let window: SlidingWindow
  private let channels: Int
  /// Filters of each channel.
  private let multiplier: Int
  private let imageCount: Int
  let dataType: DataType

  init(_ operation: TransposedConvolutionOperation, positions: [Int], output: TensorSpec) {
    window = SlidingWindow(operation.window, image: output.lengths, output: positions)
    channels = output.lengths.last ?? 0
    multiplier = (positions.last ?? 0) / max(channels, 1)
    imageCount = elementCountOf(output.lengths)
    dataType = output.dataType
  }

  var summary: String {
    "transposed depthwise \(window.tapCount) taps on \(channels)×\(multiplier) channels at \(window.rowCount) places"
  }

  func run<R: Real>(_ operands: Operands, _ type: R.Type) {
    let (positions, kernel) = (operands.input(0, as: R.self), operands.input(1, as: R.self))
    let image = operands.output(as: R.self)
    let filters = channels * multiplier
    image.update(repeating: 0, count: imageCount)
    for row in 0..<window.rowCount {
      let y = positions + row * filters
      window.forEachTap(of: row) { tap, pixel in
        let (x, k) = (image + pixel * channels, kernel + tap * filters)
        for f in 0..<filters { x[f / multiplier] += y[f] * k[f] }
      }
    }
  }
}
