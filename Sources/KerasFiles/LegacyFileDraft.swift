import KerasCore

/// What a file in the HDF5 layout of Keras 1 and 2 shall hold: weights alone, or a whole model.
///
/// ``LegacyWeightFile`` and every Keras read it.
///
/// ```swift
/// var draft = LegacyFileDraft(layers: [StoredLayer(name: "dense", weights: weights)])
/// draft.architecture = config
/// try draft.write(to: "mnist.h5")
/// ```
package struct LegacyFileDraft: Sendable {
  /// In the model's order, with those that have no weights. Weights have paths as names: `dense/kernel`.
  package var layers: [StoredLayer]
  package var topLevelWeights: [StoredWeight] = []
  /// The model's class and configuration; nil for a file of weights alone.
  package var architecture: JSON?
  /// Optimizer, loss and metrics, for a compiled model.
  package var training: JSON?
  /// `adam/iteration`, `adam/dense_kernel_momentum`, …; written only with an architecture.
  package var optimizerWeights: [StoredWeight] = []
  /// What only this package writes and reads; written only with an architecture.
  package var supplement: JSON?
  package var kerasVersion = KerasFormat.version
  package var backend = KerasFormat.backend

  package init(layers: [StoredLayer]) { self.layers = layers }

  /// All that `file` holds.
  ///
  /// - Throws: `invalidFile` for parts that cannot be read.
  package init(_ file: LegacyWeightFile) throws(KerasError) {
    layers = file.layers
    topLevelWeights = file.topLevelWeights
    architecture = try file.architecture()
    training = try file.training()
    optimizerWeights = try file.optimizerWeights()
    supplement = try file.supplement()
    kerasVersion = file.kerasVersion ?? kerasVersion
    backend = file.backend ?? backend
  }

  /// Writes the file beside `path` and renames it.
  ///
  /// - Throws: `invalidArgument` for names that cannot be stored or stand twice; `fileAccess`; `libraryFailure`;
  ///   what reading the weights throws.
  package func write(to path: String) throws(KerasError) {
    var draft = HDF5Draft()
    guard let architecture else {
      try addWeights(to: &draft, in: "")
      return try draft.write(to: path)
    }
    addOrigin(to: &draft, in: "")
    draft.setAttribute("model_config", .string(architecture.text()), of: "")
    if let training { draft.setAttribute("training_config", .string(training.text()), of: "") }
    if let supplement {
      draft.setAttribute(KerasFormat.supplementAttribute, .string(supplement.text()), of: "")
    }
    draft.addGroup(at: "model_weights")
    try addWeights(to: &draft, in: "model_weights/")
    if !optimizerWeights.isEmpty { try add(optimizerWeights, to: &draft, in: "optimizer_weights") }
    try draft.write(to: path)
  }

  private func addWeights(to draft: inout HDF5Draft, in folder: String) throws(KerasError) {
    draft.setNames("layer_names", layers.map(\.name), of: folder)
    addOrigin(to: &draft, in: folder)
    for layer in layers { try add(layer.weights, to: &draft, in: folder + layer.name) }
    try add(topLevelWeights, to: &draft, in: folder + "top_level_model_weights")
  }

  private func addOrigin(to draft: inout HDF5Draft, in folder: String) {
    draft.setAttribute("backend", .string(backend), of: folder)
    draft.setAttribute("keras_version", .string(kerasVersion), of: folder)
  }

  private func add(
    _ weights: [StoredWeight], to draft: inout HDF5Draft, in folder: String
  ) throws(KerasError) {
    draft.addGroup(at: folder)
    draft.setNames("weight_names", weights.map(\.name), of: folder)
    for weight in weights { draft.add(try weight.tensor(), at: "\(folder)/\(weight.name)") }
  }
}

/// What files say about who wrote them.
package enum KerasFormat {
  /// The version of Keras whose formats are written.
  package static let version = "3.15.1"
  package static let backend = "tensorflow"
  /// Where this package keeps what only it knows of a model.
  static let supplementAttribute = "swift_config"
}
