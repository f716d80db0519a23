import KerasLayers

/// The optimizers that names in files stand for; users register their own.
public enum Optimizers {
  public static let registry: ClassRegistry<Optimizer> = {
    let registry = ClassRegistry<Optimizer>(
      "optimizer", module: "keras.optimizers", of: classes, aliases: aliases, modernizing: modernize)
    registry.register("MultiOptimizer") { configuration in try MultiOptimizer.make(configuration) }
    return registry
  }()

  private static let classes: [@Sendable () -> Optimizer] = [
    { SGD() }, { RMSprop() }, { Adam() }, { AdamW() }, { Adamax() }, { Nadam() }, { Adagrad() },
    { Adadelta() },
    { Ftrl() }, { Lion() }, { Lamb() }, { Adafactor() }, { Muon() }, { ScheduleFreeAdamW() },
    { LossScaleOptimizer() }, { MultiOptimizer(SGD()) },
  ]

  /// Keras reads the names of its classes in small letters, too.
  private static let aliases = classes.reduce(into: [String: String]()) { aliases, make in
    let name = make().className
    aliases[name.lowercased()] = name
  }

  private static func modernize(
    _ className: String, _ config: inout JSONObject, _ today: String, _ version: KerasVersion
  ) {
    if let rate = config["lr"] {
      config["lr"] = nil
      if config["learning_rate"] == nil { config["learning_rate"] = rate }
    }
    // Keras 1 and 2: the rate falls as 1 / (1 + decay · step).
    if let decay = config["decay"]?.number, decay != 0, let rate = config["learning_rate"]?.number {
      config["learning_rate"] = InverseTimeDecay(initialRate: rate, steps: 1, decayRate: decay).json
    }
    for key in ["decay", "schedule_decay", "jit_compile", "is_legacy_optimizer", "dynamic"] {
      config[key] = nil
    }
  }

  /// - Parameter json: a name such as `adam`, or an object as Keras writes it.
  /// - Throws: `unknownName` and what is wrong with the settings.
  public static func make(_ json: JSON, version: KerasVersion = .current) throws(KerasError) -> Optimizer {
    if let name = json.string, !registry.contains(name) {
      return try registry.make(.string(name.lowercased()), version: version)
    }
    // TF-Keras registers its own classes as if they were a user's.
    if let name = json["class_name"]?.string, name.hasPrefix("Custom>"), var object = json.object {
      object["class_name"] = .string(String(name.dropFirst("Custom>".count)))
      return try registry.make(.object(object), version: version)
    }
    return try registry.make(json, version: version)
  }
}

extension Optimizer {
  /// The optimizer that Keras calls `name`, with its defaults: `adam`, `sgd`.
  ///
  /// - Throws: `unknownName`, with the nearest names.
  public static func named(_ name: String) throws(KerasError) -> Optimizer {
    try Optimizers.make(.string(name))
  }

  public static func sgd(
    learningRate: LearningRate = 0.01, momentum: Double = 0, isNesterov: Bool = false,
    options: OptimizerOptions = OptimizerOptions()
  ) -> Optimizer {
    SGD(learningRate: learningRate, momentum: momentum, isNesterov: isNesterov, options: options)
  }
  public static func rmsprop(
    learningRate: LearningRate = 0.001, rho: Double = 0.9, momentum: Double = 0, isCentered: Bool = false,
    options: OptimizerOptions = OptimizerOptions()
  ) -> Optimizer {
    RMSprop(
      learningRate: learningRate, rho: rho, momentum: momentum, isCentered: isCentered, options: options)
  }
  public static func adam(
    learningRate: LearningRate = 0.001, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-7,
    options: OptimizerOptions = OptimizerOptions()
  ) -> Optimizer {
    Adam(learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, options: options)
  }
  public static func adamW(
    learningRate: LearningRate = 0.001, weightDecay: Double = 0.004,
    options: OptimizerOptions = OptimizerOptions()
  ) -> Optimizer { AdamW(learningRate: learningRate, weightDecay: weightDecay, options: options) }
  public static func adamax(
    learningRate: LearningRate = 0.001, options: OptimizerOptions = OptimizerOptions()
  )
    -> Optimizer
  { Adamax(learningRate: learningRate, options: options) }
  public static func nadam(learningRate: LearningRate = 0.001, options: OptimizerOptions = OptimizerOptions())
    -> Optimizer
  { Nadam(learningRate: learningRate, options: options) }
  public static func adagrad(
    learningRate: LearningRate = 0.001, options: OptimizerOptions = OptimizerOptions()
  )
    -> Optimizer
  { Adagrad(learningRate: learningRate, options: options) }
  public static func adadelta(
    learningRate: LearningRate = 0.001, options: OptimizerOptions = OptimizerOptions()
  )
    -> Optimizer
  { Adadelta(learningRate: learningRate, options: options) }
  public static func lion(learningRate: LearningRate = 0.001, options: OptimizerOptions = OptimizerOptions())
    -> Optimizer
  { Lion(learningRate: learningRate, options: options) }
  public static func lamb(learningRate: LearningRate = 0.001, options: OptimizerOptions = OptimizerOptions())
    -> Optimizer
  { Lamb(learningRate: learningRate, options: options) }
  public static func adafactor(
    learningRate: LearningRate = 0.001, options: OptimizerOptions = OptimizerOptions()
  )
    -> Optimizer
  { Adafactor(learningRate: learningRate, options: options) }
  public static func muon(learningRate: LearningRate = 0.001, options: OptimizerOptions = OptimizerOptions())
    -> Optimizer
  { Muon(learningRate: learningRate, options: options) }
}
