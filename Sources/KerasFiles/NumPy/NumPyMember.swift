import KerasCore

/// An array in an archive, whatever its elements are: what its head says, and the bytes behind.
package struct NumPyMember: Sendable {
  package let name: String
  /// As NumPy writes element types: `<f4`, or `|O` for Python objects, whose bytes are a pickle.
  package let type: String
  package let shape: [Int]
  private let file: FileContents
  private let start: Int

  package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: file.bytes[start...]) }

  /// The array, where its elements are numbers.
  package func tensor() throws(KerasError) -> Tensor { try NumPy.tensor(in: file) }

  /// - Throws: as ``NumPy/loadArchive(_:)``, but not for elements that are no numbers.
  package static func all(in path: String) throws(KerasError) -> [NumPyMember] {
    let arrays = try NumPy.arrays(in: ZipFile(FileContents(path: path, prefetching: true)))
    return try arrays.map { array throws(KerasError) in
      let head = try within(array.file.name.escaped) { () throws(KerasError) in
        try NumPyHeader.fields(of: array.file.bytes)
      }
      return NumPyMember(
        name: array.name, type: head.type, shape: head.shape, file: array.file, start: head.byteCount)
    }
  }
}
