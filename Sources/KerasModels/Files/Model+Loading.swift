import KerasFiles
import KerasLayers

extension Model {
  /// Reads a whole model: Keras 3's archive (or the folder of one), the layout of Keras 1 and 2, or JSON with the
  /// architecture alone, whose weights are then new.
  ///
  /// Files are data: classes are looked up by their registered names, and nothing in a file is run.
  ///
  /// - Throws: `fileNotFound`, `fileAccess`; `invalidFile` when the file is damaged or holds no model; `unknownName`
  ///   for classes nobody registered; `weightsMismatch`.
  public static func load(from path: String) throws(KerasError) -> Model {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    switch try StoredFile(path: path) {
    case .archive(let archive):
      return try within(name) { () throws(KerasError) in try model(of: archive, name) }
    case .legacy(let file) where file.isModel:
      return try within(name) { () throws(KerasError) in try model(of: file) }
    case .json(let json): return try within(name) { () throws(KerasError) in try fromConfig(json) }
    case let file:
      throw KerasError(
        .invalidFile, "The file holds no model but \(file.kind.title).", path: [name],
        remedy: "make the model first and use loadWeights(from:).")
    }
  }

  private static func model(of archive: KerasArchive, _ name: String) throws(KerasError) -> Model {
    let version = archive.metadata["keras_version"]?.string.map { KerasVersion($0) } ?? .keras3
    let model = try model(archive.config, version: version) { (model) throws(KerasError) in
      try TreeMatch(model, with: archive.weights, in: name).assign()
    }
    try model.loadAssets(of: archive)
    model.supplement = archive.supplement
    if let compilation = archive.config["compile_config"]?.object {
      model.trainingState = TrainingState(
        compilation: compilation, optimizerVariables: archive.weights["optimizer"]?.variables ?? [])
    }
    return model
  }

  /// The model that `config` describes, with weights: also where the file forgot that several places hold one layer, if
  /// the weights tell.
  private static func model(
    _ config: JSON, version: KerasVersion, takingWeights: (Model) throws(KerasError) -> Void
  ) throws(KerasError) -> Model {
    func model(_ config: JSON) throws(KerasError) -> Model {
      let model = try fromConfig(config, version: version)
      try model.buildFromStoredShape(config)
      try takingWeights(model)
      return model
    }
    do {
      return try model(config)
    } catch where error.kind == .weightsMismatch {
      for config in config.withSharedLayers {
        if let model = try? model(config) { return model }
      }
      throw error
    }
  }

  /// Gives each layer the files that stand under the path of its group.
  private func loadAssets(of archive: KerasArchive) throws(KerasError) {
    guard !archive.assets.isEmpty else { return }
    for (path, layer) in storedPaths() {
      var files: [String: [UInt8]] = [:]
      for (name, bytes) in archive.assets where name.hasPrefix(path + "/") {
        let rest = name.dropFirst(path.count + 1)
        if !rest.contains("/") { files[String(rest)] = bytes }
      }
      if !files.isEmpty { try wrappingErrors { try layer.loadAssets(files) } }
    }
  }

  private static func model(of file: LegacyWeightFile) throws(KerasError) -> Model {
    guard let architecture = try file.architecture() else {
      throw KerasError(.invalidFile, "The file has no model_config.")
    }
    let version = KerasVersion(file.kerasVersion)
    let model = try model(architecture, version: version) { (model) throws(KerasError) in
      try model.takeWeights(of: file, by: .topology)
    }
    model.supplement = try file.supplement()
    if let training = try file.training() {
      model.trainingState = TrainingState(legacy: training, optimizerVariables: try file.optimizerWeights())
    }
    return model
  }

  /// A model that knew no shape when it was made was built for one when it was saved.
  private func buildFromStoredShape(_ config: JSON) throws(KerasError) {
    guard !isBuilt, network == nil else { return }
    let settings = Configuration(config.object ?? [:], of: className)
    let stored = Configuration(settings.json("build_config")?.object ?? [:], of: className)
    guard let shape = try stored.shape("input_shape") else { return }
    _ = try outputSpecs(for: [TensorSpec(shape)])
  }

  /// Takes the weights of a file, all or none: Keras 3's `.weights.h5` and archives, HDF5 as Keras' applications
  /// publish it, weights alone or a whole model, or `.npz` with an array for each weight's path.
  ///
  /// In the older layout, layers go together in order (by name where the names are the same), weights within a layer
  /// by name; in Keras 3's by the attributes that hold layers, and by class.
  ///
  /// - Parameters:
  ///   - path: the file. Its arrays are mapped, not copied, so it must stay unchanged while the model
  ///     uses it; replacing it by renaming another over it is fine.
  ///   - skipsMismatches: whether weights that do not fit are left alone, with a warning.
  /// - Throws: `fileNotFound`, `fileAccess` or `invalidFile` when it cannot be read; `weightsMismatch` with every
  ///   difference between file and model.
  public func loadWeights(from path: String, skipsMismatches: Bool = false) throws(KerasError) {
    try loadWeights(from: path, skipsMismatches: skipsMismatches, allowsMore: false)
  }

  /// - Parameter allowsMore: whether a file in Keras 3's layout may have layers beyond the model's.
  func loadWeights(from path: String, skipsMismatches: Bool, allowsMore: Bool) throws(KerasError) {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    func take(_ tree: StoredObject) throws(KerasError) {
      try TreeMatch(self, with: tree, in: name, skipsMismatches: skipsMismatches, allowsMore: allowsMore).assign()
    }
    switch try StoredFile(path: path) {
    case .archive(let archive): try take(archive.weights)
    case .arrays:
      let arrays = try StoredFile(path: path).layers().flatMap(\.weights)
      try takeWeights(of: arrays, in: name, skipsMismatches: skipsMismatches)
    case .weights(let tree), .shards(let tree): try take(tree)
    case .legacy(let file):
      try takeWeights(of: file, by: skipsMismatches ? .byName(skipsMismatches: true) : .topology)
    case let file:
      throw KerasError(
        .invalidFile, "The file holds no weights of a model but \(file.kind.title).", path: [name])
    }
  }

  /// Takes the weights of the layers that the file has under the same name, and leaves others alone. Only the layout
  /// of Keras 1 and 2 names layers.
  ///
  /// - Parameter skipsMismatches: whether weights of another shape are left alone too, with a warning.
  /// - Throws: what ``loadWeights(from:skipsMismatches:)`` throws.
  public func loadWeightsByName(from path: String, skipsMismatches: Bool = false) throws(KerasError) {
    try takeWeights(of: LegacyWeightFile(path: path), by: .byName(skipsMismatches: skipsMismatches))
  }
}
