import KerasCore

/// How the elements of a dataset or attribute are stored, section IV.A.2.d.
package enum HDF5Datatype: Hashable, Sendable {
  /// IEEE and bfloat16 numbers, integers, and h5py's Booleans (an enumeration of two bytes).
  case number(Number, bigEndian: Bool)
  case fixedString(byteCount: Int, Padding)
  case variableString
  /// Compounds, references, arrays and other things Keras does not store, with their name and size.
  case other(String, byteCount: Int)

  package enum Number: String, Hashable, Sendable {
    case bool, int8, int16, int32, int64, uint8, uint16, uint32, uint64
    case float16, bfloat16, float32, float64
  }

  package enum Padding: Int, Hashable, Sendable {
    case zeroTerminated, zeros, spaces
  }

  /// Bytes one element takes in the file.
  package var byteCount: Int {
    switch self {
    case .number(let number, _): number.byteCount
    case .fixedString(let byteCount, _): byteCount
    case .variableString: 16
    case .other(_, let byteCount): byteCount
    }
  }

  init(from cursor: inout ByteCursor, depth: Int = 0) throws(KerasError) {
    let start = cursor
    let head = try cursor.int(1)
    let bits = try cursor.int(3)
    let size = try cursor.int(4)
    guard (1...4).contains(head >> 4), size > 0, depth < 3 else { throw start.damaged("is impossible") }
    switch head & 15 {
    case 0:
      let layout = (offset: try cursor.int(2), precision: try cursor.int(2))
      guard layout == (0, size * 8), let number = Number.integer(byteCount: size, isSigned: bits & 8 != 0)
      else {
        self = .other("an integer of \(layout.precision) bits", byteCount: size)
        return
      }
      self = .number(number, bigEndian: bits & 1 != 0)
    case 1:
      let layout = try Number.FloatLayout(from: &cursor, bits: bits)
      guard let number = Number.float(byteCount: size, layout) else {
        self = .other("a float of another layout", byteCount: size)
        return
      }
      self = .number(number, bigEndian: bits & 1 != 0)
    case 3:
      guard let padding = Padding(rawValue: bits & 15) else { throw start.damaged("is impossible") }
      self = .fixedString(byteCount: size, padding)
    case 8:
      let base = try HDF5Datatype(from: &cursor, depth: depth + 1)
      if case .number(.int8, let bigEndian) = base, bits & 0xFFFF == 2 {
        self = .number(.bool, bigEndian: bigEndian)
      } else {
        self = base
      }
    case 9 where bits & 15 == 1 && size == 16: self = .variableString
    case let kind:
      let names = [
        2: "times", 4: "bit fields", 5: "opaque data", 6: "compounds", 7: "references", 10: "arrays",
      ]
      self = .other(names[kind] ?? "sequences", byteCount: size)
    }
  }
}

extension HDF5Datatype: CustomStringConvertible {
  /// NumPy's names where there are such; `float32`, `>float64`, `string`.
  package var description: String {
    switch self {
    case .number(let number, let bigEndian):
      (bigEndian && number.byteCount > 1 ? ">" : "") + number.rawValue
    case .fixedString(let byteCount, _): "string[\(byteCount)]"
    case .variableString: "string"
    case .other(let name, _): name
    }
  }
}

extension HDF5Datatype.Number {
  package var byteCount: Int {
    switch self {
    case .bool, .int8, .uint8: 1
    case .int16, .uint16, .float16, .bfloat16: 2
    case .int32, .uint32, .float32: 4
    case .int64, .uint64, .float64: 8
    }
  }

  /// The element type of a tensor made of such numbers: wider for unsigned integers that tensors do not
  /// have, nil for `uint64`, which has no wider one.
  package var dataType: DataType? {
    switch self {
    case .bool: .bool
    case .int8: .int8
    case .int16: .int16
    case .int32, .uint16: .int32
    case .int64, .uint32: .int64
    case .uint8: .uint8
    case .uint64: nil
    case .float16: .float16
    case .bfloat16: .bfloat16
    case .float32: .float32
    case .float64: .float64
    }
  }

  static func integer(byteCount: Int, isSigned: Bool) -> Self? {
    switch (byteCount, isSigned) {
    case (1, true): .int8
    case (2, true): .int16
    case (4, true): .int32
    case (8, true): .int64
    case (1, false): .uint8
    case (2, false): .uint16
    case (4, false): .uint32
    case (8, false): .uint64
    default: nil
    }
  }

  /// Which bits are sign, exponent and fraction.
  struct FloatLayout: Hashable {
    var byteOrder, normalization, sign, offset, precision: Int
    var exponent, exponentBits, fraction, fractionBits: Int
    var bias: UInt64

    init(from cursor: inout ByteCursor, bits: Int) throws(KerasError) {
      (byteOrder, normalization, sign) = (bits & 0x41, bits >> 4 & 3, bits >> 8 & 0xFF)
      (offset, precision) = (try cursor.int(2), try cursor.int(2))
      (exponent, exponentBits) = (try cursor.int(1), try cursor.int(1))
      (fraction, fractionBits) = (try cursor.int(1), try cursor.int(1))
      bias = try cursor.unsigned(4)
    }

    /// The IEEE layout: fraction, exponent and sign from the lowest bit up, an implied leading one.
    func isIEEE(byteCount: Int, exponentBits: Int) -> Bool {
      let fractionBits = byteCount * 8 - 1 - exponentBits
      return byteOrder <= 1 && normalization == 2 && offset == 0 && precision == byteCount * 8
        && sign == byteCount * 8 - 1 && exponent == fractionBits && self.exponentBits == exponentBits
        && fraction == 0 && self.fractionBits == fractionBits && bias == 1 << (exponentBits - 1) - 1
    }
  }

  static func float(byteCount: Int, _ layout: FloatLayout) -> Self? {
    let known: [(Self, byteCount: Int, exponentBits: Int)] = [
      (.float16, 2, 5), (.bfloat16, 2, 8), (.float32, 4, 8), (.float64, 8, 11),
    ]
    return known.first {
      $0.byteCount == byteCount && layout.isIEEE(byteCount: byteCount, exponentBits: $0.exponentBits)
    }?.0
  }
}
