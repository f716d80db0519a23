import KerasCore

/// Weights in the HDF5 layout of Keras 1 and 2, which every file of Keras Applications has and Keras 3 still
/// writes as `.h5`: weights alone, or the `model_weights` of a whole model.
///
/// Opening reads names and shapes; numbers are read, or rather mapped, when a ``StoredWeight`` is asked.
package struct LegacyWeightFile: Sendable {
  package let file: HDF5File
  /// All layers in the file's order, including those without weights.
  package var layers: [StoredLayer]
  /// The version of Keras that wrote the file; nil in those of Keras 1.
  package let kerasVersion: String?
  /// The backend it ran on: `tensorflow`, `theano` (whose convolution kernels are flipped), …
  package let backend: String?
  /// Whether the file holds a whole model rather than only weights.
  package let isModel: Bool
  /// The JSON of the architecture, in the file of a whole model.
  package let modelConfig: String?
  /// The JSON of loss, metrics and optimizer, in the file of a compiled model.
  package let trainingConfig: String?
  /// Weights of the model itself rather than of one of its layers, which subclassed models may have.
  package let topLevelWeights: [StoredWeight]

  /// Opens the file at `path`, and lets the system start reading all of it.
  ///
  /// - Throws: what ``HDF5File`` throws; `invalidFile` when the file holds something else than Keras weights
  ///   or a layer or array it lists is missing; `unsupported` for Keras 3's own `.weights.h5`.
  package init(path: String) throws(KerasError) {
    try self.init(try HDF5File(path: path, prefetching: true))
  }

  package init(_ file: HDF5File) throws(KerasError) {
    self.file = file
    let root = file.root
    let kind = try HDF5Kind(of: file)
    switch kind {
    case .weights: isModel = false
    case .model: isModel = true
    case .objectPaths:
      throw KerasError(
        .unsupported, "The file has the layout of Keras 3's .weights.h5, by object paths.",
        path: [file.name.escaped], remedy: "only weights that are stored by layer are read here; Model.loadWeights(from:) reads both.")
    case .other:
      throw KerasError(
        .invalidFile, "The file holds no Keras weights: there is no attribute layer_names.",
        path: [file.name.escaped], remedy: "give a file that Keras saved with save_weights or save.")
    }
    let weights = isModel ? try root.group(at: "model_weights") ?? root : root
    kerasVersion = try root.text("keras_version")
    backend = try root.text("backend")
    modelConfig = try root.text("model_config")
    trainingConfig = try root.text("training_config")
    layers = try Self.layers(of: weights)
    topLevelWeights =
      try weights.group(at: "top_level_model_weights").map { group throws(KerasError) in
        try Self.weights(of: group)
      } ?? []
  }

  /// The architecture, in the file of a whole model.
  ///
  /// - Throws: `invalidFile` when it is not JSON.
  package func architecture() throws(KerasError) -> JSON? { try json(modelConfig, "model_config") }

  /// Loss, metrics and optimizer, in the file of a compiled model.
  ///
  /// - Throws: `invalidFile` when it is not JSON.
  package func training() throws(KerasError) -> JSON? { try json(trainingConfig, "training_config") }

  /// What this package wrote beside what Keras does.
  ///
  /// - Throws: `invalidFile` when it is not JSON.
  package func supplement() throws(KerasError) -> JSON? {
    try json(file.root.text(KerasFormat.supplementAttribute), KerasFormat.supplementAttribute)
  }

  private func json(_ text: String?, _ attribute: String) throws(KerasError) -> JSON? {
    guard let text else { return nil }
    return try within(file.name.escaped) { () throws(KerasError) in
      try within(attribute) { () throws(KerasError) in try JSON(parsing: text) }
    }
  }

  /// The optimizer's numbers (iterations, momenta, …) in stored order; none where there are none.
  ///
  /// - Throws: `invalidFile` when one that is listed is missing.
  package func optimizerWeights() throws(KerasError) -> [StoredWeight] {
    guard let group = try file.root.group(at: "optimizer_weights") else { return [] }
    return try Self.weights(of: group)
  }

  private static func weights(of group: HDF5Group) throws(KerasError) -> [StoredWeight] {
    var weights: [StoredWeight] = []
    for name in try group.names("weight_names") ?? [] {
      weights.append(StoredWeight(name: name, try group.dataset(at: name)))
    }
    return weights
  }

  private static func layers(of group: HDF5Group) throws(KerasError) -> [StoredLayer] {
    var layers: [StoredLayer] = []
    // Names and arrays take room in the file: many names of one group must not make a list without end.
    var room = group.location.source.file.bytes.count
    for name in try group.names("layer_names") ?? [] {
      guard let layer = try group.group(at: name) else {
        throw group.failure("The file lists the layer \(name.escaped), but it is not there.")
      }
      let weights = try weights(of: layer)
      room -= weights.reduce(name.utf8.count) { $0 + 16 + $1.name.utf8.count }
      guard room >= 0 else { throw group.failure("The file lists more arrays than it could hold.") }
      layers.append(StoredLayer(name: name, weights: weights))
    }
    return layers
  }
}

/// What the top of an HDF5 file says about its contents.
enum HDF5Kind {
  /// Keras' old layout: weights only, or a whole model.
  case weights, model
  /// Keras 3's `.weights.h5`.
  case objectPaths
  case other

  init(of file: HDF5File) throws(KerasError) {
    let root = file.root
    if try root.hasNames("layer_names") {
      self = .weights
    } else if root.names.contains("model_weights"), let weights = try root.group(at: "model_weights"),
      try weights.hasNames("layer_names")
    {
      self = .model
    } else if !root.names.filter(["layers", "_layer_checkpoint_dependencies", "vars"].contains).isEmpty {
      self = .objectPaths
    } else {
      self = .other
    }
  }
}

extension HDF5Group {
  /// A scalar string attribute.
  func text(_ name: String) throws(KerasError) -> String? { try attribute(name)?.string }

  /// Whether there is a list of names, in one attribute or in pieces.
  func hasNames(_ name: String) throws(KerasError) -> Bool {
    if try hasAttribute(name) { return true }
    return try hasAttribute(name + "0")
  }

  /// A list of distinct names: the attribute `name`, or `name0`, `name1`, … put together, as Keras stores a
  /// list of more than 64,512 bytes. Nil when there is none.
  func names(_ name: String) throws(KerasError) -> [String]? {
    guard try hasNames(name) else { return nil }
    var all: [String] = []
    if let whole = try attribute(name) {
      all = try strings(whole)
    } else {
      var position = 0
      while let piece = try attribute("\(name)\(position)") {
        all += try strings(piece)
        position += 1
      }
    }
    guard all.allSatisfy({ $0.utf8.count <= 4096 }) else {
      throw failure("A name in \(name) has more than 4096 bytes.")
    }
    var seen: Set<String> = []
    for entry in all where !seen.insert(entry).inserted {
      throw failure("The name \(entry.escaped) stands twice in \(name).")
    }
    return all
  }

  private func strings(_ attribute: HDF5Attribute) throws(KerasError) -> [String] {
    guard let strings = attribute.strings else {
      throw failure("Expected a list of names in \(attribute.name.escaped), found \(attribute.type).")
    }
    return strings
  }

  /// A complaint about the contents of this group.
  func failure(_ what: String) -> KerasError {
    KerasError(
      .invalidFile, what, path: ([location.source.file.name] + path).map(\.escaped),
      remedy: "download or copy the file again.")
  }
}
