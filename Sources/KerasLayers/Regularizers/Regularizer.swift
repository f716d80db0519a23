import KerasGraph

/// A penalty on a weight or an activation that training adds to its loss.
public protocol Regularizer: Serializable {
  /// Records the penalty of `x`: one number.
  func loss(of x: Value, in graph: GraphBuilder) throws -> Value
}

extension Regularizer {
  /// As Keras writes it into configurations.
  public var json: JSON {
    let names: Set = ["L1", "L2", "L1L2", "OrthogonalRegularizer"]
    return serialized(module: "keras.regularizers", isKnown: names.contains(className))
  }
}

/// The regularizers that names in files stand for; users register their own.
public enum Regularizers {
  public static let registry = ClassRegistry<any Regularizer>(
    "regularizer",
    [
      "L1": { c throws(KerasError) -> any Regularizer in L1(try factor("l1", 0.01, c)) },
      "L2": { c throws(KerasError) -> any Regularizer in L2(try factor("l2", 0.01, c)) },
      "L1L2": { c throws(KerasError) -> any Regularizer in
        L1L2(l1: try factor("l1", 0, c), l2: try factor("l2", 0, c))
      },
      // The function of Keras 2, and the name that stands for it.
      "l1_l2": { c throws(KerasError) -> any Regularizer in
        L1L2(l1: try factor("l1", 0.01, c), l2: try factor("l2", 0.01, c))
      },
      "OrthogonalRegularizer": { c throws(KerasError) -> any Regularizer in
        OrthogonalRegularizer(
          factor: try factor("factor", 0.01, c), mode: try c.choice("mode", default: .rows))
      },
    ],
    aliases: [
      "l1": "L1", "l2": "L2", "l1l2": "L1L2", "orthogonal_regularizer": "OrthogonalRegularizer",
      // Of Keras 1.
      "L1L2Regularizer": "L1L2", "WeightRegularizer": "L1L2", "ActivityRegularizer": "L1L2",
      "activity_l1": "L1", "activity_l2": "L2", "activity_l1l2": "l1_l2",
    ])

  /// - Throws: `unknownName` and what is wrong with the settings.
  public static func make(_ json: JSON, version: KerasVersion = .current) throws(KerasError)
    -> any Regularizer
  {
    try registry.make(SerializedObject(function: json), version: version)
  }

  private static func factor(
    _ key: String, _ standard: Double, _ configuration: Configuration
  ) throws(KerasError) -> Double {
    let number = try configuration.number(key, default: standard)
    guard number >= 0, number.isFinite else {
      throw configuration.wrong(key, "a number from 0 up", .number(number))
    }
    return number
  }
}

extension Configuration {
  /// A regularizer; nil where there is none.
  public func regularizer(_ key: String) throws(KerasError) -> (any Regularizer)? {
    guard let json = value(key) else { return nil }
    return try place(key) { () throws(KerasError) in try Regularizers.make(json, version: version) }
  }
}
