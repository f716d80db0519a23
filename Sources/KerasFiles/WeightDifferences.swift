import KerasCore

/// How the weights in two files differ, layer by layer: the facts behind `keras diff`.
///
/// Layers go together by name (by path where both files store weights by object), weights by name, or in order where
/// two writers name them differently (`dense/kernel:0`, `sequential/dense/kernel`). Encodes to JSON with stable
/// keys.
///
/// ```swift
/// let differences = try WeightDifferences(between: "epoch-1.keras", and: "epoch-2.keras")
/// print(differences.areNone ? "the same" : differences.table)
/// ```
public struct WeightDifferences: Hashable, Sendable, Codable {
  public enum Finding: String, Hashable, Sendable, Codable {
    case same
    /// Of one shape, but with other numbers.
    case values
    /// NaN or infinity stands in one file where the other has something else.
    case notFinite = "not_finite"
    case shape
    case onlyInFirst = "only_in_first"
    case onlyInSecond = "only_in_second"
    /// Text or other elements that are not numbers, in one file or both.
    case notComparable = "not_comparable"
  }

  public struct Row: Hashable, Sendable, Codable {
    public var layer: String
    public var weight: String
    public var finding: Finding
    public var shapes: [[Int]]
    public var types: [String]
    /// The largest |a − b|; absent unless all numbers can be compared.
    public var largestDifference: Double?

    enum CodingKeys: String, CodingKey {
      case layer, weight, finding, shapes, types
      case largestDifference = "largest_difference"
    }
  }

  public var files: [String]
  /// Every weight of the first file in its order, then those that only the second has.
  public var rows: [Row]
  /// Whether both files describe the same model; absent when one of them describes none.
  public var haveSameArchitecture: Bool?

  enum CodingKeys: String, CodingKey {
    case files, rows
    case haveSameArchitecture = "same_architecture"
  }

  /// Whether all weights are the same in shape and value; element types may differ.
  public var areNone: Bool { rows.allSatisfy { $0.finding == .same } && haveSameArchitecture != false }

  package init(files: [String], rows: [Row], haveSameArchitecture: Bool?) {
    self.files = files
    self.rows = rows
    self.haveSameArchitecture = haveSameArchitecture
  }

  /// Compares the files at two paths; optimizer state and training configuration are left out.
  ///
  /// Where one file stores weights by layer and the other by object, layers go together by the names that objects
  /// have, as far as order within them is certain. `Model.weightDifferences(between:and:)` knows more, where one of
  /// the files describes the model.
  ///
  /// - Throws: what opening the files throws; `unsupported` when only the model can tell what belongs together.
  public init(between first: String, and second: String) throws(KerasError) {
    let (a, b) = (try StoredFile(path: first), try StoredFile(path: second))
    files = [first, second]
    let architecture = try a.architecture()?.withoutBookkeeping
    let other = try b.architecture()?.withoutBookkeeping
    let isMixed = a.storesByObject != b.storesByObject
    haveSameArchitecture = architecture == nil || other == nil || isMixed ? nil : architecture == other
    rows = try within("\(first.escaped) and \(second.escaped)") { () throws(KerasError) in
      try Self.rows(a.layers(matching: b), b.layers(matching: a))
    }
  }

  /// Compares two lists of layers.
  package static func rows(_ first: [StoredLayer], _ second: [StoredLayer]) throws(KerasError) -> [Row] {
    var rows: [Row] = []
    let others = Dictionary(second.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    for layer in first {
      let pairs = pairs(layer.weights, others[layer.name]?.weights ?? [])
      for (weight, other) in pairs { rows.append(try Row(layer.name, weight, other)) }
    }
    let known = Set(first.map(\.name))
    for layer in second where !known.contains(layer.name) {
      for weight in layer.weights { rows.append(try Row(layer.name, nil, weight)) }
    }
    return rows
  }

  /// Weights by name; in order when the names are others but as many.
  private static func pairs(
    _ first: [StoredWeight], _ second: [StoredWeight]
  ) -> [(StoredWeight?, StoredWeight?)] {
    if first.count == second.count {
      let order =
        Comparison.orderByName(of: second.map(\.name), in: first.map(\.name)) ?? Array(second.indices)
      return zip(first, order).map { ($0, second[$1]) }
    }
    let others = Dictionary(second.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let known = Set(first.map(\.name))
    return first.map { ($0, others[$0.name]) } + second.filter { !known.contains($0.name) }.map { (nil, $0) }
  }
}

extension WeightDifferences.Row {
  fileprivate init(_ layer: String, _ first: StoredWeight?, _ second: StoredWeight?) throws(KerasError) {
    let both = [first, second].compactMap { $0 }
    self.init(
      layer: layer, weight: both.first?.name ?? "", finding: .same, shapes: both.map(\.shape),
      types: both.map(\.storedType), largestDifference: nil)
    guard let first, let second else {
      finding = first == nil ? .onlyInSecond : .onlyInFirst
      return
    }
    guard first.shape == second.shape else {
      finding = .shape
      return
    }
    guard first.dataType != nil, second.dataType != nil else {
      finding = .notComparable
      return
    }
    let difference = try first.tensor().largestDifference(to: second.tensor())
    finding = difference == 0 ? .same : difference.isFinite ? .values : .notFinite
    largestDifference = difference.isFinite ? difference : nil
  }
}

extension StoredFile {
  /// The layers, under the names that `other` has for them.
  fileprivate func layers(matching other: StoredFile) throws(KerasError) -> [StoredLayer] {
    guard storesByObject != other.storesByObject else { return try layers() }
    guard storesByObject else {
      guard case .legacy = self else { throw Self.unmatched("One file names neither layers nor objects.") }
      return try layers()
    }
    let tree: StoredObject
    switch self {
    case .weights(let found), .shards(let found): tree = found
    case .archive(let archive): tree = archive.weights
    default: return try layers()
    }
    var layers: [StoredLayer] = []
    for child in tree["layers"]?.children ?? [] {
      let holders = child.object.all.map(\.object).filter { !$0.variables.isEmpty }
      guard let first = holders.first else { continue }
      guard let name = child.object.name, holders.count == 1 else {
        throw Self.unmatched("The weights of `layers/\(child.key)` have no certain order.")
      }
      layers.append(StoredLayer(name: name, weights: first.variables))
    }
    let rest = Set(
      tree.all.map(\.path).filter { !$0.isEmpty && !$0.hasPrefix("layers") && !$0.hasPrefix("optimizer") })
    guard rest.isEmpty else { throw Self.unmatched("Weights stand outside of layers.") }
    return layers
  }

  private static func unmatched(_ reason: String) -> KerasError {
    KerasError(
      .unsupported, "One file stores weights by layer, the other by the path of objects. \(reason)",
      remedy: "give files that describe the model, too, or make one kind of both with `keras convert`.")
  }

  package var storesByObject: Bool {
    switch self {
    case .weights, .shards, .archive: true
    default: false
    }
  }

  /// The description of the model, where there is one.
  package func architecture() throws(KerasError) -> JSON? {
    switch self {
    case .legacy(let file): try file.architecture()
    case .archive(let archive): archive.config
    case .json(let json): json
    default: nil
    }
  }
}

extension JSON {
  /// A model's description without what says nothing of the model: the shapes its layers were built for, how it was
  /// compiled, and the numbers Python had for objects.
  package var withoutBookkeeping: JSON {
    if let array { return .array(array.map(\.withoutBookkeeping)) }
    guard let object else { return self }
    var rest = JSONObject()
    for (key, value) in object
    where !key.hasPrefix("build_") && key != "compile_config" && key != "shared_object_id" {
      rest[key] = value.withoutBookkeeping
    }
    return .object(rest)
  }
}

extension Tensor {
  /// The largest |a − b| over all elements of two tensors of one shape. Two NaNs are the same; a NaN and a
  /// number are infinitely far apart.
  func largestDifference(to other: Tensor) -> Double {
    if dataType == .float32, other.dataType == .float32 {
      return Self.largestDifference(self, other, of: Float.self)
    }
    if !dataType.isFloatingPoint, !other.dataType.isFloatingPoint {
      let (a, b) = (converted(to: .int64), other.converted(to: .int64))
      return a.withUnsafeScalars(of: Int64.self) { a in
        b.withUnsafeScalars(of: Int64.self) { b in
          // As UInt64, because the difference of two Int64 may not fit one.
          zip(a, b).reduce(0) {
            max($0, Double($1.0 > $1.1 ? UInt64(bitPattern: $1.0 &- $1.1) : UInt64(bitPattern: $1.1 &- $1.0)))
          }
        }
      }
    }
    return Self.largestDifference(converted(to: .float64), other.converted(to: .float64), of: Double.self)
  }

  private static func largestDifference<Scalar: TensorScalar & BinaryFloatingPoint>(
    _ a: Tensor, _ b: Tensor, of type: Scalar.Type
  ) -> Double {
    a.withUnsafeScalars(of: type) { a in
      b.withUnsafeScalars(of: type) { b in
        var largest = 0.0
        for i in 0..<min(a.count, b.count) where a[i] != b[i] {
          let difference = abs(Double(a[i]) - Double(b[i]))
          if difference > largest {
            largest = difference
          } else if difference.isNaN, !(a[i].isNaN && b[i].isNaN) {
            return .infinity
          }
        }
        return largest
      }
    }
  }
}
