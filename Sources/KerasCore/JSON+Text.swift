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

private struct JSONWriter {
  let isIndented: Bool
  private(set) var text = ""
  private var depth = 0

  init(isIndented: Bool) { self.isIndented = isIndented }

  mutating func write(_ value: JSON) {
    switch value {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .integer(let value): text += String(value)
    case .number(let value): text += Self.spelling(of: value)
    case .string(let value): write(quoted: value)
    case .array(let elements):
      write(elements, between: "[", "]") { writer, element in writer.write(element) }
    case .object(let object):
      write(object, between: "{", "}") { writer, entry in
        writer.write(quoted: entry.key)
        writer.text += ": "
        writer.write(entry.value)
      }
    }
  }

  private static func spelling(of value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
    return value.description
  }

  private mutating func write<Parts: Collection>(
    _ parts: Parts, between opening: String, _ closing: String,
    writePart: (inout JSONWriter, Parts.Element) -> Void
  ) {
    text += opening
    depth += 1
    var isFirst = true
    for part in parts {
      if !isFirst { text += isIndented ? "," : ", " }
      isFirst = false
      breakLine()
      writePart(&self, part)
    }
    depth -= 1
    if !parts.isEmpty { breakLine() }
    text += closing
  }

  private mutating func breakLine() {
    guard isIndented else { return }
    text += "\n" + String(repeating: "  ", count: depth)
  }

  private mutating func write(quoted string: String) {
    text += "\""
    let needsEscape = string.utf8.contains {
      $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\")
    }
    if needsEscape {
      for scalar in string.unicodeScalars { write(escaping: scalar) }
    } else {
      text += string
    }
    text += "\""
  }

  private mutating func write(escaping scalar: Unicode.Scalar) {
    switch scalar {
    case "\"": text += "\\\""
    case "\\": text += "\\\\"
    case "\n": text += "\\n"
    case "\r": text += "\\r"
    case "\t": text += "\\t"
    case _ where scalar.value < 0x20:
      let digits = String(scalar.value, radix: 16)
      text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: text.unicodeScalars.append(scalar)
    }
  }
}
