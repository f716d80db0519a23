import Glibc

/// As C's `%.4f`.
package func fixed(_ number: Double, decimals: Int) -> String { formatted("%.*f", number, decimals) }

/// As C's `%.4e`.
package func exponential(_ number: Double, decimals: Int) -> String { formatted("%.*e", number, decimals) }

private func formatted(_ format: String, _ number: Double, _ decimals: Int) -> String {
  guard number.isFinite else { return "\(number)" }
  var buffer = [CChar](repeating: 0, count: 400)
  let count = withVaList([Int32(decimals), number]) { vsnprintf(&buffer, buffer.count, format, $0) }
  return String(decoding: buffer.prefix(Int(max(count, 0))).map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
