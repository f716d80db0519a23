import Keras

/// Prints what `classify` finds.
struct ClassificationPrinter {
  enum Format { case text, json, csv }

  let format: Format
  private(set) var successes = 0
  private(set) var failures = 0
  private var count: PictureCount
  private let showsPercent: Bool

  /// - Parameters:
  ///   - pictures: what was named, to be counted.
  ///   - showsPercent: whether the model's numbers are probabilities.
  init(format: Format, pictures: [String], shard: Shard?, showsPercent: Bool) {
    self.format = format
    self.showsPercent = showsPercent
    count = PictureCount(pictures, shard: shard)
    if format == .csv { StandardOutput.print("file,rank,index,id,label,probability") }
  }

  mutating func print(_ file: String, _ guesses: [Classification]) throws(KerasError) {
    successes += 1
    // Results elsewhere do not disturb the line.
    if StandardOutput.isTerminal { count.clear() }
    defer { count.update(successes + failures) }
    switch format {
    case .json:
      let predictions = guesses.map {
        Line.Prediction(id: $0.id, index: $0.index, label: $0.label, probability: $0.probability)
      }
      StandardOutput.print(try jsonLine(Line(file: file, predictions: predictions)))
    case .csv:
      for (rank, guess) in guesses.enumerated() {
        let cells = [
          file, "\(rank + 1)", "\(guess.index)", guess.id, guess.label, "\(guess.probability)",
        ]
        StandardOutput.print(cells.map(csvCell).joined(separator: ","))
      }
    case .text:
      let lines = guesses.map { guess in
        let number = Double(guess.probability)
        let score = showsPercent ? fixed(number * 100, 1) : fixed(number, 3)
        let label = String(guess.label.escaped.map { $0 == "_" ? " " : $0 })
        return String(repeating: " ", count: max(0, 8 - score.count))
          + "\(score)\(showsPercent ? " %" : "")  \(label)"
      }
      StandardOutput.print(([file.escaped] + lines).joined(separator: "\n"))
    }
  }

  mutating func print(_ file: String, _ error: KerasError) throws(KerasError) {
    failures += 1
    defer { count.update(successes + failures) }
    // Whoever reads JSON gets the error there; people get it on standard error.
    count.clear()
    if format == .json {
      StandardOutput.print(try jsonLine(Line(file: file, error: "\(error)")))
    } else {
      ErrorReport(error: error).print()
    }
  }

  /// To be called at the end.
  mutating func finish() { count.clear() }

  private struct Line: Encodable {
    struct Prediction: Encodable {
      let id: String
      let index: Int
      let label: String
      let probability: Float
    }
    let file: String
    var predictions: [Prediction]?
    var error: String?
  }
}

/// A cell of RFC 4180.
func csvCell(_ text: String) -> String {
  guard text.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return text }
  return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
}
