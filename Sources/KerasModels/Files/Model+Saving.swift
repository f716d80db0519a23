import KerasFiles
import KerasLayers

extension Model {
  /// Writes the whole model: architecture, weights and, where it was compiled, how it is trained.
  ///
  /// What could not be read again is said as a warning: a Lambda without a name, a class nobody registered.
  ///
  /// - Parameter path: `.keras` for Keras 3's archive; `.h5` or `.hdf5` for the layout of Keras 1 and 2, which
  ///   Keras 3 reads as well. The file is written beside and renamed: an existing one is replaced or left whole.
  /// - Throws: `invalidArgument` for another ending; `unsupported` for a model with a function that is no layer's and
  ///   none of Keras' operations; `fileAccess` when the file cannot be written.
  public func save(to path: String) throws(KerasError) {
    if let function = Self.function(in: self) { throw function.unsavable }
    for warning in savingWarnings { Warnings.report(warning) }
    if path.hasSuffix(".keras") {
      try archive(currentTrainingState()).write(to: path)
    } else if path.hasSuffix(".h5") || path.hasSuffix(".hdf5"), !path.hasSuffix(".weights.h5") {
      try legacyDraft(withArchitecture: true, currentTrainingState()).write(to: path)
    } else if path.hasSuffix(".json") {
      let text = Array(toJSON().utf8)
      try writeFile(at: path) { (file) throws(KerasError) in try file.append(text) }
    } else {
      throw KerasError(
        .invalidArgument, "A model's file ends in .keras, .h5 or .json (the architecture alone), found \(path).",
        remedy: path.hasSuffix(".weights.h5") ? "use saveWeights(to:) for weights alone." : nil)
    }
  }

  /// Writes the weights alone.
  ///
  /// - Parameter path: `.weights.h5` for Keras 3's layout; another `.h5` or `.hdf5` for that of Keras 1 and 2; `.npz` for
  ///   arrays of NumPy's under the weights' paths, which Keras does not read.
  /// - Throws: `invalidArgument` for another ending; `unsupported` for an `.npz` of weights of one path; `fileAccess` when
  ///   the file cannot be written.
  public func saveWeights(to path: String) throws(KerasError) {
    if path.hasSuffix(".weights.h5") {
      try weightTree(currentTrainingState()).write(toWeightsPath: path)
    } else if path.hasSuffix(".h5") || path.hasSuffix(".hdf5") {
      try legacyDraft(withArchitecture: false).write(to: path)
    } else if path.hasSuffix(".npz") {
      try NumPy.saveArchive(weightsByPath(), to: path)
    } else {
      throw KerasError(.invalidArgument, "A file of weights ends in .weights.h5, .h5 or .npz, found \(path).")
    }
  }
  /// A layer in `layer` whose computation no file can hold.
  private static func function(in layer: Layer) -> FunctionLayer? {
    if let function = layer as? FunctionLayer { return function }
    let inside = (layer as? Model)?.layers ?? layer.children.map(\.layer)
    return inside.lazy.compactMap(function(in:)).first
  }

  private func archive(_ trainingState: TrainingState?) throws(KerasError) -> KerasArchive {
    var object = getConfig().object ?? [:]
    if let trainingState { object["compile_config"] = .object(trainingState.compilation) }
    var assets: [String: [UInt8]] = [:]
    for (path, layer) in storedPaths() {
      for (name, bytes) in layer.assets { assets["\(path)/\(name)"] = bytes }
    }
    return KerasArchive(
      config: .object(object), weights: try weightTree(trainingState), assets: assets, supplement: supplement)
  }

  /// The weights, and the optimizer's numbers beside them.
  private func weightTree(_ trainingState: TrainingState?) throws(KerasError) -> StoredObject {
    var tree = try storedTree()
    if let trainingState, !trainingState.optimizerVariables.isEmpty {
      let variables = trainingState.optimizerVariables.enumerated().map { number, stored in
        var stored = stored
        stored.name = "\(number)"
        return stored
      }
      tree.children.append(
        StoredObject.Child(
          "optimizer", StoredObject(name: trainingState.optimizerName, variables: variables)))
    }
    return tree
  }

  func legacyDraft(withArchitecture: Bool, _ trainingState: TrainingState? = nil) -> LegacyFileDraft {
    let source = (self as? Sequential)?.layers ?? layers
    var draft = LegacyFileDraft(
      layers: source.map { layer in
        StoredLayer(
          name: layer.name, weights: layer.legacyWeights.map { StoredWeight(name: $0.path, $0.value) })
      })
    draft.topLevelWeights = ownWeights.map { StoredWeight(name: $0.path, $0.value) }
    guard withArchitecture else { return draft }
    // A user's class is known by its registered name.
    let object = numberingSharedLayers { serialized }
    let registered = connectedConfig == nil ? object.registeredName : nil
    let described: JSON = ["class_name": .string(registered ?? className), "config": .object(object.config)]
    let spelled = Keras2Dialect.architecture(described)
    draft.architecture = spelled ?? described
    // By whose rules it is read again; Keras 2's spelling has no other word for them.
    if spelled != nil, ["mask_rule", "crop_rule", "keeps_training"].contains(where: described.mentions) {
      draft.kerasVersion = "2.15.0"
    }
    draft.supplement = supplement
    if let trainingState {
      draft.training = trainingState.legacy
      draft.optimizerWeights = trainingState.optimizerVariables.map { stored in
        var stored = stored
        if Int(stored.name) != nil { stored.name = "\(trainingState.optimizerName)/\(stored.name)" }
        return stored
      }
    }
    return draft
  }
}

extension Layer {
  /// The weights in the order of the older layout: those that train, also of layers inside, then the others.
  var legacyWeights: [Variable] { trainableWeights + nonTrainableWeights }
}

extension Layer {
  /// What a file of this layer, or of one inside, says too little about to be read again as it is.
  fileprivate var savingWarnings: [String] {
    var warnings: [String] = []
    if let lambda = self as? Lambda, lambda.functionName == nil {
      warnings.append(
        "The function of the layer `\(name)` has no name, so the file does not say what it computes: register it "
          + "with Lambda.register, and make the layer of that name.")
    } else if !(self is OperationLayer), !isConnectedModel, let name = serialized.registeredName,
      !Layers.registry.contains(name), !Layers.registry.contains(className)
    {
      warnings.append(
        "The class `\(className)` of the layer `\(self.name)` is not registered, so the file cannot be read again: "
          + "register it with Layers.register(\"\(className)\").")
    }
    let inside = (self as? Model)?.layers ?? children.map(\.layer)
    return inside.reduce(warnings) { all, layer in
      all + layer.savingWarnings.filter { !all.contains($0) }
    }
  }

  private var isConnectedModel: Bool { (self as? Model).map { $0.network != nil || $0 is Sequential } ?? false }
}

extension JSON {
  /// Whether a key of this name stands anywhere in it.
  fileprivate func mentions(_ key: String) -> Bool {
    array?.contains { $0.mentions(key) } ?? object?.contains { $0.key == key || $0.value.mentions(key) } ?? false
  }
}
