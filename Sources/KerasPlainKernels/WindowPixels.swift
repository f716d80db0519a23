import KerasGraph

/// The pixels under a sliding window as a matrix, one row a position ("im2col"), in panels of bounded size; a 1×1
/// window that visits every pixel needs none, the image is the matrix.
struct WindowPixels: Sendable {
  let window: SlidingWindow
  let channels: Int
  let channelsPerGroup: Int
  private let rowsPerPanel: Int

  /// 8 MB of float32: stays near the caches, yet keeps the products large.
  private static let panelElementCount = 1 << 21

  init(_ window: SlidingWindow, channels: Int, channelsPerGroup: Int) {
    self.window = window
    self.channels = channels
    self.channelsPerGroup = channelsPerGroup
    let depth = window.tapCount * channelsPerGroup
    let rows = window.isPointwise ? 1 << 20 : Self.panelElementCount / max(depth, 1)
    rowsPerPanel = max(1, min(rows, window.rowCount))
  }

  /// Whether the image itself is the matrix.
  var isImage: Bool { window.isPointwise }
  var rowCount: Int { window.rowCount }
  /// The length of a row: taps times channels of a group.
  var depth: Int { window.tapCount * channelsPerGroup }

  /// The room for a panel. 16-bit floats are computed with in float32.
  func panelByteCount(_ type: DataType) -> Int {
    isImage ? 0 : rowsPerPanel * depth * max(type.byteCount, MemoryLayout<Float>.stride)
  }

  /// Rows that are multiplied together.
  var panels: [Range<Int>] {
    stride(from: 0, to: rowCount, by: rowsPerPanel).map { $0..<min($0 + rowsPerPanel, rowCount) }
  }

  /// The rows `rows` of a group's matrix, gathered into `panel` when they do not stand in the image so.
  func matrix<R: Real>(
    of image: UnsafePointer<R>, _ rows: Range<Int>, group: Int, panel: UnsafeMutableRawPointer
  ) -> Matrix<R> {
    let image = image + group * channelsPerGroup
    if isImage { return Matrix(image + rows.lowerBound * channels, stride: channels) }
    let panel = panel.bindMemory(to: R.self, capacity: rows.count * depth)
    var target = panel
    for row in rows {
      target.update(repeating: 0, count: depth)
      window.forEachTap(of: row) { tap, pixel in
        (target + tap * channelsPerGroup).update(from: image + pixel * channels, count: channelsPerGroup)
      }
      target += depth
    }
    return Matrix(panel, stride: depth)
  }

  /// Adds the rows of a panel to the pixels they belong to: the transpose of ``matrix(of:_:group:panel:)``.
  func scatter<R: Real>(
    _ panel: UnsafePointer<R>, _ rows: Range<Int>, group: Int, to image: UnsafeMutablePointer<R>
  ) {
    let image = image + group * channelsPerGroup
    var source = panel
    for row in rows {
      window.forEachTap(of: row) { tap, pixel in
        let (from, to) = (source + tap * channelsPerGroup, image + pixel * channels)
        for c in 0..<channelsPerGroup { to[c] += from[c] }
      }
      source += depth
    }
  }
}
