import KerasGraph

/// The maximum, or the average kept as Double, of the elements under the window; padding does not count.
struct PoolingKernel: Kernel {
  private let kind: PoolingOperation.Kind
  private let window: SlidingWindow
  private let channels: Int

  init(_ operation: PoolingOperation, image: [Int], output: [Int]) {
    kind = operation.kind
    window = SlidingWindow(operation.window, image: image, output: output)
    channels = output[output.count - 1]
  }

  var summary: String { "\(kind.rawValue) of \(window.tapCount) taps at \(window.rowCount) places" }
  var scratchByteCount: Int { channels * MemoryLayout<Double>.stride }

  func run(_ operands: Operands) {
    let sums = operands.scratch.bindMemory(to: Double.self, capacity: channels)
    for row in 0..<window.rowCount {
      let result = operands.result + row * channels
      switch kind {
      case .maximum: maximum(operands.input(0), result, row)
      case .average: average(operands.input(0), result, row, sums)
      }
    }
  }

  private func maximum(_ image: UnsafePointer<Float>, _ result: UnsafeMutablePointer<Float>, _ row: Int) {
    result.update(repeating: -.infinity, count: channels)
    window.forEachTap(of: row) { _, pixel in
      let x = image + pixel * channels
      for c in 0..<channels { result[c] = larger(result[c], x[c]) }
    }
  }

  private func average(
    _ image: UnsafePointer<Float>, _ result: UnsafeMutablePointer<Float>, _ row: Int,
    _ sums: UnsafeMutablePointer<Double>
  ) {
    sums.update(repeating: 0, count: channels)
    var count = 0
    window.forEachTap(of: row) { _, pixel in
      let x = image + pixel * channels
      for c in 0..<channels { sums[c] += Double(x[c]) }
      count += 1
    }
    for c in 0..<channels { result[c] = Float(sums[c] / Double(count)) }
  }
}
