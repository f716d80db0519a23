import KerasWeights

/// A file that is fetched once and kept: where from, what to call it, how to know that it is the right one.
public struct RemoteFile: Hashable, Sendable {
  /// What the bytes must look like when no hash is known.
  public enum Format: Hashable, Sendable {
    /// An HDF5 file, whole by its own account.
    case hdf5
    /// Anything but nothing.
    case any
  }

  /// The name in the cache.
  public var name: String
  /// The folder of the cache: `models`, `datasets`.
  public var subfolder: String
  /// The official address.
  public var url: String
  /// The address below a mirror's base.
  public var mirrorPath: String
  public var byteCount: Int?
  public var hash: FileHash?
  public var format: Format
  /// Whether the file is part of this package, and the network is not asked.
  package var isShipped = false

  public init(
    name: String, subfolder: String, url: String, mirrorPath: String, byteCount: Int? = nil,
    hash: FileHash? = nil, format: Format = .any
  ) {
    self.name = name
    self.subfolder = subfolder
    self.url = url
    self.mirrorPath = mirrorPath
    self.byteCount = byteCount
    self.hash = hash
    self.format = format
  }

  public init(_ file: WeightFile) {
    self.init(
      name: file.fileName, subfolder: "models", url: file.url, mirrorPath: file.mirrorPath,
      byteCount: file.byteCount, hash: file.hash, format: file.isShipped ? .any : .hdf5)
    isShipped = file.isShipped
  }
}
