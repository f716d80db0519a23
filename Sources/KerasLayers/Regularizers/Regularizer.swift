import KerasGraph

/// A penalty on a weight or an activation that training adds to its loss.
public protocol Regularizer: Serializable {
  /// Records the penalty of `x`: one number.
  func loss(of x: Value, in graph: GraphBuilder) throws -> Value
}

extension Regularizer {
  /// As Keras writes it into configurations.
  public var json: JSON { Regularizers.registry.json(of: self) }
}

/// The regularizers that names in files stand for; users register their own.
public enum Regularizers {
  public static let registry = ClassRegistry<any Regularizer>(
    "regularizer", of: [{ L1() }, { L2() }, { L1L2() }, { OrthogonalRegularizer() }],
    aliases: ["l1": "L1", "l2": "L2", "l1l2": "L1L2", "orthogonal_regularizer": "OrthogonalRegularizer"]
      .merging(OldSpellings.regularizers) { $1 })

  /// - Throws: `unknownName` and what is wrong with the settings.
  public static func make(_ json: JSON, version: KerasVersion = .current) throws(KerasError)
    -> any Regularizer
  {
    try registry.make(json, version: version)
  }
}

extension SettingCodec where Value == Double {
  static var factor: SettingCodec<Double> {
    Double.settingCodec.requiring("a number from 0 up") { $0 >= 0 && $0.isFinite }
  }
}
