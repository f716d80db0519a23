import KerasCore
import Synchronization

/// Which old pixels each new one along one axis is made of, in tables that loops run through.
struct AxisTaps: Sendable {
  /// The old pixel that comes first, and how many follow each other.
  let starts: [Int]
  let counts: [Int]
  /// Those of pixel `i` begin at `offsets[i]`.
  let offsets: [Int]
  let weights: [Float]
  /// Of two neighbours, for every number of a row: where they are, and how much of the second there is.
  let first: [Int]
  let second: [Int]
  let share: [Float]
  /// Whether two neighbours are all there is, which is computed as TensorFlow does it.
  let isLinear: Bool

  init(_ interpolation: PictureInterpolation, from length: Int, to newLength: Int, channels: Int) {
    let taps = interpolation.taps(from: length, to: newLength, antialiases: false)
    starts = taps.map(\.start)
    counts = taps.map(\.weights.count)
    weights = taps.flatMap(\.weights)
    var offset = 0
    offsets = counts.map { count in
      defer { offset += count }
      return offset
    }
    isLinear = interpolation == .bilinear
    guard isLinear else {
      (first, second, share) = ([], [], [])
      return
    }
    let numbers = taps.flatMap { tap in (0..<channels).map { (tap, $0) } }
    first = numbers.map { $0.0.start * channels + $0.1 }
    // At the border there is only one.
    second = numbers.map { ($0.0.start + $0.0.weights.count - 1) * channels + $0.1 }
    share = numbers.map { $0.0.weights.count == 2 ? $0.0.weights[1] : 0 }
  }
}

/// Tables that were made already: most pictures of a folder have few sizes.
final class AxisTapsCache: Sendable {
  private struct Key: Hashable {
    let length: Int
    let newLength: Int
    let channels: Int
  }

  private let interpolation: PictureInterpolation
  private let known = Mutex<[Key: AxisTaps]>([:])

  init(_ interpolation: PictureInterpolation) { self.interpolation = interpolation }

  func taps(from length: Int, to newLength: Int, channels: Int) -> AxisTaps {
    let key = Key(length: length, newLength: newLength, channels: channels)
    if let taps = known.withLock({ $0[key] }) { return taps }
    let taps = AxisTaps(interpolation, from: length, to: newLength, channels: channels)
    known.withLock { known in
      // Sizes that never come again must not pile up.
      if known.count >= 64 { known.removeAll() }
      known[key] = taps
    }
    return taps
  }
}

/// Where in a picture something lies.
struct PictureWindow: Hashable {
  var rows: Range<Int>
  var columns: Range<Int>
}

/// Resizes rows of bytes as they are decoded, in single precision with the numbers of `tf.image.resize` without
/// antialiasing, and writes the result straight into a batch.
final class FloatResampler {
  private let window: PictureWindow
  private let target: PictureWindow
  private let size: ImageSize
  private let channels: Int
  /// Of sixteen bits only the upper eight count, as TensorFlow decodes pictures.
  private let isWide: Bool
  private let dataFormat: DataFormat
  private let output: UnsafeMutableBufferPointer<Float>
  private let down: AxisTaps
  private let across: AxisTaps
  private let lineCount: Int
  /// Old rows of the new width, as many as a new row needs; row `r` stands at `r % depth`.
  private let lines: UnsafeMutablePointer<Float>
  private let depth: Int
  /// The new row that is made next.
  private var next = 0

  /// - Parameters:
  ///   - window: what is looked at; the rest does not count.
  ///   - target: where it comes to lie in a picture of `size`, zeros around it.
  ///   - output: all of that picture.
  init(
    _ mode: Image.Mode, window: PictureWindow, target: PictureWindow, in size: ImageSize,
    _ cache: AxisTapsCache,
    _ dataFormat: DataFormat, output: UnsafeMutableBufferPointer<Float>
  ) {
    (self.window, self.target, self.size, self.dataFormat) = (window, target, size, dataFormat)
    self.output = output
    channels = mode.channelCount
    isWide = mode.bytesPerPixel != channels
    across = cache.taps(from: window.columns.count, to: target.columns.count, channels: channels)
    down = cache.taps(from: window.rows.count, to: target.rows.count, channels: 1)
    lineCount = target.columns.count * channels
    depth = down.counts.max() ?? 1
    // One more is where rows with the channels last are put together when channels come first.
    lines = .allocate(capacity: lineCount * (depth + 1))
    if target.rows.count < size.height || target.columns.count < size.width { output.update(repeating: 0) }
  }

  deinit { lines.deallocate() }

  func consume(_ row: UnsafeMutablePointer<UInt8>, _ y: Int) {
    let place = y - window.rows.lowerBound
    guard next < target.rows.count, place >= down.starts[next], y < window.rows.upperBound else { return }
    if isWide { for x in 0..<window.columns.upperBound * channels { row[x] = row[2 * x + 1] } }
    resize(row + window.columns.lowerBound * channels, to: lines + place % depth * lineCount)
    while next < target.rows.count, down.starts[next] + down.counts[next] - 1 == place {
      emit()
      next += 1
    }
  }

  /// One row of pixels resized along its length.
  private func resize(_ row: UnsafePointer<UInt8>, to line: UnsafeMutablePointer<Float>) {
    if across.isLinear {
      across.first.withUnsafeBufferPointer { first in
        across.second.withUnsafeBufferPointer { second in
          across.share.withUnsafeBufferPointer { share in
            for i in 0..<lineCount {
              let (left, right) = (Float(row[first[i]]), Float(row[second[i]]))
              line[i] = left + (right - left) * share[i]
            }
          }
        }
      }
      return
    }
    for x in 0..<target.columns.count {
      let (start, offset) = (across.starts[x] * channels, across.offsets[x])
      for channel in 0..<channels {
        var sum: Float = 0
        for tap in 0..<across.counts[x] {
          sum += Float(row[start + tap * channels + channel]) * across.weights[offset + tap]
        }
        line[x * channels + channel] = sum
      }
    }
  }

  /// Makes the next new row.
  private func emit() {
    let y = target.rows.lowerBound + next
    let isLast = dataFormat == .channelsLast
    guard let base = output.baseAddress else { return }
    let row =
      isLast ? base + (y * size.width + target.columns.lowerBound) * channels : lines + depth * lineCount
    func line(_ place: Int) -> UnsafePointer<Float> { UnsafePointer(lines + place % depth * lineCount) }
    let start = down.starts[next]
    if down.isLinear {
      let (top, bottom, share) = (line(start), line(start + down.counts[next] - 1), down.share[next])
      for i in 0..<lineCount { row[i] = top[i] + (bottom[i] - top[i]) * share }
    } else {
      for tap in 0..<down.counts[next] {
        let (values, weight) = (line(start + tap), down.weights[down.offsets[next] + tap])
        if tap == 0 {
          for i in 0..<lineCount { row[i] = values[i] * weight }
        } else {
          for i in 0..<lineCount { row[i] += values[i] * weight }
        }
      }
    }
    guard !isLast else { return }
    for channel in 0..<channels {
      let plane = base + (channel * size.height + y) * size.width + target.columns.lowerBound
      for x in 0..<target.columns.count { plane[x] = row[x * channels + channel] }
    }
  }
}
