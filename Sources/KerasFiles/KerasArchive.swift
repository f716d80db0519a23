import Glibc
import KerasCore

/// A whole model as Keras 3 saves it: `.keras`, a zip file, or the same files in a folder.
///
/// Opening reads the JSON and lists the weights; the numbers are views of the file wherever they can be. Nothing
/// is written to the disk, and nothing in the file is executed.
///
/// ```swift
/// let archive = try KerasArchive(path: "mnist.keras")
/// let kernel = try archive.weights.object(at: "layers/dense")?.variables[0].tensor()
/// ```
package struct KerasArchive: Sendable {
  /// `keras_version` and `date_saved`; an empty object when the file has none.
  package var metadata: JSON
  /// The model's class and configuration.
  package var config: JSON
  package var weights: StoredObject
  /// What layers keep beside their weights, such as vocabularies, by path without the leading `assets/`.
  package var assets: [String: [UInt8]]
  /// What only this package writes and reads; Python's Keras passes over the member.
  package var supplement: JSON?

  package init(
    metadata: JSON = Self.currentMetadata(), config: JSON, weights: StoredObject,
    assets: [String: [UInt8]] = [:], supplement: JSON? = nil
  ) {
    self.metadata = metadata
    self.config = config
    self.weights = weights
    self.assets = assets
    self.supplement = supplement
  }

  package enum MemberName {
    package static let metadata = "metadata.json"
    package static let config = "config.json"
    package static let weights = "model.weights.h5"
    package static let arrays = "model.weights.npz"
    package static let assets = "assets/"
    package static let supplement = "swift.json"
  }

  /// Opens the archive or folder at `path`.
  ///
  /// - Throws: `fileNotFound`, `fileAccess`; `invalidFile` when it is damaged, hostile or lacks a part;
  ///   `unsupported` for weights in `.npz`, which Keras stores as Python objects; `libraryFailure`.
  package init(path: String) throws(KerasError) {
    if isFolder(path) {
      try self.init(Folder(path))
    } else {
      try self.init(ZipFile(FileContents(path: path, prefetching: true)))
    }
  }

  package init(_ file: ZipFile) throws(KerasError) {
    let members = file.members.filter {
      [MemberName.metadata, MemberName.config, MemberName.supplement].contains($0.name)
        || $0.name.hasPrefix(MemberName.assets)
    }
    let bytes = try file.bytes(of: members)
    let parts = Dictionary(uniqueKeysWithValues: zip(members.map(\.name), bytes))
    let weights = try file[MemberName.weights].map { member throws(KerasError) in
      try file.contents(of: [member])[0]
    }
    try self.init(file.file.name, parts, weights, hasArrays: file[MemberName.arrays] != nil)
  }

  private init(_ folder: Folder) throws(KerasError) {
    var parts: [String: [UInt8]] = [:]
    for name in folder.names where name.hasSuffix(".json") || name.hasPrefix(MemberName.assets) {
      parts[name] = try folder.bytes(of: name)
    }
    let weights =
      folder.names.contains(MemberName.weights)
      ? try FileContents(path: folder.path + "/" + MemberName.weights, prefetching: true) : nil
    let hasArrays = folder.names.contains(MemberName.arrays)
    if parts[MemberName.config] == nil {
      let isSavedModel = folder.names.contains("saved_model.pb")
      throw KerasError(
        .invalidFile,
        isSavedModel
          ? "The folder is a SavedModel of TensorFlow." : "The folder is not a model of Keras 3. There is no config.json.",
        path: [folder.name.escaped],
        remedy: isSavedModel
          ? "load it in Python and save it with model.save(\"….keras\")."
          : "give a file that Keras saved with model.save(\"….keras\").")
    }
    try self.init(folder.name, parts, weights, hasArrays: hasArrays)
  }

  private init(
    _ name: String, _ parts: [String: [UInt8]], _ weights: FileContents?, hasArrays: Bool
  ) throws(KerasError) {
    let (metadata, config, supplement, file) = try within(name.escaped) { () throws(KerasError) in
      guard let config = try Self.json(parts, MemberName.config) else {
        throw Self.lacking("There is no \(MemberName.config)")
      }
      guard let weights else {
        if hasArrays {
          throw KerasError(
            .unsupported, "The weights are in \(MemberName.arrays), which holds Python objects.",
            remedy: "save the model with weights_format=\"h5\", Keras' default.")
        }
        throw Self.lacking("There is no \(MemberName.weights)")
      }
      return (
        try Self.json(parts, MemberName.metadata) ?? [:], config,
        try Self.json(parts, MemberName.supplement), weights
      )
    }
    var assets: [String: [UInt8]] = [:]
    for (path, bytes) in parts where path.hasPrefix(MemberName.assets) {
      assets[String(path.dropFirst(MemberName.assets.utf8.count))] = bytes
    }
    self.init(
      metadata: metadata, config: config, weights: try StoredObject(HDF5File(file)), assets: assets,
      supplement: supplement)
  }

  private static func json(_ parts: [String: [UInt8]], _ name: String) throws(KerasError) -> JSON? {
    guard let bytes = parts[name] else { return nil }
    return try within(name) { () throws(KerasError) in try JSON(parsing: bytes) }
  }

  private static func lacking(_ what: String) -> KerasError {
    KerasError(
      .invalidFile, "The archive is not a model of Keras 3. \(what).",
      remedy: "give a file that Keras saved with model.save(\"….keras\").")
  }
}
