import KerasCore

/// The head of a `.npy` file: a Python dictionary as text, here read as data and never executed.
///
/// Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
struct NumPyHeader: Hashable, Sendable {
  var number: HDF5Datatype.Number
  var isBigEndian = false
  /// Whether the first axis varies fastest in the file.
  var isFortranOrdered = false
  var shape: [Int]
  /// Where the numbers begin, in bytes.
  var byteCount: Int

  static let signature: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// Reads the head of `bytes`.
  ///
  /// - Throws: `invalidFile` when it is damaged; `unsupported` for elements that are not numbers, such as
  ///   Python objects, which are never made.
  init(of bytes: UnsafeRawBufferPointer) throws(KerasError) {
    let fields = try Self.fields(of: bytes)
    (number, isBigEndian) = try Self.elementType(fields.type)
    isFortranOrdered = fields.isFortranOrdered
    shape = fields.shape
    byteCount = fields.byteCount
  }

  /// What the head says, whatever the elements are; `byteCount` is where they begin.
  static func fields(
    of bytes: UnsafeRawBufferPointer
  ) throws(KerasError) -> (type: String, isFortranOrdered: Bool, shape: [Int], byteCount: Int) {
    guard bytes.count >= 12, bytes.starts(with: signature) else { throw damaged("the signature is missing") }
    let version = bytes[6]
    guard (1...3).contains(version) else { throw damaged("its version is \(version)") }
    let lengthBytes = version == 1 ? 2 : 4
    let length = (0..<lengthBytes).reduce(0) { $0 | Int(bytes[8 + $1]) << (8 * $1) }
    let start = 8 + lengthBytes
    guard length <= bytes.count - start, length <= 1 << 20 else {
      throw damaged("its head has \(length) bytes")
    }
    var parser = Parser(text: Array(bytes[start..<start + length]))
    let fields = try parser.fields()
    guard let type = fields.type, let order = fields.isFortranOrdered, let shape = fields.shape else {
      throw damaged("its head lacks descr, fortran_order or shape")
    }
    return (type, order, shape, start + length)
  }

  init(_ tensor: Tensor) { self.init(tensor.dataType, shape: tensor.shape) }

  init(_ dataType: DataType, shape: [Int]) {
    number = HDF5Datatype.Number(rawValue: dataType.rawValue) ?? .float32
    self.shape = shape
    byteCount = 0
    byteCount = text.count
  }

  /// The head as NumPy writes it: the numbers behind it begin at a multiple of 64.
  var text: [UInt8] {
    let type = Self.types.first { $0.number == number }?.name ?? ""
    return Self.text(type: (number.byteCount == 1 ? "|" : "<") + type, shape: shape)
  }

  static func text(type: String, shape: [Int]) -> [UInt8] {
    let lengths = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    var head = Array("{'descr': '\(type)', 'fortran_order': False, 'shape': (\(lengths)), }".utf8)
    // A line feed ends it; shapes of 32 axes stay far below the 65,535 bytes of version 1.
    head += [UInt8](repeating: UInt8(ascii: " "), count: 63 - (10 + head.count) % 64) + [UInt8(ascii: "\n")]
    return signature + [1, 0, UInt8(head.count & 0xFF), UInt8(head.count >> 8)] + head
  }

  // MARK: Element types

  /// NumPy's names behind the sign of byte order. It has no bfloat16; two bare bytes are how ml_dtypes' arrays
  /// are stored.
  private static let types: [(name: String, number: HDF5Datatype.Number)] = [
    ("b1", .bool), ("i1", .int8), ("i2", .int16), ("i4", .int32), ("i8", .int64), ("u1", .uint8),
    ("u2", .uint16), ("u4", .uint32), ("u8", .uint64), ("f2", .float16), ("f4", .float32), ("f8", .float64),
    ("V2", .bfloat16),
  ]

  private static func elementType(_ name: String) throws(KerasError) -> (HDF5Datatype.Number, Bool) {
    let order = name.first
    guard order == "<" || order == ">" || order == "|",
      let type = types.first(where: { $0.name == name.dropFirst() })
    else {
      let isObjects = name.hasSuffix("O")
      throw KerasError(
        .unsupported,
        "Expected numbers, found \(isObjects ? "Python objects" : "elements of the type \(name.escaped)").",
        remedy: isObjects
          ? "save the array with a number as its dtype; objects would have to be executed." : nil)
    }
    return (type.number, order == ">")
  }

  static func damaged(_ what: String) -> KerasError {
    KerasError(.invalidFile, "This is not a NumPy array, or a damaged one: \(what).")
  }
}

/// Reads `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }` and nothing else.
private struct Parser {
  let text: [UInt8]
  var position = 0

  struct Fields {
    var type: String?
    var isFortranOrdered: Bool?
    var shape: [Int]?
  }

  init(text: [UInt8]) { self.text = text }

  mutating func fields() throws(KerasError) -> Fields {
    var fields = Fields()
    try expect("{")
    while !skip("}") {
      let key = try string()
      try expect(":")
      switch key {
      case "descr":
        // A list stands for a structure of several fields.
        if next == UInt8(ascii: "[") { throw KerasError(.unsupported, "Expected numbers, found structures.") }
        fields.type = try string()
      case "fortran_order": fields.isFortranOrdered = try bool()
      case "shape": fields.shape = try tuple()
      default: throw damaged
      }
      if !skip(",") {
        try expect("}")
        break
      }
    }
    _ = next
    guard position == text.count else { throw damaged }
    return fields
  }

  /// The next byte that is not a space; 0 at the end.
  private var next: UInt8 {
    mutating get {
      while position < text.count, [0x20, 0x0A, 0x09].contains(text[position]) { position += 1 }
      return position < text.count ? text[position] : 0
    }
  }

  private mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(KerasError) {
    guard skip(character) else { throw damaged }
  }

  private mutating func string() throws(KerasError) -> String {
    let quote = next
    guard quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else { throw damaged }
    position += 1
    guard let end = text[position...].firstIndex(of: quote), end - position < 100 else { throw damaged }
    defer { position = end + 1 }
    return String(decoding: text[position..<end], as: UTF8.self)
  }

  private mutating func bool() throws(KerasError) -> Bool {
    for (word, value) in [("True", true), ("False", false)] {
      _ = next
      if text[position...].starts(with: word.utf8) {
        position += word.utf8.count
        return value
      }
    }
    throw damaged
  }

  private mutating func tuple() throws(KerasError) -> [Int] {
    var lengths: [Int] = []
    try expect("(")
    while !skip(")") {
      lengths.append(try integer())
      guard lengths.count <= 32 else { throw damaged }
      if !skip(",") {
        try expect(")")
        break
      }
    }
    return lengths
  }

  private mutating func integer() throws(KerasError) -> Int {
    _ = next
    let digits = text[position...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    guard let value = Int(String(decoding: digits, as: UTF8.self)) else { throw damaged }
    position += digits.count
    // Python 2 wrote long integers with an L.
    _ = skip("L")
    return value
  }

  private var damaged: KerasError { NumPyHeader.damaged("its head cannot be read at byte \(position)") }
}
