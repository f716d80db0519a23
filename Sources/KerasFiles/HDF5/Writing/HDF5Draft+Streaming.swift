import Glibc
import KerasCore

extension HDF5Draft {
  /// Writes the draft with `arrays` in its root, beside `path`, and renames it; no more of them is held than they hand
  /// out at once. Texts have one width, which is what h5py calls `S…` in UTF-8.
  ///
  /// The library makes a file in which the arrays have no place yet, as those have that nothing was written to. They
  /// follow behind it, and their places are filled in.
  ///
  /// - Throws: `invalidArgument` for contents that no file can hold, `fileAccess`, `libraryFailure`; what the arrays
  ///   throw.
  package func write(with arrays: [StreamedArray], to path: String) throws(KerasError) {
    var draft = self
    for array in arrays { draft.reserve(array) }
    try writeFile(at: path) { (file) throws(KerasError) in
      try draft.withImage { (bytes) throws(KerasError) in
        var image = Array(bytes)
        let ends = try Self.place(arrays, in: &image)
        try file.append(image)
        for (array, end) in zip(arrays, ends) {
          let sink: StreamedArray.Sink = { (bytes) throws(KerasError) in try file.append(bytes) }
          switch array.contents {
          case .numbers(_, let pieces): try pieces(sink)
          case .texts(_, let width, _): try array.writePaddedTexts(width: width + 1, to: sink)
          }
          try hdf5Check(file.byteCount <= end, "write an array longer than its shape says")
          try file.append([UInt8](repeating: 0, count: end - file.byteCount))
        }
      }
    }
  }

  /// Fills in where arrays will lie behind `image`, in order, and where the file will end.
  ///
  /// - Returns: where the bytes of each end, up to the next one's.
  private static func place(_ arrays: [StreamedArray], in image: inout [UInt8]) throws(KerasError) -> [Int] {
    let root = try HDF5File(FileContents("draft", copying: image)).root
    image += [UInt8](repeating: 0, count: (64 - image.count % 64) % 64)
    var (end, ends) = (image.count, [Int]())
    for array in arrays {
      let byteCount = array.hdf5ByteCount
      if byteCount > 0 {
        // Section IV.A.2.i, version 3: contiguous, no address, size; in the header of the array of this name.
        let header = Int(try root.dataset(at: array.name).location.header.address)
        let layout = [3, 1] + [UInt8](repeating: 0xFF, count: 8) + littleEndian(byteCount)
        guard let place = image[header...].firstRange(of: layout)?.lowerBound else {
          throw KerasError(.libraryFailure, "The HDF5 library could not reserve an array's place.")
        }
        image.replaceSubrange(place + 2..<place + 10, with: littleEndian(end))
      }
      end += (byteCount + 63) / 64 * 64
      ends.append(end)
    }
    // The superblock's end of the file.
    image.replaceSubrange(40..<48, with: littleEndian(end))
    return ends
  }

  private static func littleEndian(_ number: Int) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }
}

extension StreamedArray {
  fileprivate var hdf5ByteCount: Int {
    switch contents {
    case .numbers(let dataType, _): shape.reduce(dataType.byteCount, *)
    case .texts(_, let width, _): shape.reduce(width + 1, *)
    }
  }
}

extension HDF5Dataset {
  /// The text at a place of an array of texts of one width, which lie in one piece.
  ///
  /// - Throws: `unsupported` for other elements and layouts.
  package func text(at index: Int) throws(KerasError) -> String {
    try location.locating { () throws(KerasError) in
      guard case .fixedString(let width, _) = type, case .contiguous(let address) = layout,
        (0..<byteCount / width).contains(index)
      else { throw .unsupportedHDF5("Expected texts of one width, found \(type)") }
      let bytes = try location.source.bytes(at: address + UInt64(index * width), UInt64(width), "text")
      return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}
