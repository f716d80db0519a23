import KerasCore

/// What is in a weight or model file: the facts behind `keras inspect`.
///
/// Only names, shapes and types are read, no numbers. Encodes to JSON with stable keys.
///
/// ```swift
/// print(try FileInspection(path: "mobilenet_2_5_224_tf.h5").table)
/// ```
public struct FileInspection: Hashable, Sendable, Codable {
  public typealias Kind = FileKind

  public struct Weight: Hashable, Sendable, Codable {
    /// As the file spells it.
    public var name: String
    public var shape: [Int]
    /// NumPy's name of the element type, `>` in front when it is big-endian.
    public var type: String
    /// Bytes in memory, uncompressed.
    public var bytes: Int
  }

  public struct Layer: Hashable, Sendable, Codable {
    /// Where weights are stored by object, the path of objects (`layers/conv2d_1`).
    public var name: String
    public var weights: [Weight]
    /// The layer's own name, in files that have it beside the path.
    public var layerName: String?

    enum CodingKeys: String, CodingKey {
      case name, weights
      case layerName = "layer_name"
    }
  }

  public struct Attribute: Hashable, Sendable, Codable {
    public var name: String
    /// The value as text, the beginning of a long one.
    public var value: String
  }

  public var file: String
  public var kind: Kind
  /// Of the file.
  public var bytes: Int
  public var kerasVersion: String?
  public var backend: String?
  /// In file order; where the layout knows no layers, one for every group that holds arrays.
  public var layers: [Layer]
  /// Arrays beside the layers' weights, such as an optimizer's state; names are paths.
  public var otherArrays: [Weight]
  /// The root's attributes, without the list of layers.
  public var attributes: [Attribute]
  public var weightCount: Int
  /// Numbers in all weights.
  public var parameterCount: Int
  public var weightBytes: Int

  enum CodingKeys: String, CodingKey {
    case file, kind, bytes, backend, layers, attributes
    case kerasVersion = "keras_version"
    case otherArrays = "other_arrays"
    case weightCount = "weight_count"
    case parameterCount = "parameter_count"
    case weightBytes = "weight_bytes"
  }

  /// Looks at the file, or the folder of a saved model, at `path`.
  ///
  /// - Throws: `fileNotFound`, `fileAccess`; `invalidFile` when it is of no kind that is known, or damaged;
  ///   `unsupported` for HDF5 layouts that are not read.
  public init(path: String) throws(KerasError) {
    let stored = try StoredFile(path: path)
    file = path.split(separator: "/").last.map(String.init) ?? path
    bytes = try fileSize(path)
    kind = stored.kind
    layers = try stored.layers().map { layer in
      Layer(name: layer.name, weights: layer.weights.map { Weight($0) }, layerName: layer.ownName)
    }
    otherArrays = try stored.optimizerLayers().flatMap { layer in
      layer.weights.map { Weight($0, in: layer.name) }
    }
    (attributes, kerasVersion, backend) = ([], nil, nil)
    let weights = layers.flatMap(\.weights)
    weightCount = weights.count
    parameterCount = weights.reduce(0) { $0 &+ elementCountOf($1.shape) }
    weightBytes = weights.reduce(0) { $0 &+ $1.bytes }
    try describe(stored)
  }

  /// Adds what files of one kind only have to say.
  private mutating func describe(_ stored: StoredFile) throws(KerasError) {
    switch stored {
    case .legacy(let legacy):
      (kerasVersion, backend) = (legacy.kerasVersion, legacy.backend)
      try describe(legacy.file)
      try addUnlistedArrays(of: legacy)
    case .hdf5(let file): try describe(file)
    case .archive(let archive):
      kerasVersion = archive.metadata["keras_version"]?.string
      attributes = (archive.metadata.object ?? [:]).map { Attribute(name: $0.key, $0.value) }
      attributes.append(Attribute(name: "config", archive.config))
      attributes += archive.assets.sorted { $0.key < $1.key }.map {
        Attribute(name: "assets/" + $0.key, value: "\($0.value.count) bytes")
      }
    case .json(let json):
      attributes = (json.object ?? [:]).map { Attribute(name: $0.key, $0.value) }
    case .weights, .shards, .array, .arrays: break
    }
  }

  private mutating func describe(_ file: HDF5File) throws(KerasError) {
    attributes = try file.root.attributes().filter { !$0.name.hasPrefix("layer_names") }.map(Attribute.init)
  }

  /// Arrays that no list of the old layout names.
  private mutating func addUnlistedArrays(of legacy: LegacyWeightFile) throws(KerasError) {
    let prefix = legacy.isModel ? "model_weights/" : ""
    var known = Set(otherArrays.map(\.name))
    for layer in layers { known.formUnion(layer.weights.map { "\(prefix)\(layer.name)/\($0.name)" }) }
    otherArrays += try legacy.file.root.datasets()
      .map { Weight(StoredWeight(name: $0.path.joined(separator: "/"), $0)) }
      .filter { !known.contains($0.name) }
  }
}

extension FileInspection.Weight {
  init(_ weight: StoredWeight) {
    self.init(name: weight.name, shape: weight.shape, type: weight.storedType, bytes: weight.byteCount)
  }

  init(_ weight: StoredWeight, in layer: String) {
    self.init(weight)
    name = "\(layer)/\(name)"
  }
}

extension FileInspection.Attribute {
  /// Longer values are cut: a model's configuration has hundreds of thousands of characters.
  private static let longest = 60

  init(_ attribute: HDF5Attribute) {
    let elements: [String] =
      switch attribute.value {
      case .strings(let strings): strings
      case .integers(let integers): integers.map(String.init)
      case .reals(let reals): reals.map { "\($0)" }
      case .other(let name): [name]
      }
    let whole = attribute.shape.isEmpty ? elements.first ?? "" : "[" + elements.joined(separator: ", ") + "]"
    self.init(name: attribute.name, beginningOf: whole)
  }

  init(name: String, _ json: JSON) { self.init(name: name, beginningOf: json.string ?? json.text()) }

  private init(name: String, beginningOf whole: String) {
    let start = String(whole.prefix(Self.longest))
    let isWhole = start.utf8.count == whole.utf8.count
    self.init(name: name, value: isWhole ? whole : start + "… (\(whole.utf8.count) bytes)")
  }
}
