#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Type, shape and numbers, laid out as NumPy prints arrays; beyond 1,000 elements only the ends of each axis.
///
/// ```
/// float32(2, 3)
/// [[0.1 0.2 0.3]
///  [1.  2.  3. ]]
/// ```
extension Tensor: CustomStringConvertible {
  public var description: String {
    let numbers = ArrayText(self).text
    return numbers.contains("\n") ? "\(spec)\n\(numbers)" : "\(spec) \(numbers)"
  }
}

/// The same, rather than what the storage looks like inside.
extension Tensor: CustomReflectable {
  public var customMirror: Mirror { Mirror(self, children: ["spec": spec], displayStyle: .struct) }
}

/// One tensor as text, by the rules of NumPy's `array2string` with its default options.
private struct ArrayText {
  private let tensor: Tensor
  private let isShortened: Bool
  private static let (threshold, edge, lineWidth) = (1000, 3, 75)

  init(_ tensor: Tensor) {
    self.tensor = tensor
    isShortened = tensor.elementCount > Self.threshold
  }

  var text: String {
    if tensor.elementCount == 0 { return "[]" }
    let words = self.words
    if tensor.rank == 0 { return words[0] }
    var next = 0
    return block(axis: 0, indent: " ", width: Self.lineWidth, words, &next)
  }

  /// The positions along an axis that are shown; nil stands for those left out.
  private func positions(_ axis: Int) -> [Int?] {
    let length = tensor.shape[axis]
    guard isShortened, 2 * Self.edge < length else { return Array(0..<length) }
    return Array(0..<Self.edge) + [nil] + Array((length - Self.edge)..<length)
  }

  /// The elements that are shown, in order, each as wide as its column asks.
  private var words: [String] {
    var offsets = [0]
    for axis in 0..<tensor.rank {
      let shown = positions(axis).compactMap { $0 }
      offsets = offsets.flatMap { offset in shown.map { offset * tensor.shape[axis] + $0 } }
    }
    switch tensor.dataType {
    case .bool:
      return elements(UInt8.self, offsets).map { $0 != 0 ? (tensor.rank == 0 ? "True" : " True") : "False" }
    case .uint8: return aligned(elements(UInt8.self, offsets))
    case .int8: return aligned(elements(Int8.self, offsets))
    case .int16: return aligned(elements(Int16.self, offsets))
    case .int32: return aligned(elements(Int32.self, offsets))
    case .int64: return aligned(elements(Int64.self, offsets))
    case .float16: return reals(elements(Float16.self, offsets).map(Decimal.init))
    case .bfloat16:
      return reals(elements(BFloat16.self, offsets).map { Decimal(Double(Float($0)), "\(Float($0))") })
    case .float32: return reals(elements(Float.self, offsets).map { Decimal(Double($0), "\($0)") })
    case .float64: return reals(elements(Double.self, offsets).map { Decimal($0, "\($0)") })
    }
  }

  private func elements<Scalar: BitwiseCopyable>(_ type: Scalar.Type, _ offsets: [Int]) -> [Scalar] {
    tensor.withUnsafeBytes { bytes in
      offsets.map { bytes.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Scalar>.size, as: Scalar.self) }
    }
  }

  private func aligned(_ numbers: [some FixedWidthInteger]) -> [String] {
    let texts = numbers.map { "\($0)" }
    let width = texts.map(\.count).max() ?? 0
    return texts.map { padded($0, to: width) }
  }

  // MARK: Real numbers

  private func reals(_ numbers: [Decimal]) -> [String] {
    if tensor.rank == 0 {
      return numbers.map { $0.alone(exponentialFrom: tensor.dataType == .float64 ? 1e16 : exponentialFrom) }
    }
    let finite = numbers.filter(\.value.isFinite)
    let magnitudes = finite.map { abs($0.value) }.filter { $0 > 0 }
    var (left, right, isScientific, exponentSize, precision) = (0, 0, false, 0, Decimal.precision)
    if let largest = magnitudes.max(), let smallest = magnitudes.min() {
      let ratio = tensor.dataType == .float64 ? largest / smallest : Double(Float(largest) / Float(smallest))
      isScientific = largest >= exponentialFrom || smallest < 0.0001 || ratio > 1000
    }
    if isScientific {
      let parts = finite.map { $0.scientific(precision) }
      precision = parts.map(\.fraction.count).max() ?? 0
      exponentSize = parts.map(\.exponent.count).max() ?? 0
      left = parts.map(\.whole.count).max() ?? 0
      right = precision + exponentSize + 1
    } else {
      let parts = finite.map { $0.positional(precision) }
      left = parts.map(\.whole.count).max() ?? 0
      right = parts.map(\.fraction.count).max() ?? 0
    }
    for number in numbers where !number.value.isFinite {
      left = max(left, number.name.count - right - 1)
    }
    return numbers.map { number in
      guard number.value.isFinite else { return padded(number.name, to: left + right + 1) }
      if isScientific {
        let part = number.exact(precision)
        let exponent = part.exponent.dropFirst()
        let zeros = String(repeating: "0", count: exponentSize - 1 - exponent.count)
        return padded(part.whole, to: left) + "." + part.fraction + "e" + part.exponent.prefix(1) + zeros + exponent
      }
      let part = number.positional(precision)
      return padded(part.whole, to: left) + "." + part.fraction
        + String(repeating: " ", count: right - part.fraction.count)
    }
  }

  /// From where on numbers are written with exponents: more digits than this the type does not have.
  private var exponentialFrom: Double {
    switch tensor.dataType {
    case .float16: 1e3
    case .float32, .bfloat16: 1e6
    default: 1e8
    }
  }

  private func padded(_ text: String, to width: Int) -> String {
    String(repeating: " ", count: max(width - text.count, 0)) + text
  }

  // MARK: Lines

  private func block(axis: Int, indent: String, width: Int, _ words: [String], _ next: inout Int) -> String {
    var text = ""
    let positions = positions(axis)
    if axis == tensor.rank - 1 {
      var line = indent
      for (count, position) in positions.enumerated() {
        var word = "..."
        if position != nil {
          word = words[next]
          next += 1
        }
        if line.count + word.count > width - 1, line.count > indent.count {
          while line.hasSuffix(" ") { line.removeLast() }
          text += line + "\n"
          line = indent
        }
        line += word + (count == positions.count - 1 ? "" : " ")
      }
      text += line
    } else {
      let separator = String(repeating: "\n", count: tensor.rank - axis - 1)
      for (count, position) in positions.enumerated() {
        let inner =
          position == nil ? "..." : block(axis: axis + 1, indent: indent + " ", width: width - 1, words, &next)
        text += indent + inner + (count == positions.count - 1 ? "" : separator)
      }
    }
    return "[" + text.dropFirst(indent.count) + "]"
  }
}

/// A real number by the fewest digits that tell it from its neighbours, no more than eight behind the point.
private struct Decimal {
  static let precision = 8
  let value: Double
  private let isNegative: Bool
  /// Without zeros at the ends; empty for zero.
  private let digits: [Character]
  /// The number is `0.digits · 10^point`.
  private let point: Int

  /// - Parameter shortest: as Swift prints the number in its own type: the fewest digits.
  init(_ value: Double, _ shortest: String) {
    self.value = value
    isNegative = value.sign == .minus
    let parts = shortest.drop { $0 == "-" }.split(separator: "e")
    let mantissa = (parts.first ?? "0").split(separator: ".", omittingEmptySubsequences: false)
    let whole = mantissa.first ?? ""
    let all = Array(mantissa.joined())
    let zeros = all.prefix { $0 == "0" }.count
    var kept = Array(all.dropFirst(zeros))
    while kept.last == "0" { kept.removeLast() }
    digits = value.isFinite ? kept : []
    point = digits.isEmpty ? 1 : whole.count - zeros + (parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
  }

  /// Swift writes large numbers of this type with all their digits; five tell any from its neighbours.
  init(_ value: Float16) {
    let wide = Double(value)
    let texts = (0..<5).lazy.map { Decimal.printed(wide.magnitude, "%.\($0)e") }
    self.init(wide, texts.first { Float16($0) == value.magnitude } ?? "\(value)")
  }

  /// What stands before and behind the point.
  func positional(_ precision: Int) -> (whole: String, fraction: String) {
    let sign = isNegative ? "-" : ""
    if digits.count - point > precision {
      let parts = Self.printed(value.magnitude, "%.\(precision)f").split(separator: ".", omittingEmptySubsequences: false)
      return (sign + parts[0], Self.trimmed(parts.count > 1 ? parts[1] : ""))
    }
    let whole = digits.prefix(max(point, 0)) + [Character](repeating: "0", count: max(point - digits.count, 0))
    let zeros = [Character](repeating: "0", count: digits.isEmpty ? 0 : max(-point, 0))
    return (sign + (whole.isEmpty ? "0" : String(whole)), String(zeros + digits.dropFirst(max(point, 0))))
  }

  /// Mantissa and exponent, which has a sign and at least two digits.
  func scientific(_ precision: Int) -> (whole: String, fraction: String, exponent: String) {
    if digits.count - 1 > precision {
      let parts = exact(precision)
      return (parts.whole, Self.trimmed(parts.fraction), parts.exponent)
    }
    let sign = isNegative ? "-" : ""
    let exponent = digits.isEmpty ? 0 : point - 1
    let size = abs(exponent) < 10 ? "0\(abs(exponent))" : "\(abs(exponent))"
    return (sign + String(digits.first ?? "0"), String(digits.dropFirst()), (exponent < 0 ? "-" : "+") + size)
  }

  /// The same with just so many digits, also beyond those that tell the number from its neighbours.
  func exact(_ precision: Int) -> (whole: String, fraction: String, exponent: String) {
    let parts = Self.printed(value.magnitude, "%.\(precision)e").split(separator: "e")
    return ((isNegative ? "-" : "") + parts[0].prefix(1), String(parts[0].dropFirst(2)), String(parts[1]))
  }

  /// What stands for a number that is none, or has no end.
  var name: String { value.isNaN ? "nan" : isNegative ? "-inf" : "inf" }

  /// As a number of its own, with all its digits.
  func alone(exponentialFrom limit: Double) -> String {
    guard value.isFinite else { return name }
    if value != 0, abs(value) < 1e-4 || abs(value) >= limit {
      let (whole, fraction, exponent) = scientific(.max)
      return whole + (fraction.isEmpty ? "" : "." + fraction) + "e" + exponent
    }
    let (whole, fraction) = positional(.max)
    return whole + "." + (fraction.isEmpty ? "0" : fraction)
  }

  /// As the C library writes it, correctly rounded.
  private static func printed(_ number: Double, _ format: String) -> String {
    withVaList([number]) { arguments in
      var buffer = [CChar](repeating: 0, count: 400)
      let length = vsnprintf(&buffer, buffer.count, format, arguments)
      return String(decoding: buffer.prefix(Int(max(length, 0))).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  }

  private static func trimmed(_ digits: some StringProtocol) -> String {
    var digits = Substring(digits)
    while digits.last == "0" { digits.removeLast() }
    return String(digits)
  }
}
