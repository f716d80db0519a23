/// One moment of a transfer, for a terminal:
/// `resnet50….h5 [##########          ]  50 %  51.5/103.0 MB  12.1 MB/s  0:04`.
struct ProgressLine {
  let name: String
  let byteCount: Int
  /// nil when the server does not say.
  let total: Int?
  let bytesPerSecond: Double

  /// At most `columns - 1` characters, so that the terminal does not break the line.
  func text(columns: Int) -> String {
    var figures: String
    if let total, total > 0 {
      let percent = padded("\(min(100, byteCount * 100 / total))", to: 3)
      figures = "\(percent) %  \(megabytes(byteCount))/\(megabytes(total)) MB"
      if bytesPerSecond > 0 {
        let left = durationText(Double(max(0, total - byteCount)) / bytesPerSecond)
        figures += "  \(megabytes(Int(bytesPerSecond))) MB/s  \(left)"
      }
    } else {
      figures = "\(megabytes(byteCount)) MB"
      if bytesPerSecond > 0 { figures += "  \(megabytes(Int(bytesPerSecond))) MB/s" }
    }
    let room = max(0, columns - 1 - figures.count - 2)
    let barWidth = total == nil ? 0 : min(30, max(0, room / 2 - 3))
    let nameWidth = room - (barWidth > 0 ? barWidth + 3 : 0)
    return [shortened(name, to: nameWidth), bar(width: barWidth), figures]
      .filter { !$0.isEmpty }.joined(separator: " ")
  }

  private func bar(width: Int) -> String {
    guard width > 0, let total, total > 0 else { return "" }
    let filled = min(width, byteCount * width / total)
    return "[" + String(repeating: "#", count: filled) + String(repeating: " ", count: width - filled) + "]"
  }

  private func shortened(_ text: String, to width: Int) -> String {
    if text.count <= width { return text }
    return width < 4 ? "" : text.prefix(width - 4) + "…" + text.suffix(3)
  }

  private func padded(_ text: String, to width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }
}

/// The speed of a transfer: the average so far, after three seconds that of about the last three.
struct TransferRate {
  private(set) var value = 0.0
  private let startTime: Int
  private var lastCount: Int
  private var lastTime: Int

  init(byteCount: Int = 0, at nanoseconds: Int = 0) {
    (startTime, lastCount, lastTime) = (nanoseconds, byteCount, nanoseconds)
  }

  mutating func update(byteCount: Int, at nanoseconds: Int) {
    let seconds = Double(nanoseconds - lastTime) / 1e9
    guard seconds > 0 else { return }
    let current = Double(max(0, byteCount - lastCount)) / seconds
    let elapsed = Double(nanoseconds - startTime) / 1e9
    let weight = min(1, seconds / min(elapsed, 3))
    value += (current - value) * weight
    (lastCount, lastTime) = (byteCount, nanoseconds)
  }
}

/// Millions of bytes with one decimal: `102.9`.
func megabytes(_ byteCount: Int) -> String {
  let tenths = (byteCount + 50_000) / 100_000
  return "\(tenths / 10).\(tenths % 10)"
}

/// `0:04`, `12:30`, `1:02:03`.
func durationText(_ seconds: Double) -> String {
  let seconds = Int(min(seconds.rounded(.up), 359_999))
  func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
  let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
  return hours > 0
    ? "\(hours):\(twoDigits(minutes)):\(twoDigits(seconds % 60))" : "\(minutes):\(twoDigits(seconds % 60))"
}
