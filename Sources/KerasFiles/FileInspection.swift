import KerasCore

/// What is in a weight or model file: the facts behind `keras inspect`.
///
/// Only names, shapes and types are read, no numbers. Encodes to JSON with stable keys.
///
/// ```swift
/// print(try FileInspection(path: "mobilenet_2_5_224_tf.h5").table)
/// ```
public struct FileInspection: Hashable, Sendable, Codable {
  public enum Kind: String, Hashable, Sendable, Codable {
    /// Keras' old HDF5 layout, weights only.
    case legacyWeights = "legacy_weights"
    /// Keras' old HDF5 layout, a whole model.
    case legacyModel = "legacy_model"
    /// Keras 3's `.weights.h5`: weights by object path.
    case weightsByPath = "weights_by_path"
    /// An HDF5 file that Keras did not write.
    case hdf5
  }

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
    public var name: String
    public var weights: [Weight]
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

  /// Looks at the file at `path`.
  ///
  /// - Throws: `fileNotFound`, `fileAccess`; `invalidFile` when it is not HDF5 or damaged; `unsupported` for
  ///   HDF5 layouts that are not read.
  public init(path: String) throws(KerasError) {
    let hdf5 = try HDF5File(path: path)
    file = hdf5.name
    bytes = hdf5.byteCount
    attributes = try hdf5.root.attributes().filter { !$0.name.hasPrefix("layer_names") }.map(Attribute.init)
    let arrays = try hdf5.root.datasets()
    let hdf5Kind = try HDF5Kind(of: hdf5)
    switch hdf5Kind {
    case .weights, .model:
      let legacy = try LegacyWeightFile(hdf5)
      kind = legacy.isModel ? .legacyModel : .legacyWeights
      (kerasVersion, backend) = (legacy.kerasVersion, legacy.backend)
      layers = legacy.layers.map { layer in
        Layer(name: layer.name, weights: layer.weights.map(Weight.init))
      }
      let prefix = legacy.isModel ? "model_weights/" : ""
      let known = Set(
        legacy.layers.flatMap { layer in layer.weights.map { "\(prefix)\(layer.name)/\($0.name)" } })
      otherArrays = arrays.map { Weight($0, name: $0.path.joined(separator: "/")) }
        .filter { !known.contains($0.name) }
    case .objectPaths, .other:
      kind = hdf5Kind == .objectPaths ? .weightsByPath : .hdf5
      (kerasVersion, backend) = (nil, nil)
      layers = Self.layersByGroup(arrays)
      otherArrays = []
    }
    let weights = layers.flatMap(\.weights)
    weightCount = weights.count
    parameterCount = weights.reduce(0) { $0 &+ elementCountOf($1.shape) }
    weightBytes = weights.reduce(0) { $0 &+ $1.bytes }
  }

  private static func layersByGroup(_ arrays: [HDF5Dataset]) -> [Layer] {
    var layers: [Layer] = []
    for array in arrays {
      let group = "/" + array.path.dropLast().joined(separator: "/")
      if layers.last?.name != group { layers.append(Layer(name: group, weights: [])) }
      layers[layers.count - 1].weights.append(Weight(array, name: array.path.last ?? ""))
    }
    return layers
  }
}

extension FileInspection.Weight {
  init(_ weight: StoredWeight) {
    self.init(name: weight.name, shape: weight.shape, type: weight.storedType, bytes: weight.byteCount)
  }

  init(_ dataset: HDF5Dataset, name: String) {
    self.init(name: name, shape: dataset.shape, type: "\(dataset.type)", bytes: dataset.byteCount)
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
    let start = String(whole.prefix(Self.longest))
    let isWhole = start.utf8.count == whole.utf8.count
    self.init(name: attribute.name, value: isWhole ? whole : start + "… (\(whole.utf8.count) bytes)")
  }
}
