import KerasCore

/// An array in an HDF5 file, read when it is asked for.
package struct HDF5Dataset: HDF5Object {
  package let location: HDF5Location
  /// Lengths, outermost first; empty for a scalar.
  package let shape: [Int]
  package let type: HDF5Datatype
  /// Bytes the elements take, uncompressed.
  package let byteCount: Int
  let layout: Layout

  /// Where the elements are.
  enum Layout: Sendable {
    /// In one piece at a byte of the file, which lies inside it.
    case contiguous(UInt64)
    /// In pieces that a tree lists.
    case chunked(ChunkLayout)
    /// Nowhere: never written, so all have the fill value.
    case absent
    /// Where this reader does not look; what to tell whoever asks for the numbers.
    case unsupported(String)
  }

  /// The element type of ``tensor()``; nil for what is not a number, and for `uint64`.
  package var dataType: DataType? {
    guard case .number(let number, _) = type else { return nil }
    return number.dataType
  }

  /// The shape and element type as they will be read; nil where ``dataType`` is.
  package var spec: TensorSpec? { dataType.map { TensorSpec(shape, $0) } }

  /// Whether ``tensor()`` is a view of the mapped file, which costs nothing until its pages are touched.
  package var isViewable: Bool {
    guard case .contiguous(let address) = layout else { return false }
    return isNative && address % UInt64(type.byteCount) == 0
  }

  /// Whether the stored bytes are those of a tensor.
  private var isNative: Bool {
    guard case .number(let number, let bigEndian) = type, number != .bool else { return false }
    return number.dataType?.rawValue == number.rawValue && (!bigEndian || number.byteCount == 1)
  }

  /// The array.
  ///
  /// Contiguous little-endian numbers are a view of the file; the rest is copied, decompressed and brought
  /// into this machine's byte order. Unsigned integers of 16 and 32 bits become signed ones of twice the size.
  ///
  /// - Throws: `unsupported` for elements that are not numbers, and for unknown filters; `invalidFile` for
  ///   damaged chunks.
  package func tensor() throws(KerasError) -> Tensor {
    guard case .number(let number, let bigEndian) = type, let dataType else {
      return try location.locating { () throws(KerasError) in
        throw .unsupportedHDF5("Expected numbers, found \(type)")
      }
    }
    let source = location.source
    return try location.locating { () throws(KerasError) in
      switch layout {
      case .contiguous(let address):
        let bytes = try source.bytes(at: address, UInt64(byteCount), "array")
        if isViewable, byteCount > 0 {
          return Tensor(viewing: bytes, shape: shape, dataType, owner: source.file)
        }
        return try converted(bytes, number, bigEndian)
      case .unsupported(let what):
        throw .unsupportedHDF5(what)
      case .absent:
        return try written(number, bigEndian) { (_) throws(KerasError) in }
      case .chunked(let chunks):
        return try written(number, bigEndian) { (output) throws(KerasError) in
          try chunks.read(into: output, shape: shape, in: source)
        }
      }
    }
  }

  /// A tensor of the stored bytes that `body` writes, over the repeated fill value.
  private func written(
    _ number: HDF5Datatype.Number, _ bigEndian: Bool,
    _ body: (UnsafeMutableRawBufferPointer) throws(KerasError) -> Void
  ) throws(KerasError) -> Tensor {
    let fill = try fillValue().flatMap { $0.contains { $0 != 0 } ? $0 : nil }
    let isNative = isNative
    let stored = try Tensor(
      uninitialized: isNative ? shape : [byteCount], isNative ? dataType ?? .uint8 : .uint8
    ) { (output) throws(KerasError) in
      if let fill {
        for i in 0..<output.count { output[i] = fill[i % fill.count] }
      } else {
        output.initializeMemory(as: UInt8.self, repeating: 0)
      }
      try body(output)
    }
    if isNative { return stored }
    return try stored.withUnsafeBytes { (bytes) throws(KerasError) in
      try converted(bytes, number, bigEndian)
    }
  }

  private func converted(
    _ bytes: UnsafeRawBufferPointer, _ number: HDF5Datatype.Number, _ bigEndian: Bool
  ) throws(KerasError) -> Tensor {
    guard let tensor = numbers(bytes, number, bigEndian: bigEndian, shape: shape) else {
      throw .unsupportedHDF5("Expected numbers, found \(type)")
    }
    return tensor
  }

  /// The bytes of the element that stands where nothing was written; nil for zero. Section IV.A.2.f.
  private func fillValue() throws(KerasError) -> [UInt8]? {
    guard let message = location.header[.fillValue] else { return nil }
    var cursor = try location.header.cursor(message, "fill value", in: location.source)
    let version = try cursor.expect(version: 1...3)
    if version == 3 {
      guard try cursor.int(1) & 0x20 != 0 else { return nil }
    } else {
      try cursor.skip(2)
      guard try cursor.int(1) != 0 || version == 1 else { return nil }
    }
    let byteCount = try cursor.int(4)
    return byteCount == type.byteCount ? Array(try cursor.take(byteCount)) : nil
  }
}

extension HDF5Dataset {
  init(at location: HDF5Location) throws(KerasError) {
    self.location = location
    let (header, source) = (location.header, location.source)
    guard let typeMessage = header[.datatype], let spaceMessage = header[.dataspace],
      let layoutMessage = header[.layout]
    else { throw .damaged("the object at byte \(header.address) is neither a group nor an array") }
    var typeCursor = try header.cursor(typeMessage, "type", in: source)
    let storedType = try HDF5Datatype(from: &typeCursor)
    type = try Self.isBFloat16(storedType, location) ? .number(.bfloat16, bigEndian: false) : storedType
    var spaceCursor = try header.cursor(spaceMessage, "shape", in: source)
    let space = try HDF5Dataspace(from: &spaceCursor)
    shape = space.shape
    let (byteCount, overflow) = space.elementCount.multipliedReportingOverflow(by: type.byteCount)
    guard !overflow else { throw Self.tooLarge(shape, type) }
    self.byteCount = byteCount

    var cursor = try header.cursor(layoutMessage, "layout", in: source)
    let version = try cursor.expect(version: 1...4)
    guard header[.externalFiles] == nil else {
      layout = .unsupported("The array's numbers are in another file, and such files are not opened")
      return
    }
    guard version >= 3 else {
      layout = .unsupported("The array has a layout from before HDF5 1.6.3")
      return
    }
    switch try cursor.int(1) {
    case 0:
      let stored = try cursor.int(2)
      guard byteCount <= stored, byteCount <= cursor.remaining else { throw Self.tooLarge(shape, type) }
      layout = .contiguous(cursor.position)
    case 1:
      let address = try cursor.address()
      let stored = try cursor.unsigned(8)
      if let address {
        let fileSize = UInt64(source.file.bytes.count)
        guard UInt64(byteCount) <= stored, address <= fileSize, UInt64(byteCount) <= fileSize - address else {
          throw Self.tooLarge(shape, type)
        }
        layout = .contiguous(address)
      } else {
        layout = .absent
      }
    case 2 where version == 3:
      layout = .chunked(try ChunkLayout(from: &cursor, shape: shape, type: type, header, in: source))
    case 2:
      layout = .unsupported("The array's chunks are indexed in the newer way")
    case 3:
      layout = .unsupported("The array is virtual, made of others, and such arrays are not opened")
    case let kind:
      throw cursor.damaged("is of the unknown kind \(kind)")
    }
    // Compressed or never written: the file may be smaller than what comes out of it, to a limit.
    guard byteCount / source.largestExpansion <= source.file.bytes.count else {
      throw Self.tooLarge(shape, type)
    }
  }

  /// Whether these are the bare pairs of bytes as which h5py stores bfloat16; Keras adds what they mean.
  private static func isBFloat16(
    _ type: HDF5Datatype, _ location: HDF5Location
  ) throws(KerasError) -> Bool {
    guard case .other(_, byteCount: 2) = type,
      let entry = try location.source.attributes(of: location.header)["dtype"]
    else { return false }
    return try HDF5Attribute(entry, in: location.source).string == "bfloat16"
  }

  private static func tooLarge(_ shape: [Int], _ type: HDF5Datatype) -> KerasError {
    .damaged("an array of shape \(Shape(shape)) and type \(type) does not fit into it")
  }
}
