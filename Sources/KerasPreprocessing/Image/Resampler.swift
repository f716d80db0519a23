/// Resamples 8-bit pictures with a filter in two passes, the first of them while rows arrive.
///
/// With the horizontal pass first, only the narrowed rows are kept: the picture itself never stands in memory.
struct Resampler: RowConsumer {
  private let plan: ResizePlan
  private let channelCount: Int
  /// nil where a pass would change nothing.
  private let horizontal: ResamplingAxis?
  private let vertical: ResamplingAxis?
  /// The source rows that are needed.
  private let rows: Range<Int>
  /// What is kept of those rows: already resampled along x when that pass comes first.
  private var kept: [UInt8]
  private let keptRowByteCount: Int
  private let isPremultiplied: Bool
  private let startsHorizontally: Bool

  init(_ plan: ResizePlan, _ mode: Image.Mode) {
    self.plan = plan
    channelCount = mode.channelCount
    horizontal = plan.needsHorizontalPass && !plan.isCrop ? plan.horizontalAxis : nil
    vertical = plan.needsVerticalPass && !plan.isCrop ? plan.verticalAxis : nil
    rows = vertical?.sourceRange ?? plan.sourceRowsOfWindow
    isPremultiplied = mode == .rgba && !plan.keepsSize
    startsHorizontally = horizontal != nil && plan.startsWithHorizontalPass
    let keptWidth = horizontal != nil && !startsHorizontally ? plan.source.width : plan.window.width
    keptRowByteCount = keptWidth * channelCount
    kept = .uninitialized(count: rows.count * keptRowByteCount + ResamplingPasses.slack)
  }

  mutating func consume(_ row: UnsafeMutablePointer<UInt8>, _ y: Int) {
    guard rows.contains(y) else { return }
    if isPremultiplied { ColorConversion.premultiply(row, count: plan.source.width) }
    let start = (y - rows.lowerBound) * keptRowByteCount
    kept.withUnsafeMutableBufferPointer { buffer in
      guard let output = buffer.baseAddress.map({ $0 + start }) else { return }
      if let horizontal, startsHorizontally {
        ResamplingPasses.horizontal(row, to: output, channelCount: channelCount, horizontal)
      } else {
        // Without a horizontal pass the window's columns stand in the source one after another.
        let first = horizontal == nil ? plan.sourceColumnsOfWindow.lowerBound * channelCount : 0
        output.update(from: row + first, count: keptRowByteCount)
      }
    }
  }

  consuming func finish() -> [UInt8] {
    var result: [UInt8]
    if let vertical {
      result = Self.resampledVertically(kept, keptRowByteCount, vertical, rows.lowerBound)
    } else {
      result = kept
      result.removeLast(ResamplingPasses.slack)
    }
    if let horizontal, !startsHorizontally {
      result = Self.resampledHorizontally(result, plan, channelCount, horizontal)
    }
    if isPremultiplied {
      let count = plan.window.pixelCount
      result.withUnsafeMutableBufferPointer { buffer in
        if let start = buffer.baseAddress { ColorConversion.unpremultiply(start, count: count) }
      }
    }
    return result
  }

  private static func resampledVertically(
    _ input: [UInt8], _ rowByteCount: Int, _ axis: ResamplingAxis, _ firstRow: Int
  ) -> [UInt8] {
    let byteCount = axis.starts.count * rowByteCount
    // The slack is for a horizontal pass that follows.
    return [UInt8](unsafeUninitializedCapacity: byteCount + ResamplingPasses.slack) {
      output, initializedCount in
      input.withUnsafeBufferPointer { input in
        axis.pairs.withUnsafeBufferPointer { pairs in
          guard let output = output.baseAddress, let input = input.baseAddress,
            let pairs = pairs.baseAddress
          else { return }
          for y in 0..<axis.starts.count {
            ResamplingPasses.vertical(
              input + (axis.starts[y] - firstRow) * rowByteCount, stride: rowByteCount,
              to: output + y * rowByteCount, byteCount: rowByteCount,
              pairs + y * axis.pairStride, axis.counts[y])
          }
        }
      }
      initializedCount = byteCount
    }
  }

  private static func resampledHorizontally(
    _ input: [UInt8], _ plan: ResizePlan, _ channelCount: Int, _ axis: ResamplingAxis
  ) -> [UInt8] {
    let rowByteCount = axis.starts.count * channelCount
    let byteCount = plan.window.height * rowByteCount
    return [UInt8](unsafeUninitializedCapacity: byteCount) { output, initializedCount in
      input.withUnsafeBufferPointer { input in
        guard let output = output.baseAddress, let input = input.baseAddress else { return }
        for y in 0..<plan.window.height {
          ResamplingPasses.horizontal(
            input + y * plan.source.width * channelCount, to: output + y * rowByteCount,
            channelCount: channelCount, axis)
        }
      }
      initializedCount = byteCount
    }
  }
}
