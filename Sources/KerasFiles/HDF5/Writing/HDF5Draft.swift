import KerasCore

/// What an HDF5 file shall hold: groups, arrays and attributes, written all at once.
///
/// Paths are names separated by `/`; groups on the way to an array are made as they are needed.
///
/// ```swift
/// var draft = HDF5Draft()
/// draft.add(kernel, at: "layers/dense/vars/0")
/// draft.setAttribute("name", .string("dense"), of: "layers/dense/vars")
/// try draft.write(to: "mnist.weights.h5")
/// ```
package struct HDF5Draft: Sendable {
  package enum AttributeValue: Hashable, Sendable {
    /// A text of any length.
    case string(String)
    /// A list of texts; an empty one is stored as an empty array of float64, as h5py stores it.
    case strings([String])
    case integer(Int64)
    case real(Double)
  }

  enum Step: Sendable {
    case group(String)
    case array(String, Tensor)
    /// An array that nothing is written to.
    case reserved(String, ReservedType, [Int])
    case attribute(String, AttributeValue, object: String)
  }

  enum ReservedType: Sendable {
    case numbers(DataType)
    /// Of UTF-8, a zero at the end of each included.
    case texts(byteCount: Int)
  }

  private(set) var steps: [Step] = []
  /// What stands at a path: true for an array.
  private var isArray: [String: Bool] = ["": false]
  /// The first thing asked for that no file can hold, reported when the file is written.
  private(set) var problem: KerasError?

  /// How arrays of bfloat16 are stored.
  package enum BFloat16Form: Hashable, Sendable {
    /// As floats of that layout, which h5py reads as float32.
    case float
    /// As pairs of bytes and the attribute `dtype`, which is what Keras 3 reads in `.weights.h5`.
    case pairsOfBytes
  }

  let bfloat16Form: BFloat16Form

  package init(bfloat16: BFloat16Form = .float) { bfloat16Form = bfloat16 }

  /// Makes a group, and those around it; nothing happens when it is there.
  package mutating func addGroup(at path: String) {
    let path = normalized(path)
    if isArray[path] == nil, canAdd(path, isArray: false) { steps.append(.group(path)) }
  }

  package mutating func add(_ tensor: Tensor, at path: String) {
    let path = normalized(path)
    guard canAdd(path, isArray: true) else { return }
    steps.append(.array(path, tensor))
    if tensor.dataType == .bfloat16, bfloat16Form == .pairsOfBytes {
      setAttribute("dtype", .string("bfloat16"), of: path)
    }
  }

  mutating func reserve(_ array: StreamedArray) {
    let path = normalized(array.name)
    guard canAdd(path, isArray: true) else { return }
    let type: ReservedType =
      switch array.contents {
      case .numbers(let dataType, _): .numbers(dataType)
      case .texts(_, let byteCount, _): .texts(byteCount: byteCount + 1)
      }
    steps.append(.reserved(path, type, array.shape))
  }

  /// - Parameter object: the path of a group or array that was added; empty for the root.
  package mutating func setAttribute(_ name: String, _ value: AttributeValue, of object: String) {
    let object = normalized(object)
    guard isArray[object] != nil else { return note("There is nothing to carry an attribute", at: object) }
    guard !name.isEmpty, !name.utf8.contains(0), !value.hasZero else {
      return note("The attribute \(name.escaped) has a zero character or no name", at: object)
    }
    steps.append(.attribute(name, value, object: object))
  }

  /// A list of names as Keras stores it: in one attribute, or in `name0`, `name1`, … when they take more than
  /// 64,512 bytes, because an attribute holds less than 65,536.
  package mutating func setNames(_ name: String, _ names: [String], of object: String) {
    let limit = 64_512
    // Keras counts every name as long as the longest; the file has 16 bytes for each.
    let longest = max(16, names.map(\.utf8.count).max() ?? 0)
    guard longest <= limit else { return note("A name in \(name) has more than \(limit) bytes", at: object) }
    let perPiece = limit / longest
    guard names.count > perPiece else { return setAttribute(name, .strings(names), of: object) }
    for (number, start) in stride(from: 0, to: names.count, by: perPiece).enumerated() {
      let piece = Array(names[start..<min(start + perPiece, names.count)])
      setAttribute("\(name)\(number)", .strings(piece), of: object)
    }
  }

  private func normalized(_ path: String) -> String {
    path.split(separator: "/").joined(separator: "/")
  }

  private mutating func canAdd(_ path: String, isArray: Bool) -> Bool {
    guard self.isArray[path] == nil else {
      note("Two things have one name", at: path)
      return false
    }
    var around = ""
    for name in path.split(separator: "/") {
      guard name != ".", !name.utf8.contains(0) else {
        note("The name cannot be stored", at: path)
        return false
      }
      guard self.isArray[around] != true else {
        note("An array cannot hold other arrays", at: around)
        return false
      }
      self.isArray[around] = false
      around += around.isEmpty ? String(name) : "/" + name
    }
    self.isArray[path] = isArray
    return true
  }

  private mutating func note(_ what: String, at path: String) {
    guard problem == nil else { return }
    problem = KerasError(.invalidArgument, what + ".", path: path.isEmpty ? [] : [path.escaped])
  }
}

extension HDF5Draft.AttributeValue {
  /// Whether a text has a zero character, which ends texts in HDF5.
  fileprivate var hasZero: Bool {
    switch self {
    case .string(let text): text.utf8.contains(0)
    case .strings(let texts): texts.contains { $0.utf8.contains(0) }
    case .integer, .real: false
    }
  }
}
