import KerasCore

/// The element types of a layer: of its weights, and of its computation.
///
/// `float32` uses one type for both; `mixed_bfloat16` keeps float32 weights and computes in bfloat16.
public struct DataTypePolicy: Hashable, Sendable {
  /// As Keras spells it: `float32`, `mixed_float16`.
  public let name: String
  public let computeType: DataType
  public let variableType: DataType

  public static let float32 = DataTypePolicy(.float32)

  public init(_ dataType: DataType) {
    self.init(name: dataType.rawValue, computeType: dataType, variableType: dataType)
  }

  private init(name: String, computeType: DataType, variableType: DataType) {
    self.name = name
    self.computeType = computeType
    self.variableType = variableType
  }

  /// - Throws: `unknownName` for a name that is neither a type nor `mixed_` and a 16-bit one.
  public init(named name: String) throws(KerasError) {
    if let type = DataType(rawValue: name) {
      self.init(type)
    } else if name.hasPrefix("mixed_"), let type = DataType(rawValue: String(name.dropFirst(6))),
      type == .float16 || type == .bfloat16
    {
      self.init(name: name, computeType: type, variableType: .float32)
    } else {
      throw KerasError(.unknownName, "There is no element type or policy called `\(name)`.")
    }
  }

  /// From a configuration: a name, or an object `DTypePolicy` with one.
  package init(_ json: JSON) throws(KerasError) {
    guard let name = json.string ?? json["config"]?["name"]?.string else {
      throw KerasError(.invalidFile, "Expected an element type or policy, found \(json.excerpt).")
    }
    // TF-Keras writes a policy that leaves the type to the first input so; it is float32 in practice.
    if name == "_infer" {
      self = .float32
    } else {
      try self.init(named: name)
    }
  }

  package var json: JSON {
    SerializedObject(module: "keras", className: "DTypePolicy", config: ["name": .string(name)]).json
  }
}
