import KerasCore

/// What a file is, by its contents; its name does not matter.
public enum FileKind: String, Hashable, Sendable, Codable, CaseIterable {
  /// Keras' old HDF5 layout, weights only.
  case legacyWeights = "legacy_weights"
  /// Keras' old HDF5 layout, a whole model.
  case legacyModel = "legacy_model"
  /// Keras 3's `.weights.h5`: weights by object path.
  case weightsByPath = "weights_by_path"
  /// The index of `.weights.h5` files that belong together: `.weights.json`.
  case weightShards = "weight_shards"
  /// Keras 3's `.keras`, or a folder of the same files: a whole model.
  case kerasArchive = "keras_archive"
  /// NumPy's `.npy`: one array.
  case numpyArray = "npy"
  /// NumPy's `.npz`: arrays with names.
  case numpyArchive = "npz"
  /// JSON, such as a model's configuration.
  case json
  /// An HDF5 file that Keras did not write.
  case hdf5

  /// What the file (or folder) at `path` is.
  ///
  /// - Throws: `fileNotFound`, `fileAccess`; `invalidFile` when it is none of these, or damaged.
  public init(path: String) throws(KerasError) { self = try StoredFile(path: path).kind }
}

/// A file of any kind this package reads, opened: names, shapes and texts have been read, numbers not.
package enum StoredFile: Sendable {
  case legacy(LegacyWeightFile)
  case weights(StoredObject)
  case shards(StoredObject)
  case archive(KerasArchive)
  case array(FileContents)
  case arrays([(name: String, file: FileContents)])
  case json(JSON)
  case hdf5(HDF5File)

  /// Opens the file or folder at `path`.
  ///
  /// - Throws: `fileNotFound`, `fileAccess`; `invalidFile`, `unsupported` for what cannot be read.
  package init(path: String) throws(KerasError) {
    if isFolder(path) {
      self = .archive(try KerasArchive(path: path))
      return
    }
    let file = try FileContents(path: path, prefetching: true)
    switch Signature(of: file.bytes) {
    case .zip: self = try Self.zip(ZipFile(file))
    case .numpy: self = .array(file)
    case .json:
      let json = try within(file.name.escaped) { () throws(KerasError) in try JSON(parsing: file.bytes) }
      self = ShardIndex.isIndex(json) ? .shards(try StoredObject(shardsOf: json, at: path)) : .json(json)
    case .hdf5, .unknown:
      let hdf5 = try HDF5File(file)
      switch try HDF5Kind(of: hdf5) {
      case .weights, .model: self = .legacy(try LegacyWeightFile(hdf5))
      case .objectPaths: self = .weights(try StoredObject(hdf5))
      case .other: self = .hdf5(hdf5)
      }
    }
  }

  private static func zip(_ zip: ZipFile) throws(KerasError) -> StoredFile {
    if zip.members.contains(where: { $0.name.hasSuffix(".npy") }) {
      return .arrays(try NumPy.arrays(in: zip))
    }
    return .archive(try KerasArchive(zip))
  }

  package var kind: FileKind {
    switch self {
    case .legacy(let file): file.isModel ? .legacyModel : .legacyWeights
    case .weights: .weightsByPath
    case .shards: .weightShards
    case .archive: .kerasArchive
    case .array: .numpyArray
    case .arrays: .numpyArchive
    case .json: .json
    case .hdf5: .hdf5
    }
  }
}

/// What the first bytes say.
private enum Signature {
  case hdf5, zip, numpy, json, unknown

  init(of bytes: UnsafeRawBufferPointer) {
    if bytes.starts(with: Superblock.signature) {
      self = .hdf5
    } else if bytes.starts(with: [0x50, 0x4B, 3, 4]) || bytes.starts(with: [0x50, 0x4B, 5, 6]) {
      self = .zip
    } else if bytes.starts(with: NumPyHeader.signature) {
      self = .numpy
    } else {
      let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
      let first = text.prefix(1 << 16).first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
      self = first == UInt8(ascii: "{") || first == UInt8(ascii: "[") ? .json : .unknown
    }
  }
}
