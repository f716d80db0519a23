/// Takes the rows of a picture from top to bottom, as a decoder produces them, and makes a picture of them.
protocol RowConsumer {
  /// May change the row, and may read ``ResamplingPasses/slack`` bytes beyond its end.
  mutating func consume(_ row: UnsafeMutablePointer<UInt8>, _ y: Int)
  /// The pixels of the result, once all rows have been seen.
  consuming func finish() -> [UInt8]
}

/// Keeps everything.
struct RowCollector: RowConsumer {
  private var pixels: [UInt8]
  private let rowByteCount: Int

  init(_ size: ImageSize, _ mode: Image.Mode) {
    rowByteCount = size.width * mode.bytesPerPixel
    pixels = .uninitialized(count: rowByteCount * size.height)
  }

  mutating func consume(_ row: UnsafeMutablePointer<UInt8>, _ y: Int) {
    pixels.withUnsafeMutableBytes { buffer in
      UnsafeMutableRawBufferPointer(rebasing: buffer[(y * rowByteCount)...])
        .copyMemory(from: UnsafeRawBufferPointer(start: row, count: rowByteCount))
    }
  }

  consuming func finish() -> [UInt8] { pixels }
}

/// Picks the nearest pixels: only the rows that are needed are looked at.
struct NearestPicker: RowConsumer {
  private var pixels: [UInt8]
  private let step: Int
  /// The source column, in bytes, of each output column, and the source row of each output row.
  private let columns: [Int]
  private let rows: [Int]
  private var nextRow = 0

  init(_ plan: ResizePlan, _ mode: Image.Mode) {
    let step = mode.bytesPerPixel
    self.step = step
    let accumulates = mode != .grayscale16
    columns = Self.sources(
      plan.columns, plan.output.width, plan.windowColumns, limit: plan.source.width, accumulates
    ).map { $0 * step }
    rows = Self.sources(
      plan.rows, plan.output.height, plan.windowRows, limit: plan.source.height, accumulates)
    pixels = .uninitialized(count: columns.count * rows.count * step)
  }

  /// The source index under the centre of each output pixel.
  ///
  /// Pillow adds up the step for 8-bit pixels and multiplies it for 16-bit ones; where the centre falls on the
  /// border of two pixels the difference shows.
  private static func sources(
    _ box: Range<Int>, _ length: Int, _ window: Range<Int>, limit: Int, _ accumulates: Bool
  ) -> [Int] {
    let scale = Double(box.count) / Double(length)
    var position = Double(box.lowerBound) + scale * 0.5
    var sources: [Int] = []
    sources.reserveCapacity(length)
    for index in 0..<length {
      if !accumulates { position = scale * (Double(index) + 0.5) + Double(box.lowerBound) }
      sources.append(min(Int(position), limit - 1))
      if accumulates { position += scale }
    }
    return Array(sources[window])
  }

  mutating func consume(_ row: UnsafeMutablePointer<UInt8>, _ y: Int) {
    while nextRow < rows.count, rows[nextRow] == y {
      let start = nextRow * columns.count * step
      pixels.withUnsafeMutableBufferPointer { buffer in
        guard let output = buffer.baseAddress else { return }
        Self.pick(columns, step, from: row, to: output + start)
      }
      nextRow += 1
    }
  }

  private static func pick(
    _ columns: [Int], _ step: Int, from row: UnsafePointer<UInt8>, to output: UnsafeMutablePointer<UInt8>
  ) {
    var result = output
    columns.withUnsafeBufferPointer { columns in
      switch step {
      case 3:
        for column in columns {
          result[0] = row[column]
          result[1] = row[column + 1]
          result[2] = row[column + 2]
          result += 3
        }
      default:
        for column in columns {
          for byte in 0..<step { result[byte] = row[column + byte] }
          result += step
        }
      }
    }
  }

  consuming func finish() -> [UInt8] { pixels }
}

extension [UInt8] {
  /// An array somebody will fill: saves the time of setting megabytes to zero.
  static func uninitialized(count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { _, initializedCount in initializedCount = count }
  }
}
