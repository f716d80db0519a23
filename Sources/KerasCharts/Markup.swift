import KerasCore

extension String {
  /// The text as HTML and SVG hold it, in elements and in attributes; control characters are shown.
  package var asMarkup: String {
    // By code points: a quotation mark with an accent is one character, and a mark nevertheless.
    escaped.unicodeScalars.reduce(into: "") { text, character in
      switch character {
      case "&": text += "&amp;"
      case "<": text += "&lt;"
      case ">": text += "&gt;"
      case "\"": text += "&quot;"
      case "'": text += "&#39;"
      default: text.unicodeScalars.append(character)
      }
    }
  }
}
