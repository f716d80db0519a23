import KerasCore

extension FileInspection {
  /// The facts as text for a terminal, a line for every weight.
  public var table: String {
    var lines = ["\(file.escaped): \(kind.title), \(Self.grouped(bytes)) bytes"]
    lines += attributes.map { "\($0.name.escaped): \($0.value.escaped)" }
    let header = ["Layer", "Weight", "Shape", "Type", "Bytes"]
    let rows = layers.flatMap { Self.rows($0.name, $0.weights) }
    if !rows.isEmpty { lines += [""] + Self.aligned([header] + rows) }
    lines += [
      "",
      "\(Self.counted(layers.count, "layer")), \(Self.counted(weightCount, "weight")), "
        + "\(Self.counted(parameterCount, "parameter")), \(Self.grouped(weightBytes)) bytes",
    ]
    if !otherArrays.isEmpty {
      lines +=
        ["", "Beside the layers' weights:"]
        + Self.aligned(otherArrays.map { Array(Self.row("", $0).dropFirst()) })
    }
    return lines.joined(separator: "\n")
  }

  /// A layer's name stands beside its first weight only.
  private static func rows(_ layer: String, _ weights: [Weight]) -> [[String]] {
    guard !weights.isEmpty else { return [[layer.escaped, "", "", "", ""]] }
    return weights.enumerated().map { row($0.offset == 0 ? layer.escaped : "", $0.element) }
  }

  private static func row(_ layer: String, _ weight: Weight) -> [String] {
    [layer, weight.name.escaped, "\(Shape(weight.shape))", weight.type, grouped(weight.bytes)]
  }

  /// Columns as wide as their widest cell; the last one, of numbers, to the right.
  private static func aligned(_ rows: [[String]]) -> [String] {
    var widths = [Int](repeating: 0, count: rows.first?.count ?? 0)
    for row in rows { for (i, cell) in row.enumerated() { widths[i] = max(widths[i], cell.count) } }
    return rows.map { row in
      var line = ""
      for (i, cell) in row.enumerated() {
        let padding = String(repeating: " ", count: widths[i] - cell.count)
        line += i == row.count - 1 ? (cell.isEmpty ? "" : padding + cell) : cell + padding + "  "
      }
      return String(line.reversed().drop { $0 == " " }.reversed())
    }
  }

  private static func counted(_ count: Int, _ noun: String) -> String {
    "\(grouped(count)) \(noun)\(count == 1 ? "" : "s")"
  }

  /// Digits in threes: `25,636,712`.
  private static func grouped(_ number: Int) -> String {
    let digits = Array(String(number))
    return digits.enumerated().reduce(into: "") { text, digit in
      if digit.offset > 0, (digits.count - digit.offset) % 3 == 0 { text += "," }
      text.append(digit.element)
    }
  }
}

extension FileInspection.Kind {
  fileprivate var title: String {
    switch self {
    case .legacyWeights: "Keras weights (HDF5, by layer)"
    case .legacyModel: "Keras model (HDF5)"
    case .weightsByPath: "Keras weights (HDF5, by object path)"
    case .hdf5: "HDF5, not written by Keras"
    }
  }
}
