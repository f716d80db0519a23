import KerasCore

/// What a pickle of a data set describes.
enum PickleValue {
  case none
  case bool(Bool)
  case integer(Int)
  /// A text, or bytes; what Python 2 wrote does not tell them apart.
  case bytes([UInt8])
  case tuple(PickleTuple)
  case list(PickleList)
  case dictionary(PickleDictionary)
  case name(NumPyName)
  case dataType(PickleDataType)
  case array(PickleArray)

  var integer: Int? { if case .integer(let value) = self { value } else { nil } }
  var text: String? {
    if case .bytes(let bytes) = self { String(validating: bytes, as: UTF8.self) } else { nil }
  }

  /// How deeply it is nested.
  var depth: Int {
    switch self {
    case .none, .bool, .integer, .bytes, .name, .dataType: 0
    case .tuple(let tuple): tuple.depth
    case .list(let list): list.depth
    case .dictionary(let dictionary): dictionary.depth
    case .array(let array): array.depth
    }
  }

  /// Nothing is put any more into what is itself part of something: so nothing can come to hold itself, and
  /// depths stay.
  func seal() {
    switch self {
    case .list(let list): list.isSealed = true
    case .dictionary(let dictionary): dictionary.isSealed = true
    case .array(let array): array.isSealed = true
    default: break
    }
  }
}

/// The things of NumPy's that a pickle may name.
enum NumPyName {
  case array, dataType, reconstruct

  init(module: String, name: String) throws(KerasError) {
    switch (module, name) {
    case ("numpy", "ndarray"): self = .array
    case ("numpy", "dtype"): self = .dataType
    case ("numpy.core.multiarray", "_reconstruct"), ("numpy._core.multiarray", "_reconstruct"):
      self = .reconstruct
    default:
      throw KerasError(
        .unsupported,
        "The pickle names `\(String("\(module).\(name)".prefix(120)).escaped)`, which no data set needs.",
        remedy: "do not trust this file, and download it again.")
    }
  }
}

final class PickleTuple {
  let items: [PickleValue]
  let depth: Int

  init(_ items: [PickleValue]) {
    self.items = items
    depth = 1 + items.reduce(0) { max($0, $1.depth) }
    for item in items { item.seal() }
  }
}

final class PickleList {
  /// Numbers are most of what lists hold, and kept as such.
  private(set) var integers: [Int] = []
  private(set) var others: [PickleValue]?
  private(set) var depth = 1
  var isSealed = false

  func append(_ values: [PickleValue], at deepest: Int) throws(KerasError) {
    try expectOpen(isSealed)
    for value in values {
      if others == nil, let integer = value.integer {
        integers.append(integer)
        continue
      }
      value.seal()
      // A list that is put into itself was sealed just now.
      try expectOpen(isSealed)
      depth = max(depth, 1 + value.depth)
      try expectShallow(depth, deepest)
      var items = others ?? integers.map(PickleValue.integer)
      others = nil
      items.append(value)
      (integers, others) = ([], items)
    }
  }

  func append(_ numbers: [Int]) throws(KerasError) {
    try expectOpen(isSealed)
    if others == nil { integers += numbers } else { others? += numbers.map(PickleValue.integer) }
  }

  var items: [PickleValue] { others ?? integers.map(PickleValue.integer) }
}

final class PickleDictionary {
  private(set) var entries: [String: PickleValue] = [:]
  private(set) var depth = 1
  var isSealed = false

  func set(_ value: PickleValue, for key: String, at deepest: Int) throws(KerasError) {
    value.seal()
    try expectOpen(isSealed)
    depth = max(depth, 1 + value.depth)
    try expectShallow(depth, deepest)
    entries[key] = value
  }
}

private func expectOpen(_ isSealed: Bool) throws(KerasError) {
  guard !isSealed else {
    throw KerasError(.invalidFile, "The pickle is hostile: something is put into what is complete already.")
  }
}

private func expectShallow(_ depth: Int, _ deepest: Int) throws(KerasError) {
  guard depth < deepest else {
    throw KerasError(.invalidFile, "The pickle is hostile: it is nested too deeply.")
  }
}

final class PickleDataType {
  /// Without byte order: `u1`, `O8`.
  let name: String
  var isBigEndian = false

  init(_ name: String) { self.name = name }
}

/// An array of NumPy's.
final class PickleArray {
  private(set) var type: PickleDataType?
  private(set) var shape: [Int] = []
  private(set) var isFortranOrdered = false
  private(set) var contents = PickleValue.none
  private(set) var depth = 1
  var isSealed = false

  func fill(_ type: PickleDataType, _ shape: [Int], isFortranOrdered: Bool, contents: PickleValue) {
    self.type = type
    self.shape = shape
    self.isFortranOrdered = isFortranOrdered
    self.contents = contents
    depth = 1 + contents.depth
  }

  /// Unsigned bytes, which pictures are.
  func pixels() throws(KerasError) -> Tensor {
    guard type?.name == "u1", !isFortranOrdered || shape.count < 2, case .bytes(let bytes) = contents,
      checkedElementCount(shape) == bytes.count
    else {
      throw KerasError(
        .invalidFile,
        "Expected bytes of shape \(Shape(shape)), found something else of the type \((type?.name ?? "none").escaped)."
      )
    }
    return try Tensor(bytes, shape: shape)
  }

  /// What an array of Python objects holds.
  func objects() throws(KerasError) -> [PickleValue] {
    guard type?.name.hasPrefix("O") == true, case .list(let list) = contents, shape.count == 1 else {
      throw KerasError(.invalidFile, "Expected a list of lists, found something else.")
    }
    let items = list.items
    guard items.count == shape[0] else {
      throw KerasError(.invalidFile, "Expected \(shape[0]) lists, found \(items.count).")
    }
    return items
  }
}
