extension String {
  /// Python's `str.lower()`: Unicode's full mapping, and Σ at the end of a word as ς.
  var loweredAsInPython: String {
    // Most texts are ASCII.
    if utf8.allSatisfy({ $0 < 0x80 }) { return lowercased() }
    let scalars = Array(unicodeScalars)
    var lowered = ""
    lowered.unicodeScalars.reserveCapacity(scalars.count)
    for (place, scalar) in scalars.enumerated() {
      if scalar == "Σ" {
        lowered.unicodeScalars.append(Self.endsWord(scalars, at: place) ? "ς" : "σ")
      } else {
        lowered.unicodeScalars.append(contentsOf: scalar.properties.lowercaseMapping.unicodeScalars)
      }
    }
    return lowered
  }

  /// Unicode's `Final_Sigma`: a cased letter stands before, none behind; what takes no case is passed over.
  private static func endsWord(_ scalars: [Unicode.Scalar], at place: Int) -> Bool {
    let before = scalars[..<place].last { !$0.properties.isCaseIgnorable }
    let behind = scalars[(place + 1)...].first { !$0.properties.isCaseIgnorable }
    return before?.properties.isCased == true && behind?.properties.isCased != true
  }
}

/// Python's `str.split(separator)` without the empty parts.
///
/// Works on code points, as Python does: a letter and its accent are two.
func nonEmptyParts(_ text: [Unicode.Scalar], separator: [Unicode.Scalar]) -> [String] {
  var parts: [String] = []
  var part = String.UnicodeScalarView()
  var place = 0
  func close() {
    if !part.isEmpty { parts.append(String(part)) }
    part = String.UnicodeScalarView()
  }
  while place < text.count {
    if text[place] == separator[0], text[place...].starts(with: separator) {
      close()
      place += separator.count
    } else {
      part.append(text[place])
      place += 1
    }
  }
  close()
  return parts
}
