import KerasGraph

/// The maximum, or the average kept as Double, of the elements under the window; padding does not count.
struct PoolingKernel: RealKernel {
  private let kind: PoolingOperation.Kind
  private let window: SlidingWindow
  private let channels: Int
  let dataType: DataType

  init(_ operation: PoolingOperation, image: [Int], output: TensorSpec) {
    kind = operation.kind
    window = SlidingWindow(operation.window, image: image, output: output.lengths)
    channels = image[image.count - 1]
    dataType = output.dataType
  }

  var summary: String { "\(kind.rawValue) of \(window.tapCount) taps at \(window.rowCount) places" }
  var scratchByteCount: Int { channels * MemoryLayout<Double>.stride }

  func run<R: Real>(_ operands: Operands, _ type: R.Type) {
    let sums = operands.scratch.bindMemory(to: Double.self, capacity: channels)
    for row in 0..<window.rowCount {
      let result = operands.output(as: R.self) + row * channels
      switch kind {
      case .maximum: maximum(operands.input(0), result, row)
      case .average: average(operands.input(0), result, row, sums)
      }
    }
  }

  private func maximum<R: Real>(_ image: UnsafePointer<R>, _ result: UnsafeMutablePointer<R>, _ row: Int) {
    result.update(repeating: -.infinity, count: channels)
    window.forEachTap(of: row) { _, pixel in
      let x = image + pixel * channels
      for c in 0..<channels { result[c] = result[c].larger(x[c]) }
    }
  }

  private func average<R: Real>(
    _ image: UnsafePointer<R>, _ result: UnsafeMutablePointer<R>, _ row: Int,
    _ sums: UnsafeMutablePointer<Double>
  ) {
    sums.update(repeating: 0, count: channels)
    var count = 0
    window.forEachTap(of: row) { _, pixel in
      let x = image + pixel * channels
      for c in 0..<channels { sums[c] += x[c].wide }
      count += 1
    }
    for c in 0..<channels { result[c] = R(narrowing: sums[c] / Double(count)) }
  }
}
