import KerasCore

/// Reads the few kinds of Python pickles that data sets are published as: lists, tuples and dictionaries of
/// numbers and texts, and NumPy's arrays.
///
/// A pickle is a program for a machine with a stack. This reader knows the instructions those files consist
/// of and no others, and of everything that a pickle may name, three things: `ndarray`, `dtype` and
/// `_reconstruct` of NumPy, which it takes as words. Nothing is ever executed.
///
/// Instructions: https://github.com/python/cpython/blob/main/Lib/pickletools.py
struct PickleReader {
  /// The most that is nested in files of this kind is 5 deep; more might overflow the stack when it is freed.
  private static let deepest = 16

  private let bytes: UnsafeRawBufferPointer
  private var place = 0
  private var stack: [PickleValue] = []
  private var marks: [Int] = []
  private var memo: [Int: PickleValue] = [:]

  /// The value that `bytes` describe.
  ///
  /// - Throws: `invalidFile` for what is damaged; `unsupported` for instructions and names that no data set
  ///   has.
  static func value(in bytes: UnsafeRawBufferPointer) throws(KerasError) -> PickleValue {
    var reader = PickleReader(bytes: bytes)
    return try reader.run()
  }

  static func value(in bytes: [UInt8]) throws(KerasError) -> PickleValue {
    try bytes.withUnsafeBytes { bytes in
      Result { () throws(KerasError) in try value(in: bytes) }
    }.get()
  }

  private init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  private mutating func run() throws(KerasError) -> PickleValue {
    while true {
      let code = try byte()
      switch UnicodeScalar(code) {
      case ".":
        guard stack.count == 1, let value = stack.last else { throw damaged("it leaves no one value") }
        return value
      case "\u{80}":
        let version = try byte()
        guard (2...5).contains(version) else { throw damaged("its version is \(version)") }
      case "\u{95}": _ = try take(8)
      case "(":
        if case .list(let list)? = stack.last, let numbers = integersAhead() {
          try list.append(numbers)
        } else {
          marks.append(stack.count)
        }
      case "N": stack.append(.none)
      case "\u{88}": stack.append(.bool(true))
      case "\u{89}": stack.append(.bool(false))
      case "K": stack.append(.integer(Int(try byte())))
      case "M": stack.append(.integer(Int(try number(2))))
      case "J": stack.append(.integer(Int(Int32(truncatingIfNeeded: try number(4)))))
      case "\u{8A}": stack.append(.integer(try longInteger()))
      case "U", "C": stack.append(.bytes(try text(lengthBytes: 1)))
      case "T", "B": stack.append(.bytes(try text(lengthBytes: 4)))
      case "\u{8E}": stack.append(.bytes(try text(lengthBytes: 8)))
      case "\u{8C}": stack.append(.bytes(try text(lengthBytes: 1)))
      case "X": stack.append(.bytes(try text(lengthBytes: 4)))
      case ")": stack.append(.tuple(PickleTuple([])))
      case "\u{85}", "\u{86}", "\u{87}":
        let count = Int(code) - 0x84
        try push(tuple: try pop(count))
      case "t": try push(tuple: try popMark())
      case "]": stack.append(.list(PickleList()))
      case "}": stack.append(.dictionary(PickleDictionary()))
      case "a":
        let item = try pop()
        try list().append([item], at: Self.deepest)
      case "e":
        let items = try popMark()
        try list().append(items, at: Self.deepest)
      case "s": try dictionary(try pop(2))
      case "u": try dictionary(try popMark())
      case "q": memo[Int(try byte())] = try top()
      case "r": memo[Int(try number(4))] = try top()
      case "\u{94}": memo[memo.count] = try top()
      case "h": stack.append(try remembered(Int(try byte())))
      case "j": stack.append(try remembered(Int(try number(4))))
      case "c":
        let module = try line()
        stack.append(.name(try NumPyName(module: module, name: try line())))
      case "\u{93}":
        let names = try pop(2)
        guard let module = names[0].text, let name = names[1].text else { throw damaged("a name is no text") }
        stack.append(.name(try NumPyName(module: module, name: name)))
      case "R": try reduce()
      case "b": try build()
      default:
        throw KerasError(
          .unsupported,
          "The pickle has an instruction, 0x\(String(code, radix: 16)), that no data set needs.",
          path: ["byte \(place - 1)"], remedy: "download or copy the file again.")
      }
    }
  }

  // MARK: Instructions

  private mutating func reduce() throws(KerasError) {
    let parts = try pop(2)
    guard case .name(let name) = parts[0], case .tuple(let tuple) = parts[1] else {
      throw damaged("something is called that is no name")
    }
    let arguments = tuple.items
    switch name {
    case .dataType:
      guard let type = arguments.first?.text else { throw damaged("an element type is no text") }
      stack.append(.dataType(PickleDataType(type)))
    case .reconstruct:
      guard case .name(.array)? = arguments.first else {
        throw damaged("something else than an array is made")
      }
      stack.append(.array(PickleArray()))
    case .array: throw damaged("an array is made in a way that no data set needs")
    }
  }

  private mutating func build() throws(KerasError) {
    let state = try pop()
    guard case .tuple(let tuple) = state else { throw damaged("a state is no tuple") }
    let parts = tuple.items
    switch try top() {
    case .dataType(let type):
      guard parts.count > 1, let order = parts[1].text else {
        throw damaged("an element type has no byte order")
      }
      type.isBigEndian = order == ">"
    case .array(let array):
      guard parts.count == 5, case .tuple(let lengths) = parts[1], case .dataType(let type) = parts[2],
        case .bool(let isFortranOrdered) = parts[3]
      else { throw damaged("an array lacks shape or type") }
      let shape = lengths.items.compactMap(\.integer)
      guard shape.count == lengths.items.count, checkedElementCount(shape) != nil else {
        throw damaged("an array has no proper shape")
      }
      // What an array holds is put into it once, so that it cannot come to hold itself.
      guard array.type == nil, !array.isSealed else { throw damaged("an array is filled late") }
      guard parts[4].depth + 1 < Self.deepest else { throw damaged("it is nested too deeply") }
      array.fill(type, shape, isFortranOrdered: isFortranOrdered, contents: parts[4])
    default: throw damaged("something is given a state that has none")
    }
  }

  private mutating func push(tuple items: [PickleValue]) throws(KerasError) {
    let tuple = PickleTuple(items)
    guard tuple.depth < Self.deepest else { throw damaged("it is nested too deeply") }
    stack.append(.tuple(tuple))
  }

  private func list() throws(KerasError) -> PickleList {
    guard case .list(let list)? = stack.last else {
      throw damaged("something is appended to what is no list")
    }
    return list
  }

  private mutating func dictionary(_ items: [PickleValue]) throws(KerasError) {
    guard case .dictionary(let dictionary)? = stack.last, items.count % 2 == 0 else {
      throw damaged("something is put into what is no dictionary")
    }
    for place in stride(from: 0, to: items.count, by: 2) {
      guard let key = items[place].text else { throw damaged("a key is no text") }
      try dictionary.set(items[place + 1], for: key, at: Self.deepest)
    }
  }

  // MARK: Stack and memory

  /// Values below the last mark are out of reach until it is gone.
  private var floor: Int { marks.last ?? 0 }

  private func top() throws(KerasError) -> PickleValue {
    guard stack.count > floor, let value = stack.last else { throw damaged("its stack is empty") }
    return value
  }

  private mutating func pop() throws(KerasError) -> PickleValue { try pop(1)[0] }

  private mutating func pop(_ count: Int) throws(KerasError) -> [PickleValue] {
    guard stack.count - floor >= count else { throw damaged("its stack is empty") }
    defer { stack.removeLast(count) }
    return Array(stack.suffix(count))
  }

  private mutating func popMark() throws(KerasError) -> [PickleValue] {
    guard let mark = marks.popLast() else { throw damaged("a mark is missing") }
    defer { stack.removeSubrange(mark...) }
    return Array(stack[mark...])
  }

  private func remembered(_ number: Int) throws(KerasError) -> PickleValue {
    guard let value = memo[number] else { throw damaged("it remembers what it has not seen") }
    return value
  }

  // MARK: Bytes

  /// Whole numbers as far as the instruction that appends them, which most of a file of texts consists of;
  /// nil, and nothing is read, where anything else comes before it.
  private mutating func integersAhead() -> [Int]? {
    var (next, numbers) = (place, [Int]())
    while next < bytes.count {
      let left = bytes.count - next
      switch bytes[next] {
      case UInt8(ascii: "K") where left > 1:
        numbers.append(Int(bytes[next + 1]))
        next += 2
      case UInt8(ascii: "M") where left > 2:
        numbers.append(Int(bytes[next + 1]) | Int(bytes[next + 2]) << 8)
        next += 3
      case UInt8(ascii: "J") where left > 4:
        let value = bytes.loadUnaligned(fromByteOffset: next + 1, as: Int32.self)
        numbers.append(Int(Int32(littleEndian: value)))
        next += 5
      case UInt8(ascii: "e"):
        place = next + 1
        return numbers
      default: return nil
      }
    }
    return nil
  }

  private mutating func take(_ count: Int) throws(KerasError) -> UnsafeRawBufferPointer {
    guard count <= bytes.count - place else { throw damaged("it is cut short") }
    defer { place += count }
    return UnsafeRawBufferPointer(rebasing: bytes[place..<place + count])
  }

  private mutating func byte() throws(KerasError) -> UInt8 {
    guard place < bytes.count else { throw damaged("it is cut short") }
    defer { place += 1 }
    return bytes[place]
  }

  private mutating func number(_ count: Int) throws(KerasError) -> UInt64 {
    try take(count).enumerated().reduce(0) { $0 | UInt64($1.element) << UInt64(8 * $1.offset) }
  }

  private mutating func longInteger() throws(KerasError) -> Int {
    let count = Int(try byte())
    guard count <= 8 else { throw damaged("a number has \(count) bytes") }
    guard count > 0 else { return 0 }
    let unused = UInt64(64 - 8 * count)
    return Int(Int64(bitPattern: try number(count) << unused) >> Int64(unused))
  }

  private mutating func text(lengthBytes: Int) throws(KerasError) -> [UInt8] {
    guard let count = Int(exactly: try number(lengthBytes)) else { throw damaged("it is cut short") }
    return Array(try take(count))
  }

  private mutating func line() throws(KerasError) -> String {
    let rest = bytes[place...].prefix(256)
    guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { throw damaged("a name does not end") }
    defer { place = end + 1 }
    return String(decoding: bytes[place..<end], as: UTF8.self)
  }

  private func damaged(_ what: String) -> KerasError {
    KerasError(
      .invalidFile, "The pickle is damaged or hostile: \(what).", path: ["byte \(place)"],
      remedy: "download or copy the file again.")
  }
}
