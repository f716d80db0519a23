import KerasLayers

/// How files number the calls of a layer within a model.
///
/// From 0, in the order in which they were made, counting only those the model uses; except that a nested model's
/// making may count as its first call:
///
/// - **Keras 1 and 2**, whose places are lists (`["conv", 0, 0, {}]`), count it in calls as in `input_layers` and
///   `output_layers`, of every connected model; a `Sequential` made without an input layer has no such call.
/// - **Keras 3** counts from 0 in `keras_history`; in `input_layers` and `output_layers` it still counts the making of
///   a connected model, though not of a `Sequential`.
/// - **This package** once counted from 0 there, too. Its files of that time are known by what they lack: the argument
///   `mask`, which every Keras 3 stores with each call of a model, and this package since.
enum CallNumbering {
  /// Keras 1 and 2, anywhere.
  case keras2
  /// `keras_history` of Keras 3.
  case history
  /// `input_layers` and `output_layers` of Keras 3.
  case boundary

  /// Which one counts in `input_layers` and `output_layers` of the model of these layers.
  init(ofBoundaryOf layers: [JSON], version: KerasVersion) {
    let calls = layers.lazy.compactMap { $0["inbound_nodes"]?.array?.first }
    let isNew = calls.first.map(\.isCallOfKeras3) ?? (version == .keras3)
    self = isNew ? .boundary : .keras2
  }

  /// The number of a layer's first call.
  ///
  /// - Parameter entry: the layer as the file describes it.
  func firstCall(of layer: Layer, _ entry: JSON) -> Int {
    guard let model = layer as? Model else { return 0 }
    switch self {
    case .history: return 0
    case .keras2:
      return (model is Sequential ? entry["config"]?.beginsWithInput ?? false : model.network != nil) ? 1 : 0
    case .boundary:
      let hasMasks = entry["inbound_nodes"]?.array?.contains { $0["kwargs"]?["mask"] != nil } ?? false
      return hasMasks ? Self.firstCallAtBoundary(of: model) : 0
    }
  }

  /// The number that Keras 3 gives a layer's first call in `input_layers` and `output_layers`.
  static func firstCallAtBoundary(of layer: Layer) -> Int {
    guard let model = layer as? Model else { return 0 }
    return model.network != nil && !(model is Sequential) ? 1 : 0
  }
}

extension JSON {
  /// Whether this is a call as Keras 3 stores it.
  var isCallOfKeras3: Bool { self["args"]?.array != nil && self["kwargs"]?.object != nil }

  /// Whether a `Sequential` of these settings, or layers, knew its input when it was made.
  fileprivate var beginsWithInput: Bool {
    guard let first = (self["layers"] ?? self)[0], let config = first["config"] else { return false }
    if first["class_name"]?.string == "InputLayer" { return true }
    if ["batch_input_shape", "batch_shape", "input_shape", "input_dim"].contains(where: {
      config[$0].map { !$0.isNull } ?? false
    }), first["class_name"]?.string != "Embedding" || config["batch_input_shape"] != nil {
      return true
    }
    // A model inside may know it.
    return config["input_layers"] != nil || config.beginsWithInput
  }
}
