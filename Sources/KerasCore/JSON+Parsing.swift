extension JSON {
  /// The deepest nesting of arrays and objects that is read.
  public static let deepestNesting = 512

  /// Reads a JSON text.
  ///
  /// Beyond the standard, `NaN`, `Infinity` and `-Infinity` are read, which Python writes. Integers that do
  /// not fit 64 bits become numbers, half a surrogate pair becomes U+FFFD, and of two entries with one key the
  /// last counts.
  ///
  /// - Throws: `invalidFile` with line and column for anything else, and for more than ``deepestNesting``
  ///   levels.
  public init(parsing text: String) throws(KerasError) {
    var text = text
    var outcome: Result<JSON, KerasError>?
    text.withUTF8 { bytes in outcome = Self.parse(UnsafeRawBufferPointer(bytes)) }
    self = try outcome?.get() ?? .null
  }

  /// Reads a JSON text in UTF-8, with or without a byte order mark.
  ///
  /// - Throws: as ``init(parsing:)``; also `invalidFile` for bytes that are not UTF-8.
  public init(parsing bytes: UnsafeRawBufferPointer) throws(KerasError) {
    self = try Self.parse(bytes).get()
  }

  /// Reads a JSON text in UTF-8, with or without a byte order mark.
  public init(parsing bytes: some RandomAccessCollection<UInt8>) throws(KerasError) {
    let outcome =
      bytes.withContiguousStorageIfAvailable { Self.parse(UnsafeRawBufferPointer($0)) }
      ?? Array(bytes).withUnsafeBytes { Self.parse($0) }
    self = try outcome.get()
  }

  private static func parse(_ bytes: UnsafeRawBufferPointer) -> Result<JSON, KerasError> {
    var parser = JSONParser(bytes: bytes)
    do throws(KerasError) {
      return .success(try parser.document())
    } catch {
      return .failure(error)
    }
  }
}

/// A recursive descent over the bytes of a text, at most ``JSON/deepestNesting`` calls deep.
private struct JSONParser {
  let bytes: UnsafeRawBufferPointer
  var position = 0

  init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  mutating func document() throws(KerasError) -> JSON {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    let value = try value(depth: 0)
    skipSpace()
    guard position == bytes.count else { throw unexpected("the end of the text") }
    return value
  }

  /// The byte at `position`; 0, which no JSON has between values, at the end.
  private var next: UInt8 { position < bytes.count ? bytes[position] : 0 }

  private mutating func skipSpace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x0A, 0x0D, 0x09: position += 1
      default: return
      }
    }
  }

  private mutating func value(depth: Int) throws(KerasError) -> JSON {
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return .object(try object(depth: depth + 1))
    case UInt8(ascii: "["): return .array(try array(depth: depth + 1))
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t") where skip("true"): return .bool(true)
    case UInt8(ascii: "f") where skip("false"): return .bool(false)
    case UInt8(ascii: "n") where skip("null"): return .null
    case UInt8(ascii: "N") where skip("NaN"): return .number(.nan)
    case UInt8(ascii: "I") where skip("Infinity"): return .number(.infinity)
    case UInt8(ascii: "-") where skip("-Infinity"): return .number(-.infinity)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    default: throw unexpected("a value")
    }
  }

  private mutating func skip(_ word: StaticString) -> Bool {
    let end = position + word.utf8CodeUnitCount
    guard end <= bytes.count else { return false }
    for i in 0..<word.utf8CodeUnitCount where bytes[position + i] != word.utf8Start[i] { return false }
    position = end
    return true
  }

  // MARK: Arrays and objects

  private mutating func array(depth: Int) throws(KerasError) -> [JSON] {
    try open(depth: depth)
    var elements: [JSON] = []
    if close(UInt8(ascii: "]")) { return elements }
    while true {
      elements.append(try value(depth: depth))
      if close(UInt8(ascii: "]")) { return elements }
      guard next == UInt8(ascii: ",") else { throw unexpected("a comma or ]") }
      position += 1
    }
  }

  private mutating func object(depth: Int) throws(KerasError) -> JSONObject {
    try open(depth: depth)
    var object = JSONObject()
    if close(UInt8(ascii: "}")) { return object }
    while true {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw unexpected("a key in quotation marks") }
      let key = try string()
      skipSpace()
      guard next == UInt8(ascii: ":") else { throw unexpected("a colon after a key") }
      position += 1
      object.set(try value(depth: depth), for: key)
      if close(UInt8(ascii: "}")) { return object }
      guard next == UInt8(ascii: ",") else { throw unexpected("a comma or }") }
      position += 1
    }
  }

  private mutating func open(depth: Int) throws(KerasError) {
    guard depth <= JSON.deepestNesting else {
      throw error("arrays and objects are nested more than \(JSON.deepestNesting) levels deep", at: position)
    }
    position += 1
  }

  private mutating func close(_ bracket: UInt8) -> Bool {
    skipSpace()
    guard next == bracket else { return false }
    position += 1
    return true
  }

  // MARK: Numbers

  private mutating func number() throws(KerasError) -> JSON {
    let start = position
    let isNegative = next == UInt8(ascii: "-")
    if isNegative { position += 1 }
    let digits = position
    var magnitude: UInt64 = 0
    var fits = true
    while let digit = digitValue(next) {
      let (tens, overflow) = magnitude.multipliedReportingOverflow(by: 10)
      let (sum, carry) = tens.addingReportingOverflow(digit)
      fits = fits && !overflow && !carry
      magnitude = sum
      position += 1
    }
    guard position > digits else { throw unexpected("a digit") }
    guard position == digits + 1 || bytes[digits] != UInt8(ascii: "0") else {
      throw error("a number begins with 0", at: start)
    }
    var isInteger = true
    if next == UInt8(ascii: ".") {
      isInteger = false
      position += 1
      try skipDigits()
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      isInteger = false
      position += 1
      if next == UInt8(ascii: "-") || next == UInt8(ascii: "+") { position += 1 }
      try skipDigits()
    }
    if isInteger, fits {
      if !isNegative, let value = Int(exactly: magnitude) { return .integer(value) }
      if isNegative, magnitude <= UInt64(Int.max) + 1 {
        return .integer(Int(truncatingIfNeeded: 0 &- magnitude))
      }
    }
    guard let value = Double(String(decoding: bytes[start..<position], as: UTF8.self)) else {
      throw error("a number that cannot be read", at: start)
    }
    return .number(value)
  }

  private mutating func skipDigits() throws(KerasError) {
    guard digitValue(next) != nil else { throw unexpected("a digit") }
    while digitValue(next) != nil { position += 1 }
  }

  private func digitValue(_ byte: UInt8) -> UInt64? {
    byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") ? UInt64(byte - UInt8(ascii: "0")) : nil
  }

  // MARK: Strings

  private mutating func string() throws(KerasError) -> String {
    let opening = position
    position += 1
    var text = try plainText(from: opening)
    while next == UInt8(ascii: "\\"), position < bytes.count {
      text.unicodeScalars.append(try escape())
      text += try plainText(from: opening)
    }
    position += 1
    return text
  }

  /// What stands before the closing quotation mark or the next backslash, at which `position` then is.
  private mutating func plainText(from opening: Int) throws(KerasError) -> String {
    let start = position
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
        guard let text = String(validating: bytes[start..<position], as: UTF8.self) else {
          throw error("a string is not UTF-8", at: opening)
        }
        return text
      }
      guard byte >= 0x20 else { throw unexpected("a closing quotation mark") }
      position += 1
    }
    throw error("a string does not end", at: opening)
  }

  private mutating func escape() throws(KerasError) -> Unicode.Scalar {
    let start = position
    position += 1
    let letter = next
    position += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(letter)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try escapedScalar(from: start)
    default: throw error("a backslash begins no escape", at: start)
    }
  }

  private mutating func escapedScalar(from start: Int) throws(KerasError) -> Unicode.Scalar {
    guard let first = codeUnit(at: position) else {
      throw error("\\u is not followed by four hexadecimal digits", at: start)
    }
    position += 4
    let isPairBegun = 0xD800..<0xDC00 ~= first
    if isPairBegun, position + 6 <= bytes.count, next == UInt8(ascii: "\\"),
      bytes[position + 1] == UInt8(ascii: "u"), let second = codeUnit(at: position + 2),
      0xDC00..<0xE000 ~= second
    {
      position += 6
      return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) ?? "\u{FFFD}"
    }
    return Unicode.Scalar(first) ?? "\u{FFFD}"
  }

  /// Four hexadecimal digits.
  private func codeUnit(at start: Int) -> UInt32? {
    guard start + 4 <= bytes.count else { return nil }
    var value: UInt32 = 0
    for i in start..<start + 4 {
      guard let digit = Character(Unicode.Scalar(bytes[i])).hexDigitValue else { return nil }
      value = value << 4 | UInt32(digit)
    }
    return value
  }

  // MARK: Complaints

  private func unexpected(_ wanted: String) -> KerasError {
    var found = "the end of the text"
    if position < bytes.count {
      let byte = bytes[position]
      found =
        byte > 0x20 && byte < 0x7F
        ? String(Unicode.Scalar(byte)) : "the byte 0x" + String(byte, radix: 16, uppercase: true)
    }
    return error("expected \(wanted), found \(found)", at: position)
  }

  private func error(_ what: String, at position: Int) -> KerasError {
    let before = bytes[..<min(position, bytes.count)]
    let line = before.reduce(1) { $1 == 0x0A ? $0 + 1 : $0 }
    let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    let column = before[lineStart...].reduce(1) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 }
    return KerasError(.invalidFile, "The JSON cannot be read: line \(line), column \(column): \(what).")
  }
}
