import KerasCore

extension WeightDifferences {
  /// The differences as text for a terminal, a line for every weight that differs and a sentence at the end.
  public var table: String {
    let different = rows.filter { $0.finding != .same }
    var lines: [String] = []
    if !different.isEmpty {
      let header = ["Layer", "Weight", "First", "Second", "Largest difference"]
      let cells = different.map { row in
        [
          row.layer.escaped, row.weight.escaped, row.cell(of: .onlyInSecond), row.cell(of: .onlyInFirst),
          row.verdict,
        ]
      }
      lines += TextColumns([.left, .left, .left, .left, .left], rows: [header] + cells).lines + [""]
    }
    lines.append(
      different.isEmpty
        ? "All \(grouped(rows.count)) weights are the same."
        : "\(grouped(different.count)) of \(grouped(rows.count)) weights differ.")
    switch haveSameArchitecture {
    case true?: lines.append("Both files describe the same model.")
    case false?: lines.append("The files describe different models.")
    case nil: break
    }
    return lines.joined(separator: "\n")
  }
}

extension WeightDifferences.Row {
  /// Shape and type in one file; `absence` is the finding that says it is not there.
  fileprivate func cell(of absence: WeightDifferences.Finding) -> String {
    guard finding != absence else { return "–" }
    let position = absence == .onlyInFirst ? shapes.count - 1 : 0
    return "\(Shape(shapes[position])) \(types[position])"
  }

  fileprivate var verdict: String {
    switch finding {
    case .same, .values: largestDifference.map { "\($0)" } ?? ""
    case .notFinite: "NaN or infinity in one"
    case .shape: "other shape"
    case .onlyInFirst: "only in the first"
    case .onlyInSecond: "only in the second"
    case .notComparable: "not numbers"
    }
  }
}
