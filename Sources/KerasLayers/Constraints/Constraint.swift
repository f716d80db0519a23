import KerasGraph

/// What a weight must fulfil after every step of training.
public protocol Constraint: Serializable {
  /// Records the nearest weight to `w` that fulfils it, of the same shape.
  func apply(to w: Value, in graph: GraphBuilder) throws -> Value
}

extension Constraint {
  /// As Keras writes it into configurations.
  public var json: JSON {
    let names: Set = ["MaxNorm", "MinMaxNorm", "NonNeg", "UnitNorm", "RadialConstraint"]
    return serialized(module: "keras.constraints", isKnown: names.contains(className))
  }
}

/// The constraints that names in files stand for; users register their own.
public enum Constraints {
  public static let registry = ClassRegistry<any Constraint>(
    "constraint",
    [
      "MaxNorm": { c throws(KerasError) -> any Constraint in try MaxNorm(c) },
      "MinMaxNorm": { c throws(KerasError) -> any Constraint in try MinMaxNorm(c) },
      "NonNeg": { _ throws(KerasError) -> any Constraint in NonNegative() },
      "UnitNorm": { c throws(KerasError) -> any Constraint in try UnitNorm(c) },
      "RadialConstraint": { _ throws(KerasError) -> any Constraint in RadialConstraint() },
    ],
    aliases: [
      "max_norm": "MaxNorm", "maxnorm": "MaxNorm", "min_max_norm": "MinMaxNorm", "non_neg": "NonNeg",
      "nonneg": "NonNeg", "unit_norm": "UnitNorm", "unitnorm": "UnitNorm",
      "radial_constraint": "RadialConstraint",
    ])

  /// - Throws: `unknownName` and what is wrong with the settings.
  public static func make(_ json: JSON, version: KerasVersion = .current) throws(KerasError) -> any Constraint
  {
    try registry.make(SerializedObject(function: json), version: version)
  }
}

extension Configuration {
  /// A constraint; nil where there is none.
  public func constraint(_ key: String) throws(KerasError) -> (any Constraint)? {
    guard let json = value(key) else { return nil }
    return try place(key) { () throws(KerasError) in try Constraints.make(json, version: version) }
  }
}
