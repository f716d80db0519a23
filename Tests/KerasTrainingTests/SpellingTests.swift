import KerasLayers
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
