/// Helps a person who mistyped a name: the candidates closest by edit distance, nearest first.
///
/// Case, `-` and `_` do not count. Names further away than half their length are left out.
package func nearestNames(to name: String, among candidates: [String], limit: Int = 3) -> [String] {
  let wanted = normalizedForComparison(name)
  let ranked = candidates.enumerated().compactMap { position, candidate -> (Int, Int, String)? in
    let other = normalizedForComparison(candidate)
    let isPrefix = !wanted.isEmpty && (other.starts(with: wanted) || wanted.starts(with: other))
    let distance = isPrefix ? min(1, abs(other.count - wanted.count)) : editDistance(wanted, other)
    guard isPrefix || distance * 2 <= max(wanted.count, other.count) else { return nil }
    return (distance, position, candidate)
  }
  return ranked.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.prefix(limit).map(\.2)
}

private func normalizedForComparison(_ name: String) -> [UInt8] {
  name.lowercased().utf8.filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "_") }
}

/// Levenshtein distance: insertions, deletions and replacements that turn `a` into `b`.
private func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
  var previous = Array(0...b.count)
  for (i, x) in a.enumerated() {
    var current = [i + 1]
    for (j, y) in b.enumerated() {
      current.append(min(previous[j + 1] + 1, current[j] + 1, previous[j] + (x == y ? 0 : 1)))
    }
    previous = current
  }
  return previous[b.count]
}
