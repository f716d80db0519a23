import KerasGraph

/// What a weight must fulfil after every step of training.
public protocol Constraint: Serializable {
  /// Records the nearest weight to `w` that fulfils it, of the same shape.
  func apply(to w: Value, in graph: GraphBuilder) throws -> Value
}

extension Constraint {
  /// As Keras writes it into configurations.
  public var json: JSON { Constraints.registry.json(of: self) }
}

/// The constraints that names in files stand for; users register their own.
public enum Constraints {
  public static let registry = ClassRegistry<any Constraint>(
    "constraint",
    of: [{ MaxNorm() }, { MinMaxNorm() }, { NonNegative() }, { UnitNorm() }, { RadialConstraint() }],
    aliases: [
      "max_norm": "MaxNorm", "maxnorm": "MaxNorm", "min_max_norm": "MinMaxNorm", "non_neg": "NonNeg",
      "nonneg": "NonNeg", "unit_norm": "UnitNorm", "unitnorm": "UnitNorm",
      "radial_constraint": "RadialConstraint",
    ])

  /// - Throws: `unknownName` and what is wrong with the settings.
  public static func make(_ json: JSON, version: KerasVersion = .current) throws(KerasError) -> any Constraint
  {
    try registry.make(json, version: version)
  }
}
