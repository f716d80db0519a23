import KerasCore

/// An HDF5 file opened for reading.
///
/// This is a reader of its own, not the HDF5 library: of 20,000 randomly changed small weight files, libhdf5
/// 1.10.8 crashed or hung on 265. Here every field is checked against the bytes that are there, nothing is
/// followed twice, and nothing is allocated that a file of that size could not hold, so that **any file either
/// opens or throws**, in time and memory bounded by its size (and, for compressed data, by 1,100 times that).
/// See ``FileContents`` for what files that change while they are open can do.
///
/// Read are the layouts that h5py writes: the classic one (every file Keras saves) and `libver="latest"`'s
/// groups and attributes; numbers, Booleans and strings; contiguous, compact and chunked data with the gzip,
/// shuffle and Fletcher32 filters. Only what lies in the file itself is read: links and data that point
/// elsewhere, and filters from plug-ins, are errors.
///
/// ```swift
/// let file = try HDF5File(path: "weights.h5")
/// let kernel = try file.root.dataset(at: "conv1/conv1/kernel:0").tensor()
/// ```
///
/// Values may be used from several threads at once.
package struct HDF5File: Sendable {
  package let root: HDF5Group
  /// The superblock's version: 0 for what Keras writes, 2 or 3 for newer layouts.
  package let formatVersion: Int

  /// The last component of the path.
  package var name: String { root.location.source.file.name }
  package var byteCount: Int { root.location.source.file.bytes.count }

  /// Opens the file at `path`.
  ///
  /// - Parameter prefetching: whether to start reading all of it from the disk, see ``FileContents``.
  /// - Throws: what ``FileContents`` throws; `invalidFile` when it is not HDF5, is truncated or damaged;
  ///   `unsupported` for layouts that Keras and h5py do not write.
  package init(path: String, prefetching: Bool = false) throws(KerasError) {
    try self.init(try FileContents(path: path, prefetching: prefetching))
  }

  /// Opens a file whose bytes are here already, such as one inside an archive.
  package init(_ file: FileContents) throws(KerasError) {
    (root, formatVersion) = try Self.within(file) { () throws(KerasError) in
      let source = HDF5Source(file)
      let superblock = try Superblock(of: source)
      let header = try source.header(at: superblock.rootAddress)
      let place = HDF5Location(source: source, header: header, path: [])
      return (try HDF5Group(at: place), superblock.version)
    }
  }

  private static func within<Result>(
    _ file: FileContents, _ body: () throws(KerasError) -> Result
  ) throws(KerasError) -> Result {
    do { return try body() } catch { throw error.path.isEmpty ? error.within(file.name.escaped) : error }
  }
}
