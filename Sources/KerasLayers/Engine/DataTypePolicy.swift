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

  /// - Throws: `unknownName` for a name that is neither a type nor `mixed_` and a 16-bit one; `unsupported` for one of
  ///   quantized weights, such as `int8_from_float32`.
  public init(named name: String) throws(KerasError) {
    if Self.quantizations.contains(where: { name.hasPrefix($0) }), name != "int8" {
      throw Self.quantized(name)
    } else if let type = DataType(rawValue: name) {
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
    if let mode = json["config"]?["mode"]?.string { throw Self.quantized(mode) }
    if json["class_name"]?.string == "DTypePolicyMap" {
      self = try Self.onlyPolicy(of: json)
      return
    }
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

  /// A map that tells no layer apart.
  private static func onlyPolicy(of map: JSON) throws(KerasError) -> DataTypePolicy {
    try require(
      map["config"]?["policy_map"]?.object?.isEmpty ?? true, .unsupported,
      "Policies that differ from layer to layer are not supported, found \(map.excerpt).")
    guard let policy = map["config"]?["default_policy"], !policy.isNull else { return .float32 }
    return try DataTypePolicy(policy)
  }

  /// How Keras' policies of quantized weights begin.
  private static let quantizations = ["int8", "int4", "float8", "gptq", "awq"]

  static func quantized(_ mode: String) -> KerasError {
    KerasError(
      .unsupported, "Quantized layers are not supported, found the policy `\(mode)`.",
      remedy: "save the model before it is quantized.")
  }

  package var json: JSON {
    SerializedObject(module: "keras", className: "DTypePolicy", config: ["name": .string(name)]).json
  }
}
