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

  init(
    _ interpolation: PictureInterpolation, from length: Int, to newLength: Int, channels: Int,
    isMirrored: Bool
  ) {
    var taps = interpolation.taps(from: length, to: newLength, antialiases: false)
    if isMirrored { taps.reverse() }
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
    let isMirrored: Bool
  }

  private let interpolation: PictureInterpolation
  private let known = Mutex<[Key: AxisTaps]>([:])

  init(_ interpolation: PictureInterpolation) { self.interpolation = interpolation }

  func taps(from length: Int, to newLength: Int, channels: Int, isMirrored: Bool = false)
    -> AxisTaps
  {
    let key = Key(length: length, newLength: newLength, channels: channels, isMirrored: isMirrored)
    if let taps = known.withLock({ $0[key] }) { return taps }
    let taps = AxisTaps(
      interpolation, from: length, to: newLength, channels: channels, isMirrored: isMirrored)
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

/// What is seen of a picture.
struct PictureView: Hashable {
  var window: PictureWindow
  var isMirrored = false

  init(all size: ImageSize) {
    window = PictureWindow(rows: 0..<size.height, columns: 0..<size.width)
  }
}

/// What of a stretch of new pixels is computed, and where it comes to stand.
private struct SeenPart {
  let wanted: Range<Int>
  let start: Int

  /// - Parameters:
  ///   - target: where new pixels come to lie in the picture.
  ///   - seen: which of the picture's are seen; from the other end, where it is mirrored.
  init(_ target: Range<Int>, seen: Range<Int>, isMirrored: Bool = false) {
    let both = target.clamped(to: seen)
    if isMirrored {
      wanted = target.upperBound - both.upperBound..<target.upperBound - both.lowerBound
      start = seen.upperBound - both.upperBound
    } else {
      wanted = both.lowerBound - target.lowerBound..<both.upperBound - target.lowerBound
      start = both.lowerBound - seen.lowerBound
    }
  }
}

/// Resizes rows of bytes as they are decoded, in single precision with the numbers of `tf.image.resize` without
/// antialiasing, and writes the result straight into a batch.
final class FloatResampler {
  private let window: PictureWindow
  private let rows: SeenPart
  private let columns: SeenPart
  /// The size of what is seen.
  private let size: ImageSize
  private let channels: Int
  /// Of sixteen bits only the upper eight count, as TensorFlow decodes pictures.
  private let isWide: Bool
  private let dataFormat: DataFormat
  private let output: UnsafeMutableBufferPointer<Float>
  private let down: AxisTaps
  private let across: AxisTaps
  /// Numbers in a new row, and which of a whole picture's comes first.
  private let lineCount: Int
  private let lineStart: Int
  /// Old rows of the new width, as many as a new row needs; row `r` stands at `r % depth`.
  private let lines: UnsafeMutablePointer<Float>
  private let depth: Int
  /// The new row that is made next.
  private var next: Int

  /// - Parameters:
  ///   - window: what is looked at; the rest does not count.
  ///   - target: where it comes to lie in a new picture, zeros around it.
  ///   - view: what of the new picture is seen; nothing else is computed.
  ///   - output: all of that.
  init(
    _ mode: Image.Mode, window: PictureWindow, target: PictureWindow, seen view: PictureView,
    _ cache: AxisTapsCache,
    _ dataFormat: DataFormat, output: UnsafeMutableBufferPointer<Float>
  ) {
    (self.window, self.dataFormat) = (window, dataFormat)
    size = ImageSize(height: view.window.rows.count, width: view.window.columns.count)
    rows = SeenPart(target.rows, seen: view.window.rows)
    columns = SeenPart(target.columns, seen: view.window.columns, isMirrored: view.isMirrored)
    self.output = output
    channels = mode.channelCount
    isWide = mode.bytesPerPixel != channels
    across = cache.taps(
      from: window.columns.count, to: target.columns.count, channels: channels,
      isMirrored: view.isMirrored)
    down = cache.taps(from: window.rows.count, to: target.rows.count, channels: 1)
    lineCount = columns.wanted.count * channels
    lineStart = columns.wanted.lowerBound * channels
    next = rows.wanted.lowerBound
    depth = down.counts.max() ?? 1
    // One more is where rows with the channels last are put together when channels come first.
    lines = .allocate(capacity: lineCount * (depth + 1))
    if rows.wanted.count < size.height || columns.wanted.count < size.width {
      output.update(repeating: 0)
    }
  }

  deinit { lines.deallocate() }

  func consume(_ row: UnsafeMutablePointer<UInt8>, _ y: Int) {
    let place = y - window.rows.lowerBound
    guard next < rows.wanted.upperBound, place >= down.starts[next], y < window.rows.upperBound
    else { return }
    if isWide { for x in 0..<window.columns.upperBound * channels { row[x] = row[2 * x + 1] } }
    resize(row + window.columns.lowerBound * channels, to: lines + place % depth * lineCount)
    while next < rows.wanted.upperBound, down.starts[next] + down.counts[next] - 1 == place {
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
            // Whole pixels at once, four numbers where three count, but for the last, which nothing follows.
            let ahead = channels == 3 ? max(0, lineCount - 3) : 0
            for i in stride(from: 0, to: ahead, by: 3) {
              let place = lineStart + i
              let (left, right) = (fourNumbers(row + first[place]), fourNumbers(row + second[place]))
              let values = left + (right - left) * share[place]
              UnsafeMutableRawPointer(line + i).storeBytes(of: values, as: SIMD4<Float>.self)
            }
            for i in ahead..<lineCount {
              let place = lineStart + i
              let (left, right) = (Float(row[first[place]]), Float(row[second[place]]))
              line[i] = left + (right - left) * share[place]
            }
          }
        }
      }
      return
    }
    for (place, x) in columns.wanted.enumerated() {
      let (start, offset) = (across.starts[x] * channels, across.offsets[x])
      for channel in 0..<channels {
        var sum: Float = 0
        for tap in 0..<across.counts[x] {
          sum += Float(row[start + tap * channels + channel]) * across.weights[offset + tap]
        }
        line[place * channels + channel] = sum
      }
    }
  }

  private func fourNumbers(_ bytes: UnsafePointer<UInt8>) -> SIMD4<Float> {
    let four = UnsafeRawPointer(bytes).loadUnaligned(as: SIMD4<UInt8>.self)
    return SIMD4<Float>(SIMD4<Int32>(truncatingIfNeeded: four))
  }

  /// Makes the next new row.
  private func emit() {
    let y = rows.start + next - rows.wanted.lowerBound
    let isLast = dataFormat == .channelsLast
    guard let base = output.baseAddress else { return }
    let row =
      isLast ? base + (y * size.width + columns.start) * channels : lines + depth * lineCount
    func line(_ place: Int) -> UnsafePointer<Float> {
      UnsafePointer(lines + place % depth * lineCount)
    }
    let start = down.starts[next]
    if down.isLinear {
      let (top, bottom, share) = (
        line(start), line(start + down.counts[next] - 1), down.share[next]
      )
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
      let plane = base + (channel * size.height + y) * size.width + columns.start
      for x in 0..<columns.wanted.count { plane[x] = row[x * channels + channel] }
    }
  }
}
