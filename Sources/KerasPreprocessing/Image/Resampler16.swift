/// Resamples 16-bit grey, which is rare, from a complete picture and in double precision, as Pillow does.
struct Resampler16: RowConsumer {
  private let plan: ResizePlan
  private var source: [UInt16]

  init(_ plan: ResizePlan) {
    self.plan = plan
    source = [UInt16](repeating: 0, count: plan.source.pixelCount)
  }

  mutating func consume(_ row: UnsafeMutablePointer<UInt8>, _ y: Int) {
    for x in 0..<plan.source.width {
      source[y * plan.source.width + x] = UInt16(row[2 * x]) | UInt16(row[2 * x + 1]) << 8
    }
  }

  consuming func finish() -> [UInt8] {
    var values = source
    var size = plan.source
    let passes: [Pass] = plan.startsWithHorizontalPass ? [.horizontal, .vertical] : [.vertical, .horizontal]
    for pass in passes { (values, size) = run(pass, values, size) }
    return values.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
  }

  private enum Pass { case horizontal, vertical }

  private func run(_ pass: Pass, _ input: [UInt16], _ size: ImageSize) -> ([UInt16], ImageSize) {
    let axis = pass == .horizontal ? plan.horizontalAxis : plan.verticalAxis
    let output =
      pass == .horizontal
      ? ImageSize(height: size.height, width: axis.starts.count)
      : ImageSize(height: axis.starts.count, width: size.width)
    var values: [UInt16] = []
    values.reserveCapacity(output.pixelCount)
    input.withUnsafeBufferPointer { input in
      axis.weights.withUnsafeBufferPointer { weights in
        guard let input = input.baseAddress, let weights = weights.baseAddress else { return }
        for y in 0..<output.height {
          for x in 0..<output.width {
            let index = pass == .horizontal ? x : y
            let (row, column) = pass == .horizontal ? (y, axis.starts[x]) : (axis.starts[y], x)
            values.append(
              Self.mixed(
                input + row * size.width + column, stride: pass == .horizontal ? 1 : size.width,
                weights + index * axis.stride, axis.counts[index]))
          }
        }
      }
    }
    return (values, output)
  }

  /// Rounded half away from zero, and clipped.
  private static func mixed(
    _ input: UnsafePointer<UInt16>, stride: Int, _ weights: UnsafePointer<Double>, _ count: Int
  ) -> UInt16 {
    var sum = 0.0
    for k in 0..<count { sum += Double(input[k * stride]) * weights[k] }
    return UInt16(max(0, min(65_535, sum >= 0 ? sum + 0.5 : sum - 0.5)))
  }
}
