import ArgumentParser
import Keras

/// What became of a classifier, as a page to look at and as JSON beside it.
struct ClassifierPage {
  /// A table of so many classes can still be read.
  private static let mostColumns = 40
  private static let mostMistakes = 40

  var title: String
  /// A line each, below the title.
  var facts: [String] = []
  /// Curves, with what they are of.
  var histories: [(name: String, history: History)] = []
  var range: LearningRateRange?
  let report: ClassificationReport
  /// By number.
  let names: [String]
  /// The files of the report's samples.
  let files: [FileName]

  /// - Parameter path: of the page, which ends in `.html`; JSON goes beside it.
  func write(to path: String) throws(KerasError) {
    let json = Array((self.json.text(indented: true) + "\n").utf8)
    try ThumbnailPage.write(to: path, title: title) { (page) throws(KerasError) in
      guard let page else { return }
      for fact in facts { try page.note(fact) }
      for (name, history) in histories where !history.epochs.isEmpty {
        try page.heading(name)
        try page.markup(history.svg())
      }
      if let range {
        try page.heading("Learning rate")
        try page.markup(range.svg())
      }
      try page.heading("Classes")
      try page.markup(classTable)
      try page.heading("Classes (rows) and what they were taken for (columns)")
      try page.markup(confusionTable)
      let mistakes = report.mistakes
      let shown = mistakes.prefix(Self.mostMistakes)
      let heading =
        mistakes.count > shown.count ? "The worst of \(mistakes.count) mistakes" : "Mistakes, the worst first"
      try page.section(mistakes.isEmpty ? "No mistakes" : heading) { () throws(KerasError) in
        for mistake in shown {
          let file = files[mistake.number]
          try page.picture(
            file.isText ? file.text : nil,
            [
              "\(names[mistake.label]), taken for \(names[mistake.guess])",
              "\(fixed(mistake.confidence * 100, 1)) % against \(fixed(mistake.labelProbability * 100, 1)) %",
              file.text,
            ])
        }
      }
    }
    try writeFile(at: Self.jsonPath(path)) { (file) throws(KerasError) in try file.append(json) }
  }

  private static let ending = ".html"

  static func validate(_ path: String?) throws {
    if let path, !path.hasSuffix(ending) { throw ValidationError("The report to write must end in .html.") }
  }

  private static func jsonPath(_ path: String) -> String {
    (path.hasSuffix(ending) ? String(path.dropLast(ending.count)) : path) + ".json"
  }

  private var classTable: String {
    var text = "<table><tr><th>class</th><th>precision</th><th>recall</th><th>F1</th><th>pictures</th></tr>\n"
    for (name, figures) in zip(names, report.classes) {
      let numbers = [figures.precision, figures.recall, figures.f1].map { "<td>\(fixed($0, 3))</td>" }
        .joined()
      text += "<tr><th>\(name.asMarkup)</th>\(numbers)<td>\(figures.support)</td></tr>\n"
    }
    return text + "</table>\n"
  }

  private var confusionTable: String {
    guard names.count <= Self.mostColumns else { return confusedPairs }
    let head = names.map { "<th>\($0.asMarkup)</th>" }.joined()
    var text = "<div class=\"wide\"><table><tr><th></th>\(head)</tr>\n"
    for (row, counts) in report.confusion.enumerated() {
      let total = max(counts.reduce(0, +), 1)
      let cells = counts.enumerated().map { column, count in
        // Right ones blue, others orange, the more the stronger.
        let color = column == row ? "0,114,178" : "213,94,0"
        let strength = fixed(Double(count) / Double(total) * 0.8, 2)
        return "<td style=\"background:rgba(\(color),\(strength))\">\(count)</td>"
      }
      text += "<tr><th>\(names[row].asMarkup)</th>\(cells.joined())</tr>\n"
    }
    return text + "</table></div>\n"
  }

  /// Where there are too many classes for a table of all pairs.
  private var confusedPairs: String {
    let pairs = report.confusion.enumerated().flatMap { row, counts in
      counts.enumerated().compactMap { column, count in
        column != row && count > 0 ? (row, column, count) : nil
      }
    }
    var text = "<table><tr><th>class</th><th>taken for</th><th>times</th></tr>\n"
    for (row, column, count) in pairs.sorted(by: { $0.2 > $1.2 }).prefix(Self.mostColumns) {
      text +=
        "<tr><th>\(names[row].asMarkup)</th><td>\(names[column].asMarkup)</td><td>\(count)</td></tr>\n"
    }
    return text + "</table>\n"
  }

  private var json: JSON {
    var object = JSONObject()
    object["title"] = .string(title)
    object["accuracy"] = .number(report.accuracy)
    object["classes"] = .array(
      zip(names, report.classes).map { name, figures in
        [
          "name": .string(name), "precision": .number(figures.precision), "recall": .number(figures.recall),
          "f1": .number(figures.f1), "support": .integer(figures.support),
        ]
      })
    object["confusion"] = .array(report.confusion.map { .array($0.map { .integer($0) }) })
    object["mistakes"] = .array(
      report.mistakes.map { mistake in
        [
          "file": .string(files[mistake.number].text), "class": .string(names[mistake.label]),
          "guess": .string(names[mistake.guess]), "confidence": .number(mistake.confidence),
          "class_probability": .number(mistake.labelProbability),
        ]
      })
    object["histories"] = .array(
      histories.map { name, history in
        var metrics = JSONObject()
        for metric in history.metrics.keys.sorted() {
          metrics[metric] = .array((history[metric] ?? []).map { .number($0) })
        }
        return [
          "name": .string(name), "epochs": .array(history.epochs.map { .integer($0) }),
          "metrics": .object(metrics),
        ]
      })
    if let range {
      object["learning_rate_range"] = [
        "rates": .array(range.rates.map { .number($0) }), "losses": .array(range.losses.map { .number($0) }),
        "suggestion": .number(range.suggestion),
      ]
    }
    return .object(object)
  }
}
