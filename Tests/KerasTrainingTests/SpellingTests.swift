import KerasLayers
import KerasModels
import KerasTraining
import Testing

/// Names of losses, metrics and optimizers, and what is said of wrong ones.
@Suite struct SpellingTests {
  @Test func losses() throws {
    for (name, className) in [
      ("mse", "MeanSquaredError"), ("Huber", "Huber"), ("kullback_leibler_divergence", "KLDivergence"),
      ("cosine_proximity", "CosineSimilarity"), ("bce", "BinaryCrossentropy"),
    ] {
      #expect(try Loss.named(name).className == className)
    }
    // The loss keeps the name it was asked for by, as Keras' wrapper of a function does.
    #expect(try Loss.named("mse").name == "mse")
    #expect(try Loss.named("Huber").name == "huber_loss")
    let function: JSON = ["module": "builtins", "class_name": "function", "config": "mean_squared_error"]
    #expect(try Losses.make(function).className == "MeanSquaredError")
  }

  @Test func unknownLoss() {
    let error = #expect(throws: KerasError.self) { try Loss.named("hing") }
    #expect(
      error?.description == """
        There is no loss called `hing`.
          try: did you mean Hinge? Or register a class of your own under `hing`.
        """)
  }

  @Test func metrics() throws {
    #expect(try Metric.named("mae").className == "MeanAbsoluteError")
    #expect(try Metric.named("mae").name == "mae")
    #expect(try Metric.named("AUC").name == "AUC")
    #expect(Metric.auc().name == "auc")
    #expect(try Metric.named("f1_score").className == "F1Score")
    // A loss that is no metric in Keras 3 is its mean, as in Keras 2.
    #expect(try Metric.named("huber").name == "huber")
  }

  @Test func accuracyIsWhatTargetsSay() throws {
    let accuracy = Metric.accuracy
    func kind(_ target: [Int], _ prediction: [Int]) -> String {
      accuracy.resolved(target: TensorSpec(target), prediction: TensorSpec(prediction)).className
    }
    #expect(kind([8, 1], [8, 1]) == "BinaryAccuracy")
    #expect(kind([8], [8, 3]) == "SparseCategoricalAccuracy")
    #expect(kind([8, 1], [8, 3]) == "SparseCategoricalAccuracy")
    #expect(kind([8, 3], [8, 3]) == "CategoricalAccuracy")
  }

  @Test func optimizers() throws {
    #expect(try Optimizer.named("ADAM").className == "Adam")
    #expect(try Optimizer.named("rmsprop").className == "RMSprop")
    let old: JSON = [
      "class_name": "SGD", "config": ["lr": 0.5, "decay": 0.1, "momentum": 0.9, "nesterov": true],
    ]
    let optimizer = try Optimizers.make(old, version: .keras2)
    #expect((optimizer as? SGD)?.momentum == 0.9)
    #expect(optimizer.learningRate == nil)
    #expect(optimizer.learningRateSchedule?.className == "InverseTimeDecay")
  }

  @Test func wrongSettings() {
    let bad: JSON = ["class_name": "SGD", "config": ["momentum": 2]]
    let error = #expect(throws: KerasError.self) { try Optimizers.make(bad) }
    #expect(error?.description == "The setting `momentum` must be between 0 and 1, found 2.\n  in: SGD")
  }

  /// What a program says that no file could: found when a model is compiled.
  @Test(
    arguments: [
      (SGD(momentum: 1.5), "The setting `momentum` must be between 0 and 1, found 1.5.\n  in: SGD"),
      (
        SGD(learningRate: .constant(.nan)),
        "The setting `learning_rate` must be a finite number or a schedule, found NaN.\n  in: SGD"
      ),
      (Adam(beta1: -0.1), "The setting `beta_1` must be between 0 and 1, found -0.1.\n  in: Adam"),
      (AdamW(beta2: 2), "The setting `beta_2` must be between 0 and 1, found 2.0.\n  in: AdamW"),
      (RMSprop(rho: 1.1), "The setting `rho` must be between 0 and 1, found 1.1.\n  in: RMSprop"),
      (Adadelta(rho: -1), "The setting `rho` must be between 0 and 1, found -1.0.\n  in: Adadelta"),
      (
        Adagrad(initialAccumulator: -1),
        "The setting `initial_accumulator_value` must be a number from 0 up, found -1.0.\n  in: Adagrad"
      ),
      (Lion(beta1: 0), "The setting `beta_1` must be above 0 and up to 1, found 0.0.\n  in: Lion"),
      (
        Ftrl(l1: -1),
        "The setting `l1_regularization_strength` must be a number from 0 up, found -1.0.\n  in: Ftrl"
      ),
      (
        Adam(options: OptimizerOptions(clipping: .norm(-1))),
        "The setting `clipnorm` must be a number from 0 up, found -1.0.\n  in: Adam"
      ),
      (
        Adam(options: OptimizerOptions(averaging: .init(momentum: 1.5))),
        "The setting `ema_momentum` must be between 0 and 1, found 1.5.\n  in: Adam"
      ),
      (
        Adam(options: OptimizerOptions(averaging: .init(interval: 0))),
        "The setting `ema_overwrite_frequency` must be a number from 1 up, found 0.\n  in: Adam"
      ),
      (
        Adam(options: OptimizerOptions(accumulationSteps: 1)),
        "The setting `gradient_accumulation_steps` must be a number from 2 up, found 1.\n  in: Adam"
      ),
      (
        Adam(learningRate: .schedule(CosineDecay(initialRate: 0.1, steps: 0))),
        "The setting `decay_steps` must be a number from 1 up, found 0.\n  in: CosineDecay"
      ),
      (
        LossScaleOptimizer(SGD(momentum: -1)),
        "The setting `momentum` must be between 0 and 1, found -1.0.\n  in: SGD"
      ),
    ] as [(Optimizer, String)])
  func settingsThatMakeNoSense(_ optimizer: Optimizer, _ message: String) throws {
    let model = Sequential {
      Input(shape: [2])
      Dense(units: 1)
    }
    let error = #expect(throws: KerasError.self) {
      try model.compile(optimizer: optimizer, loss: .meanSquaredError)
    }
    #expect(error?.kind == .invalidArgument && error?.description == message)
  }

  /// Of losses and metrics, too.
  @Test func settingsOfLossesAndMetrics() throws {
    let model = Sequential {
      Input(shape: [2])
      Dense(units: 1)
    }
    let error = #expect(throws: KerasError.self) {
      try model.compile(optimizer: .sgd(), loss: CategoricalGeneralizedCrossEntropy(q: 2))
    }
    #expect(
      error?.description
        == "The setting `q` must be between 0 and 1, found 2.0.\n  in: CategoricalGeneralizedCrossEntropy")
    let other = #expect(throws: KerasError.self) {
      try model.compile(optimizer: .sgd(), loss: .meanSquaredError, metrics: [FBetaScore(beta: 0)])
    }
    #expect(other?.description == "The setting `beta` must be a number above 0, found 0.0.\n  in: FBetaScore")
  }

  @Test func optimizerOptions() throws {
    let options = OptimizerOptions(
      weightDecay: 0.1, clipping: .globalNorm(1), averaging: .init(momentum: 0.9, interval: 3), lossScale: 2,
      accumulationSteps: 4, name: "mine")
    let config = SGD(options: options).config
    #expect(config["name"] == "mine")
    #expect(config["global_clipnorm"] == 1.0)
    #expect(config["clipnorm"] == JSON.null)
    #expect(config["use_ema"] == true)
    #expect(config["ema_overwrite_frequency"] == 3)
    #expect(config["gradient_accumulation_steps"] == 4)
  }
}
