/// What `model.summary()` prints in Keras: a row a layer, then the number and size of parameters.
extension Model {
  /// The model as a table, the same text as Keras 3 prints, without colours.
  ///
  /// Models that are not a plain chain of layers have a column `Connected to`, whose `name[call][output]`
  /// names output number `output` of call number `call` of a layer. Rows are never cut: Keras crops a table
  /// that is wider than the terminal, here a `lineLength` given is the length printed.
  ///
  /// - Parameters:
  ///   - lineLength: characters of a row; nil for 88 (108 with connections), 12 more with
  ///     `showsTrainable`, but at most the terminal's columns less 4.
  ///   - positions: where each column ends, as shares of the line, the last one 1.0; without the column
  ///     `Trainable`, which takes the last tenth. Nil for Keras' own.
  ///   - expandNested: whether the layers of nested models follow them, indented.
  ///   - showsTrainable: whether a last column says if training changes a layer's weights (Y, N; - for none).
  ///   - layerRange: the names of the first and the last row, or regular expressions that match their
  ///     beginning; the range goes from the first match of one to the last match of the other.
  ///   - terminalColumns: nil for `COLUMNS`, else the width of the terminal, else 80.
  /// - Returns: lines without a newline at the end.
  /// - Throws: `invalidArgument` when a column is narrower than 4 characters or `positions` do not fit;
  ///   `unknownName` when no layer matches `layerRange`.
  public func summary(
    lineLength: Int? = nil, positions: [Double]? = nil, expandNested: Bool = false,
    showsTrainable: Bool = false, layerRange: (first: String, last: String)? = nil,
    terminalColumns: Int? = nil
  ) throws(KerasError) -> String {
    let rows = SummaryRows(of: self, expandNested: expandNested, showsTrainable: showsTrainable)
    let columns = max(terminalColumns ?? Terminal.columns, 4)
    let length = min(lineLength ?? min(rows.defaultLineLength, columns - 4), Self.longestLine)
    let (table, shown) = try within(name) { () throws(KerasError) in
      let widths = try rows.columnWidths(lineLength: length, positions: positions)
      let table = TextTable(columns: rows.columns, contentWidths: widths, lineLength: length)
      return (table, try layers(in: layerRange))
    }
    return ["Model: \"\(name)\"", table.text(rows: shown.flatMap { rows.rows(for: $0) }), parameterSummary]
      .joined(separator: "\n")
  }

  /// Beyond this, lines would only be blank.
  private static var longestLine: Int { 10_000 }

  private var parameterSummary: String {
    func sizes(_ variables: [Variable]) -> [(count: Int, bytes: Int)] {
      variables.map { ($0.elementCount, $0.elementCount * $0.dataType.byteCount) }
    }
    func line(_ title: String, _ sizes: [(count: Int, bytes: Int)]) -> String {
      let count = saturatedSum(sizes.lazy.map(\.count))
      let bytes = saturatedSum(sizes.lazy.map(\.bytes))
      return " \(title): \(grouped(count)) (\(readableSize(bytes)))"
    }
    let (trained, others) = (sizes(trainableWeights), sizes(nonTrainableWeights))
    let optimizer =
      trainer?.optimizerSpecs(of: self).map { spec in
        let count = spec.shape.elementCount ?? 0
        return (count, count * spec.dataType.byteCount)
      } ?? (trainingState?.optimizerVariables ?? []).map { (elementCountOf($0.shape), $0.byteCount) }
    return
      ([
        line("Total params", trained + others + optimizer), line("Trainable params", trained),
        line("Non-trainable params", others),
      ] + (optimizer.isEmpty ? [] : [line("Optimizer params", optimizer)])).joined(separator: "\n")
  }

  /// The layers from the first that matches one end to the last that matches the other.
  private func layers(in range: (first: String, last: String)?) throws(KerasError) -> ArraySlice<Layer> {
    guard let range else { return layers[...] }
    let first = try positions(ofLayersMatching: range.first)
    let last = try positions(ofLayersMatching: range.last)
    // As in Keras, a range given backwards is turned around.
    if first[0] <= last[last.count - 1] { return layers[first[0]...last[last.count - 1]] }
    return layers[last[0]...first[first.count - 1]]
  }

  private func positions(ofLayersMatching pattern: String) throws(KerasError) -> [Int] {
    guard let expression = try? Regex(pattern) else {
      throw KerasError(.invalidArgument, "`\(pattern)` is no regular expression.", path: ["layer range"])
    }
    let matches = layers.indices.filter { layers[$0].name.prefixMatch(of: expression) != nil }
    guard !matches.isEmpty else {
      let names = nearestNames(to: pattern, among: layers.map(\.name))
      throw KerasError(
        .unknownName, "No layer's name begins with `\(pattern)`.", path: ["layer range"],
        remedy: names.isEmpty ? nil : "did you mean " + names.joined(separator: ", ") + "?")
    }
    return matches
  }
}
