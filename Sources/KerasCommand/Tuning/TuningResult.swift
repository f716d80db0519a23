import Keras

/// What a run of `keras finetune` came to.
struct TuningResult: Encodable {
  let best: [String: Double]
  let classWeights: [String: Double]?
  let classes: [String]
  let fineTuneEpochs: Int
  let headEpochs: Int
  let interrupted: Bool
  let learningRate: Double
  let output: String
  let skipped: Int
  let train: Int
  let validation: Int

  enum CodingKeys: String, CodingKey {
    case best, classes, interrupted, output, skipped, train, validation
    case classWeights = "class_weights"
    case fineTuneEpochs = "fine_tune_epochs"
    case headEpochs = "head_epochs"
    case learningRate = "learning_rate"
  }

  var sentence: String {
    let share = best["val_accuracy"].map { "right for \(fixed($0 * 100, 1)) % of" } ?? "not yet measured on"
    return "\(output.escaped) tells \(counted(classes.count, "class", "classes")) apart: \(share) "
      + "\(counted(validation, "validation picture")), after training on \(train)."
  }

  func print(asJSON: Bool) throws(KerasError) { StandardOutput.print(asJSON ? try jsonLine(self) : sentence) }
}
