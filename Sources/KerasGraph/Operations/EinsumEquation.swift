/// What an equation in Einstein's notation says: a name for each axis of each operand and of the result.
struct EinsumEquation: Hashable {
  /// Names are the code points of letters; the axes of an ellipsis are −1 for the last, −2, ….
  var inputs: [[Int]]
  var output: [Int]

  /// - Parameter ranks: how many axes each operand has.
  /// - Throws: `invalidArgument` when the equation is malformed or names another number of axes.
  init(parsing equation: String, ranks: [Int]) throws(KerasError) {
    let text = equation.unicodeScalars.filter { $0 != " " }
    let arrow = text.firstIndex(of: "-").flatMap {
      dash -> (String.UnicodeScalarView.Index, String.UnicodeScalarView.Index)? in
      let next = text.index(after: dash)
      return next < text.endIndex && text[next] == ">" ? (dash, text.index(after: next)) : nil
    }
    let left = arrow.map { text[..<$0.0] } ?? text[...]
    let terms = left.split(separator: ",", omittingEmptySubsequences: false)
    guard terms.count == ranks.count else {
      throw KerasError(
        .invalidArgument, "The equation `\(equation)` is for \(terms.count) operands, found \(ranks.count).")
    }
    inputs = []
    for (term, rank) in zip(terms, ranks) {
      let symbols = try Self.symbols(term, of: equation)
      let letters = symbols.compactMap { $0 }.count
      guard symbols.contains(nil) ? letters <= rank : letters == rank else {
        throw KerasError(
          .invalidArgument,
          "`\(String(String.UnicodeScalarView(term)))` in the equation `\(equation)` does not name the axes of an operand with \(rank) of them."
        )
      }
      inputs.append(Self.names(symbols, elided: rank - letters))
    }
    let elided = -(inputs.joined().min() ?? 0)
    if let arrow {
      let symbols = try Self.symbols(text[arrow.1...], of: equation)
      output = Self.names(symbols, elided: max(elided, 0))
      guard Set(output).count == output.count else {
        throw KerasError(.invalidArgument, "The result of the equation `\(equation)` names an axis twice.")
      }
      let known = Set(inputs.joined())
      guard output.allSatisfy(known.contains) else {
        throw KerasError(
          .invalidArgument, "The result of the equation `\(equation)` names an axis that no operand has.")
      }
    } else {
      var counts: [Int: Int] = [:]
      for name in inputs.joined() { counts[name, default: 0] += 1 }
      output = counts.keys.filter { $0 < 0 || counts[$0] == 1 }.sorted()
    }
  }

  /// Letters, and nil for an ellipsis.
  private static func symbols(
    _ term: Substring.UnicodeScalarView, of equation: String
  ) throws(KerasError) -> [Int?] {
    var symbols: [Int?] = []
    var rest = term
    while let next = rest.first {
      if rest.starts(with: "...".unicodeScalars) {
        symbols.append(nil)
        rest.removeFirst(3)
      } else if ("a"..."z").contains(next) || ("A"..."Z").contains(next) {
        symbols.append(Int(next.value))
        rest.removeFirst()
      } else {
        throw KerasError(
          .invalidArgument, "`\(next)` does not belong into an equation, found `\(equation)`.",
          remedy: "name axes by letters, as in \"ab,bc->ac\".")
      }
    }
    guard symbols.filter({ $0 == nil }).count <= 1 else {
      throw KerasError(.invalidArgument, "`...` appears twice in one term of the equation `\(equation)`.")
    }
    return symbols
  }

  private static func names(_ symbols: [Int?], elided: Int) -> [Int] {
    symbols.flatMap { symbol in symbol.map { [$0] } ?? (0..<elided).map { $0 - elided } }
  }
}
