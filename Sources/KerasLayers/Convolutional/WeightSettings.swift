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

  /// Reads `<name>_initializer`, `<name>_regularizer` and `<name>_constraint`.
  init(
    _ name: String, _ settings: Configuration, default initializer: any Initializer
  ) throws(KerasError) {
    self.init(
      try settings.initializer("\(name)_initializer", default: initializer),
      regularizer: try settings.regularizer("\(name)_regularizer"),
      constraint: try settings.constraint("\(name)_constraint"))
  }

  /// Writes the same.
  func write(_ name: String, to config: inout JSONObject) {
    config["\(name)_initializer"] = initializer.json
    config["\(name)_regularizer"] = JSON(regularizer)
    config["\(name)_constraint"] = JSON(constraint)
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
