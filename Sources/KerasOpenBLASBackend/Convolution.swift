import KerasGraph

/// The kernel that suits a convolution: a plain loop when it is depthwise, else matrix products.
func makeConvolutionKernel(
  _ operation: ConvolutionOperation, image: [Int], kernel: [Int], output: [Int]
) throws(KerasError) -> any Kernel {
  let channelsPerGroup = kernel[kernel.count - 2]
  return channelsPerGroup == 1 && operation.groups > 1
    ? DepthwiseConvolutionKernel(operation, image: image, output: output)
    : try ConvolutionKernel(operation, image: image, kernel: kernel, output: output)
}

/// Each group as a matrix product: the pixels under the window, one row a position, times the kernel.
///
/// Pixels are gathered into a panel of bounded size ("im2col"); a 1×1 window needs none, the image is it.
struct ConvolutionKernel: Kernel {
  private let window: SlidingWindow
  private let groups: Int
  private let epilogue: Epilogue
  private let channels: Int
  private let channelsPerGroup: Int
  private let filters: Int
  private let rowsPerPanel: Int

  /// 8 MB: stays near the caches, yet keeps the products large.
  private static let panelElementCount = 1 << 21

  init(_ operation: ConvolutionOperation, image: [Int], kernel: [Int], output: [Int]) throws(KerasError) {
    window = SlidingWindow(operation.window, image: image, output: output)
    groups = operation.groups
    epilogue = operation.epilogue
    channels = image[image.count - 1]
    channelsPerGroup = kernel[kernel.count - 2]
    filters = kernel[kernel.count - 1]
    let depth = window.tapCount * channelsPerGroup
    try checkMatrixSizes(depth, channels, filters)
    let rows = window.isPointwise ? 1 << 20 : Self.panelElementCount / max(depth, 1)
    rowsPerPanel = max(1, min(rows, window.rowCount))
  }

  private var depth: Int { window.tapCount * channelsPerGroup }

  var summary: String {
    "\(window.isPointwise ? "" : "im2col, ")sgemm \(window.rowCount)×\(depth)×\(filters / groups)"
      + (groups == 1 ? "" : ", \(groups) groups") + epilogueSummary(epilogue)
  }

  var scratchByteCount: Int { window.isPointwise ? 0 : rowsPerPanel * depth * MemoryLayout<Float>.stride }

  func run(_ operands: Operands) {
    let (image, kernel, result) = (operands.input(0), operands.input(1), operands.result)
    let panel = operands.scratch.bindMemory(to: Float.self, capacity: scratchByteCount / 4)
    let filtersPerGroup = filters / groups
    for first in stride(from: 0, to: window.rowCount, by: rowsPerPanel) {
      let rows = first..<min(first + rowsPerPanel, window.rowCount)
      for group in 0..<groups {
        var pixels = Matrix(image + first * channels + group * channelsPerGroup, stride: channels)
        if !window.isPointwise {
          gather(image + group * channelsPerGroup, rows, into: panel)
          pixels = Matrix(panel, stride: depth)
        }
        multiply(
          pixels, Matrix(kernel + group * filtersPerGroup, stride: filters),
          into: result + first * filters + group * filtersPerGroup, stride: filters,
          rows: rows.count, depth: depth, columns: filtersPerGroup)
      }
      epilogue.apply(to: result, rows: rows, channels: filters, operands)
    }
  }

  /// Writes the pixels under the window at `rows`, padding as zeros, in the order of the kernel's taps.
  private func gather(
    _ image: UnsafePointer<Float>, _ rows: Range<Int>, into panel: UnsafeMutablePointer<Float>
  ) {
    var target = panel
    for row in rows {
      target.update(repeating: 0, count: depth)
      window.forEachTap(of: row) { tap, pixel in
        (target + tap * channelsPerGroup).update(from: image + pixel * channels, count: channelsPerGroup)
      }
      target += depth
    }
  }
}

/// One channel a group: each filter is a weighted sum of the taps on its channel.
struct DepthwiseConvolutionKernel: Kernel {
  private let window: SlidingWindow
  private let epilogue: Epilogue
  private let channels: Int
  /// Filters of each channel.
  private let multiplier: Int

  init(_ operation: ConvolutionOperation, image: [Int], output: [Int]) {
    window = SlidingWindow(operation.window, image: image, output: output)
    epilogue = operation.epilogue
    channels = image[image.count - 1]
    multiplier = output[output.count - 1] / max(channels, 1)
  }

  var summary: String {
    "depthwise \(window.tapCount) taps on \(channels)×\(multiplier) channels at \(window.rowCount) places"
      + epilogueSummary(epilogue)
  }

  func run(_ operands: Operands) {
    let (image, kernel) = (operands.input(0), operands.input(1))
    let filters = channels * multiplier
    for row in 0..<window.rowCount {
      let y = operands.result + row * filters
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
    epilogue.apply(to: operands.result, rows: 0..<window.rowCount, channels: filters, operands)
  }
}

func epilogueSummary(_ epilogue: Epilogue) -> String {
  let parts = [
    epilogue.hasScale ? "scale" : nil, epilogue.hasBias ? "bias" : nil,
    epilogue.hasResidual ? "residual" : nil, epilogue.activation.map { "\($0)" },
  ]
  return parts.compactMap { $0 }.map { ", \($0)" }.joined()
}
