import KerasFiles
import KerasLayers

/// What trains a model, as far as files need to know it.
package protocol ModelTrainer: AnyObject, Sendable {
  /// How the model is compiled and how far its optimizer has got.
  func trainingState(of model: Model) throws(KerasError) -> TrainingState

  /// What its optimizer keeps.
  func optimizerSpecs(of model: Model) -> [TensorSpec]
}

extension Model {
  /// How it was compiled and how far its optimizer got: as its trainer knows, or as a file told.
  func currentTrainingState() throws(KerasError) -> TrainingState? {
    try trainer?.trainingState(of: self) ?? trainingState
  }
}

/// How a model was compiled and how far its optimizer got, as a file tells it; kept so that saving loses nothing.
package struct TrainingState: Sendable {
  /// Keras 3's `compile_config`: optimizer, loss, metrics and weights of these.
  package var compilation: JSONObject
  /// The optimizer's own numbers, in its order, under the names of the file (in Keras 3's files numbers).
  package var optimizerVariables: [StoredWeight]

  package init(compilation: JSONObject, optimizerVariables: [StoredWeight] = []) {
    self.compilation = compilation
    self.optimizerVariables = optimizerVariables
  }

  /// Whether it says how to go on: a file may hold an optimizer without a loss.
  package var isCompiled: Bool { compilation["optimizer"].map { !$0.isNull } ?? false }

  /// From `training_config` of the older layout, where the optimizer has another key.
  init(legacy json: JSON, optimizerVariables: [StoredWeight]) {
    var object = json.object ?? [:]
    if let optimizer = object["optimizer_config"] {
      object["optimizer_config"] = nil
      object["optimizer"] = optimizer
    }
    self.init(compilation: object, optimizerVariables: optimizerVariables)
  }

  /// As `training_config` of the older layout.
  var legacy: JSON {
    var object = JSONObject()
    for key in ["loss", "metrics", "weighted_metrics", "loss_weights"] { object[key] = compilation[key] ?? JSON.null }
    object["optimizer_config"] = compilation["optimizer"] ?? JSON.null
    return .object(object)
  }

  /// The optimizer's name, which its variables' names begin with: `adam`.
  var optimizerName: String {
    let optimizer = compilation["optimizer"]
    return optimizer?["config"]?["name"]?.string
      ?? optimizer?["class_name"]?.string.map(snakeCase) ?? optimizer?.string ?? "optimizer"
  }
}
