import KerasGraph

/// How one weight of a layer starts, what penalizes it, and what it must fulfil after each step of training.
public struct WeightSettings: Sendable {
  public let initializer: any Initializer
  public let regularizer: (any Regularizer)?
  public let constraint: (any Constraint)?

  public init(
    _ initializer: any Initializer, regularizer: (any Regularizer)? = nil,
    constraint: (any Constraint)? = nil
  ) {
    self.initializer = initializer
    self.regularizer = regularizer
    self.constraint = constraint
  }

  init(_ initializer: any Initializer, _ regularizer: (any Regularizer)?, _ constraint: (any Constraint)?) {
    self.init(initializer, regularizer: regularizer, constraint: constraint)
  }

  /// The same starting otherwise.
  func starting(_ initializer: (any Initializer) -> any Initializer) -> WeightSettings {
    WeightSettings(initializer(self.initializer), regularizer, constraint)
  }
}

/// Files hold `<key>_initializer`, `<key>_regularizer` and `<key>_constraint`.
extension WeightSettings: SettingValue {
  public static var settingCodec: SettingCodec<WeightSettings> {
    SettingCodec(
      reading: { (configuration, key, current) throws(KerasError) in
        WeightSettings(
          try configuration.initializer("\(key)_initializer") ?? current?.initializer ?? .zeros,
          regularizer: try configuration.regularizer("\(key)_regularizer"),
          constraint: try configuration.constraint("\(key)_constraint"))
      },
      writing: { weight, key, config in
        config["\(key)_initializer"] = weight.initializer.json
        config["\(key)_regularizer"] = JSON(weight.regularizer)
        config["\(key)_constraint"] = JSON(weight.constraint)
      })
  }
}

extension Layer {
  /// Adds a trainable weight called `name`.
  @discardableResult
  func addWeight(_ name: String, shape: [Int], _ settings: WeightSettings) -> Variable {
    addWeight(
      name, shape: shape, initializer: settings.initializer, regularizer: settings.regularizer,
      constraint: settings.constraint)
  }
}
