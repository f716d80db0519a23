import KerasGraph

/// Gives what came back to each window to its first largest element, or to all alike.
struct PoolingGradientKernel: RealKernel {
  private let kind: PoolingOperation.Kind
  private let window: SlidingWindow
  private let channels: Int
  private let imageCount: Int
  let dataType: DataType

  init(_ operation: PoolingGradientOperation, image: TensorSpec, upstream: [Int]) {
    kind = operation.kind
    window = SlidingWindow(operation.window, image: image.lengths, output: upstream)
    channels = upstream[upstream.count - 1]
    imageCount = elementCountOf(image.lengths)
    dataType = image.dataType
  }

  var summary: String {
    "gradient of the \(kind.rawValue) of \(window.tapCount) taps at \(window.rowCount) places"
  }
  var scratchByteCount: Int { FirstMaxima<Double>.byteCount(channels) }

  func run<R: Real>(_ operands: Operands, _ type: R.Type) {
    let (image, upstream) = (operands.input(0, as: R.self), operands.input(1, as: R.self))
    let gradient = operands.output(as: R.self)
    let maxima = FirstMaxima<R>(at: operands.scratch, channels: channels)
    gradient.update(repeating: 0, count: imageCount)
    for row in 0..<window.rowCount {
      let dy = upstream + row * channels
      switch kind {
      case .maximum:
        maxima.find(in: image, under: window, at: row)
        for c in 0..<channels { gradient[maxima.pixels[c] * channels + c] += dy[c] }
      case .average:
        var count = 0
        window.forEachTap(of: row) { _, _ in count += 1 }
        window.forEachTap(of: row) { _, pixel in
          let dx = gradient + pixel * channels
          for c in 0..<channels { dx[c] += dy[c] / R(count: count) }
        }
      }
    }
  }
}

/// Picks what stands where each window's first largest element of another tensor stands.
struct PoolingSelectionKernel: RealKernel {
  private let window: SlidingWindow
  private let channels: Int
  let dataType: DataType

  init(_ operation: PoolingSelectionOperation, image: [Int], output: TensorSpec) {
    window = SlidingWindow(operation.window, image: image, output: output.lengths)
    channels = image[image.count - 1]
    dataType = output.dataType
  }

  var summary: String { "selection by the maximum of \(window.tapCount) taps at \(window.rowCount) places" }
  var scratchByteCount: Int { FirstMaxima<Double>.byteCount(channels) }

  func run<R: Real>(_ operands: Operands, _ type: R.Type) {
    let (judge, x, y) = (
      operands.input(0, as: R.self), operands.input(1, as: R.self), operands.output(as: R.self)
    )
    let maxima = FirstMaxima<R>(at: operands.scratch, channels: channels)
    for row in 0..<window.rowCount {
      maxima.find(in: judge, under: window, at: row)
      for c in 0..<channels { y[row * channels + c] = x[maxima.pixels[c] * channels + c] }
    }
  }
}

/// For each channel the pixel of a window's first largest element; a NaN is larger than any number.
private struct FirstMaxima<R: Real> {
  let pixels: UnsafeMutablePointer<Int>
  private let values: UnsafeMutablePointer<R>
  private let channels: Int

  static func byteCount(_ channels: Int) -> Int { channels * 16 }

  init(at scratch: UnsafeMutableRawPointer, channels: Int) {
    self.channels = channels
    pixels = scratch.bindMemory(to: Int.self, capacity: channels)
    values = (scratch + channels * 8).bindMemory(to: R.self, capacity: channels)
  }

  func find(in image: UnsafePointer<R>, under window: SlidingWindow, at row: Int) {
    var isFirst = true
    window.forEachTap(of: row) { _, pixel in
      let x = image + pixel * channels
      for c in 0..<channels where isFirst || x[c] > values[c] || x[c].isNotANumber && !values[c].isNotANumber
      {
        values[c] = x[c]
        pixels[c] = pixel
      }
      isFirst = false
    }
  }
}
