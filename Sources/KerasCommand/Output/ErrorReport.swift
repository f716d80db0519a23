import Keras

/// Errors as a terminal shows them: names in them cannot steer it, and long lists are cut.
struct ErrorReport {
  let error: KerasError
  /// Whether every line is shown, where an error has many.
  var isWhole = false

  /// Lines of what happened that are always shown.
  private static let lineLimit = 6

  var text: String {
    var error = error
    error.path = error.path.map(\.escaped)
    error.remedy = error.remedy.map { Self.inOptions(Self.harmless($0)) }
    let lines = Self.harmless(error.what).split(separator: "\n", omittingEmptySubsequences: false)
    if isWhole || lines.count <= Self.lineLimit + 1 {
      error.what = lines.joined(separator: "\n")
    } else {
      error.what =
        (lines.prefix(Self.lineLimit) + ["  … and \(lines.count - Self.lineLimit) more (--verbose)"])
        .joined(separator: "\n")
    }
    return error.description
  }

  func print() { StandardError.print("error: \(text)") }

  /// What the library says in Swift's words, in a command line's.
  private static func inOptions(_ remedy: String) -> String {
    let words = [
      ("preprocessing: ", "--preprocessing "), ("alpha: ", "--alpha "), ("classes: ", "--classes "),
      ("rows: ", "--image-size "), ("includeTop: false", "no classifier"), ("imageSize", "--image-size"),
    ]
    return words.reduce(remedy) { $0.replacing($1.0, with: $1.1) }
  }

  /// Lines stay; other control characters are spelled out.
  private static func harmless(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { String($0).escaped }.joined(
      separator: "\n")
  }
}
