import KerasCore

/// Reads the first picture of a GIF file with the pixels that Pillow finds.
///
/// "Graphics Interchange Format, Version 89a" (CompuServe 1990). Every offset is checked: the bytes come from a stranger.
/// The screen is filled with what is transparent, else with the first colour, before the picture is laid on it.
final class GIFDecoder: ImageDecoder {
  let size: ImageSize
  private let bytes: UnsafeRawBufferPointer
  /// Where the picture lies on the screen.
  private let frame: PictureWindow
  private let isInterlaced: Bool
  /// Red, green, blue and opacity of each of 256 colours.
  private let palette: [UInt8]
  private let isGray: Bool
  private let transparent: UInt8?
  private let firstBits: Int
  private let dataStart: Int

  /// - Parameter bytes: must outlive the decoder.
  init(_ bytes: UnsafeRawBufferPointer) throws(KerasError) {
    self.bytes = bytes
    var place = 6
    func byte() throws(KerasError) -> Int {
      guard place < bytes.count else { throw Self.endsTooSoon(bytes.count) }
      defer { place += 1 }
      return Int(bytes[place])
    }
    func number() throws(KerasError) -> Int { try byte() | byte() << 8 }
    func colors(_ flags: Int) throws(KerasError) -> [UInt8] {
      let count = 3 << (flags & 7 + 1)
      guard place + count <= bytes.count else { throw Self.endsTooSoon(bytes.count) }
      defer { place += count }
      return Array(bytes[place..<place + count])
    }
    var (width, height) = (try number(), try number())
    let screen = try byte()
    // Of the background and of the shape of pixels Pillow takes no notice.
    place += 2
    var found = screen & 0x80 == 0 ? [] : try colors(screen)
    var transparent: UInt8?
    search: while true {
      switch try byte() {
      case 0x21:
        let isControl = try byte() == 0xF9
        var isFirst = true
        while true {
          let count = try byte()
          if count == 0 { break }
          if isControl, isFirst, count >= 4, place + 3 < bytes.count, bytes[place] & 1 == 1 {
            transparent = bytes[place + 3]
          }
          isFirst = false
          place += count
        }
      case 0x2C: break search
      case 0x3B: throw KerasError(.invalidFile, "The GIF file holds no picture.")
      // What is nothing is passed over.
      default: continue
      }
    }
    let (left, top, columns, rows) = (try number(), try number(), try number(), try number())
    frame = PictureWindow(rows: top..<top + rows, columns: left..<left + columns)
    (width, height) = (max(width, left + columns), max(height, top + rows))
    let flags = try byte()
    isInterlaced = flags & 0x40 != 0
    if flags & 0x80 != 0 { found = try colors(flags) }
    firstBits = try byte()
    guard firstBits <= 12 else {
      throw KerasError(.invalidFile, "The GIF file is damaged: its numbers begin with \(firstBits) bits.")
    }
    dataStart = place
    size = ImageSize(height: height, width: width)
    self.transparent = transparent

    // Without colours numbers are grey; those beyond the last colour are black.
    isGray = (0..<found.count / 3).allSatisfy { i in (0..<3).allSatisfy { found[3 * i + $0] == i } }
    var table: [UInt8] = []
    for index in 0..<256 {
      for channel in 0..<3 {
        let isKnown = 3 * index < found.count
        table.append(isGray ? UInt8(index) : isKnown ? found[3 * index + channel] : 0)
      }
      table.append(transparent.map(Int.init) == index ? 0 : 255)
    }
    palette = table
  }

  var orientation: Orientation { .upright }
  var ownColors: ColorMode { transparent != nil ? .rgba : isGray ? .grayscale : .rgb }

  func mode(for colorMode: ColorMode) -> Image.Mode { Image.Mode(colorMode) }

  func decodeRows(
    as mode: Image.Mode, _ body: (_ row: UnsafeMutablePointer<UInt8>, _ y: Int) -> Void
  ) throws(KerasError) {
    // Rows may come in another order, so that all numbers are wanted first; how many there may be has been checked.
    let numbers = try colorNumbers()
    let colors = UnsafeMutablePointer<UInt8>.allocate(capacity: size.width * 4)
    let row = UnsafeMutablePointer<UInt8>.allocate(capacity: size.width * 4 + ResamplingPasses.slack)
    defer {
      colors.deallocate()
      row.deallocate()
    }
    let filling = transparent ?? 0
    for y in 0..<size.height {
      for x in 0..<size.width {
        let isInside = frame.rows.contains(y) && frame.columns.contains(x)
        let number =
          isInside
          ? numbers[(y - frame.rows.lowerBound) * frame.columns.count + x - frame.columns.lowerBound]
          : filling
        for channel in 0..<4 { colors[4 * x + channel] = palette[4 * Int(number) + channel] }
      }
      if mode == .grayscale, isGray {
        for x in 0..<size.width { row[x] = colors[4 * x] }
      } else {
        ColorConversion.convert(colors, 4, to: row, mode.channelCount, count: size.width)
      }
      body(row, y)
    }
  }

  /// The number of each pixel's colour, in the picture's own rows and columns.
  private func colorNumbers() throws(KerasError) -> [UInt8] {
    let (columns, rows) = (frame.columns.count, frame.rows.count)
    var numbers = [UInt8](repeating: transparent ?? 0, count: columns * rows)
    guard !numbers.isEmpty else { return numbers }
    var order: [Int] = []
    if isInterlaced {
      for (start, step) in [(0, 8), (4, 8), (2, 4), (1, 2)] {
        order += stride(from: start, to: rows, by: step)
      }
    } else {
      order = Array(0..<rows)
    }
    var line = 0
    var x = 0
    var codes = GIFCodes(bytes, at: dataStart, bits: firstBits)
    while let run = try codes.next() {
      for number in run {
        numbers[order[line] * columns + x] = number
        x += 1
        guard x == columns else { continue }
        (line, x) = (line + 1, 0)
        if line == rows { return numbers }
      }
    }
    // The file says itself that no more comes.
    throw Self.endsTooSoon(bytes.count)
  }

  fileprivate static func endsTooSoon(_ count: Int) -> KerasError {
    KerasError(
      .invalidFile, "The GIF file ends too soon, after \(count) bytes.",
      remedy: "copy or download the file again.")
  }
}

/// Strings of colour numbers packed as Lempel, Ziv and Welch do, in blocks of at most 255 bytes.
private struct GIFCodes {
  private let bytes: UnsafeRawBufferPointer
  private var place: Int
  private var leftInBlock = 0
  private var waiting: UInt32 = 0
  private var waitingBits = 0

  private let clear: Int
  private let firstSize: Int
  private var codeSize: Int
  /// The last number of each string, and the string that comes before it.
  private var last = [UInt8](repeating: 0, count: Self.most)
  private var before = [UInt16](repeating: 0, count: Self.most)
  /// The string that is learned next.
  private var free: Int
  private var previous: Int?
  private var run: [UInt8] = []

  private static let most = 4096

  init(_ bytes: UnsafeRawBufferPointer, at place: Int, bits: Int) {
    (self.bytes, self.place) = (bytes, place)
    clear = 1 << bits
    firstSize = bits + 1
    (codeSize, free) = (firstSize, clear + 2)
  }

  /// The next string; nil at the end of the picture.
  mutating func next() throws(KerasError) -> [UInt8]? {
    while true {
      let code = try nextCode()
      if code == clear {
        (codeSize, free, previous) = (firstSize, clear + 2, nil)
        continue
      }
      if code == clear + 1 { return nil }
      guard let previous else {
        guard code < clear else { throw Self.damaged(code) }
        self.previous = code
        return [UInt8(truncatingIfNeeded: code)]
      }
      guard code <= free, code < Self.most || previous < Self.most else { throw Self.damaged(code) }
      try spell(code == free ? previous : code)
      let first = run[0]
      if code == free { run.append(first) }
      learn(first, after: previous)
      self.previous = code
      return run
    }
  }

  /// Puts the string of a code into `run`.
  private mutating func spell(_ code: Int) throws(KerasError) {
    run.removeAll(keepingCapacity: true)
    var code = code
    while code >= clear {
      // Strings come before those that go on with them, so this ends.
      guard code < free, code > clear + 1 else { throw Self.damaged(code) }
      run.append(last[code])
      code = Int(before[code])
    }
    run.append(UInt8(truncatingIfNeeded: code))
    run.reverse()
  }

  private mutating func learn(_ number: UInt8, after string: Int) {
    guard free < Self.most else { return }
    last[free] = number
    before[free] = UInt16(string)
    if free == 1 << codeSize - 1, codeSize < 12 { codeSize += 1 }
    free += 1
  }

  private mutating func nextCode() throws(KerasError) -> Int {
    while waitingBits < codeSize {
      if leftInBlock == 0 {
        guard place < bytes.count, bytes[place] > 0, place + Int(bytes[place]) < bytes.count else {
          throw GIFDecoder.endsTooSoon(bytes.count)
        }
        leftInBlock = Int(bytes[place])
        place += 1
      }
      waiting |= UInt32(bytes[place]) << UInt32(waitingBits)
      waitingBits += 8
      place += 1
      leftInBlock -= 1
    }
    let code = Int(waiting & (1 << UInt32(codeSize) - 1))
    waiting >>= UInt32(codeSize)
    waitingBits -= codeSize
    return code
  }

  private static func damaged(_ code: Int) -> KerasError {
    KerasError(.invalidFile, "The GIF file is damaged: code \(code) means nothing where it stands.")
  }
}
