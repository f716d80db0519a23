extension JSON {
  /// The value as JSON text that Python reads: spaces after commas and colons as Python's `json.dumps` puts
  /// them, letters beyond ASCII as they are.
  ///
  /// Reading the text gives the same value back, whole numbers that are no integers (`1.0`) included; NaN and
  /// infinities are spelled as Python does.
  ///
  /// - Parameter indented: Whether every element and entry gets a line of its own.
  public func text(indented: Bool = false) -> String {
    var writer = JSONWriter(isIndented: indented)
    writer.write(self)
    return writer.text
  }
}

extension JSON: CustomStringConvertible {
  public var description: String { text() }
}

/// Collects UTF-8, which is several times as fast as putting strings together.
private struct JSONWriter {
  let isIndented: Bool
  private var bytes: [UInt8] = []
  private var depth = 0

  init(isIndented: Bool) { self.isIndented = isIndented }

  var text: String { String(decoding: bytes, as: UTF8.self) }

  mutating func write(_ value: JSON) {
    switch value {
    case .null: write(word: "null")
    case .bool(let value): write(word: value ? "true" : "false")
    case .integer(let value): bytes += String(value).utf8
    case .number(let value): bytes += Self.spelling(of: value).utf8
    case .string(let value): write(quoted: value)
    case .array(let elements):
      write(elements, between: "[", "]") { writer, element in writer.write(element) }
    case .object(let object):
      write(object, between: "{", "}") { writer, entry in
        writer.write(quoted: entry.key)
        writer.write(word: ": ")
        writer.write(entry.value)
      }
    }
  }

  private static func spelling(of value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
    return value.description
  }

  private mutating func write(word: StaticString) {
    bytes.append(contentsOf: UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
  }

  private mutating func write<Parts: Collection>(
    _ parts: Parts, between opening: StaticString, _ closing: StaticString,
    writePart: (inout JSONWriter, Parts.Element) -> Void
  ) {
    write(word: opening)
    depth += 1
    var isFirst = true
    for part in parts {
      if !isFirst { write(word: isIndented ? "," : ", ") }
      isFirst = false
      breakLine()
      writePart(&self, part)
    }
    depth -= 1
    if !parts.isEmpty { breakLine() }
    write(word: closing)
  }

  private mutating func breakLine() {
    guard isIndented else { return }
    bytes.append(UInt8(ascii: "\n"))
    bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * depth))
  }

  private mutating func write(quoted string: String) {
    bytes.append(UInt8(ascii: "\""))
    for byte in string.utf8 {
      switch byte {
      case UInt8(ascii: "\""): write(word: "\\\"")
      case UInt8(ascii: "\\"): write(word: "\\\\")
      case 0x0A: write(word: "\\n")
      case 0x0D: write(word: "\\r")
      case 0x09: write(word: "\\t")
      case 0..<0x20:
        write(word: byte < 0x10 ? "\\u000" : "\\u00")
        bytes += String(byte, radix: 16).utf8
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}
