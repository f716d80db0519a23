import CHDF5
import KerasCore

extension HDF5Draft {
  /// Writes the file beside `path` and renames it: `path` holds its old contents or all of the new ones.
  ///
  /// - Throws: `invalidArgument` for contents that no file can hold, `fileAccess`, `libraryFailure`.
  package func write(to path: String) throws(KerasError) {
    try writeFile(at: path) { (file) throws(KerasError) in
      try withImage { (bytes) throws(KerasError) in try file.append(bytes) }
    }
  }

  /// Calls `body` with the bytes of the file, which the library makes in memory: no failing disk can leave it
  /// in a state it does not recover from.
  ///
  /// The same contents give the same bytes. The classic layout is used, which all versions read; arrays of a
  /// kilobyte and more begin at multiples of 64, so that they can be used where they are when the file is
  /// mapped.
  package func withImage(_ body: (UnsafeRawBufferPointer) throws(KerasError) -> Void) throws(KerasError) {
    if let problem { throw problem }
    var byteCount = 1 << 20
    for case .array(_, let tensor) in steps { byteCount += tensor.byteCount }
    try HDF5Library.use { (library) throws(KerasError) in
      var writer = HDF5ImageWriter(library, expectedByteCount: byteCount, bfloat16Form)
      try writer.write(steps, body)
    }
  }
}

private struct HDF5ImageWriter {
  private let library: chdf5_functions
  private let expectedByteCount: Int
  private let bfloat16Form: HDF5Draft.BFloat16Form
  private var file: hid_t = -1
  /// A property list: groups on the way are made.
  private var linkCreation: hid_t = -1
  /// A property list: no time of the last change, so that the same contents give the same bytes.
  private var arrayCreation: hid_t = -1

  init(_ library: chdf5_functions, expectedByteCount: Int, _ bfloat16Form: HDF5Draft.BFloat16Form) {
    self.library = library
    self.expectedByteCount = expectedByteCount
    self.bfloat16Form = bfloat16Form
  }

  mutating func write(
    _ steps: [HDF5Draft.Step], _ body: (UnsafeRawBufferPointer) throws(KerasError) -> Void
  ) throws(KerasError) {
    linkCreation = try propertyList(library.id_H5P_CLS_LINK_CREATE_ID_g)
    defer { _ = library.H5Pclose(linkCreation) }
    try hdf5Check(library.H5Pset_create_intermediate_group(linkCreation, 1) >= 0, "make groups on the way")
    arrayCreation = try propertyList(library.id_H5P_CLS_DATASET_CREATE_ID_g)
    defer { _ = library.H5Pclose(arrayCreation) }
    try hdf5Check(library.H5Pset_obj_track_times(arrayCreation, false) >= 0, "leave out the time")
    let access = try propertyList(library.id_H5P_CLS_FILE_ACCESS_ID_g)
    defer { _ = library.H5Pclose(access) }
    try hdf5Check(library.H5Pset_fapl_core(access, expectedByteCount, false) >= 0, "write to memory")
    try hdf5Check(library.H5Pset_alignment(access, 1024, 64) >= 0, "align arrays")
    // The name is never used: nothing goes to the disk. 2 is H5F_ACC_TRUNC.
    file = try hdf5Handle(
      library.H5Fcreate("memory", 2, 0, access),
      "begin a file of \(expectedByteCount) bytes")
    defer { _ = library.H5Fclose(file) }

    for step in steps { try write(step) }
    try hdf5Check(library.H5Fflush(file, H5F_SCOPE_GLOBAL) >= 0, "complete the file")
    var handle: UnsafeMutableRawPointer?
    var byteCount: hsize_t = 0
    try hdf5Check(
      library.H5Fget_vfd_handle(file, access, &handle) >= 0
        && library.H5Fget_filesize(file, &byteCount) >= 0, "hand over the file")
    // What the driver for memory hands out is a pointer to its pointer.
    let start = handle?.assumingMemoryBound(to: UnsafeRawPointer?.self).pointee
    let memory = UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : Int(byteCount))
    // The driver rounds the file's size up; the superblock has the true one.
    try hdf5Check(
      memory.count >= 96 && memory.starts(with: Superblock.signature) && memory[8] == 0, "hand over the file")
    let end = Int(
      truncatingIfNeeded: UInt64(littleEndian: memory.loadUnaligned(fromByteOffset: 40, as: UInt64.self)))
    try hdf5Check((96...memory.count).contains(end), "hand over the file")
    let image = UnsafeRawBufferPointer(rebasing: memory[..<end])
    try body(image)
  }

  private func write(_ step: HDF5Draft.Step) throws(KerasError) {
    switch step {
    case .group(let path):
      let group = try hdf5Handle(
        library.H5Gcreate2(file, path, linkCreation, 0, 0), "make the group \(path.escaped)")
      _ = library.H5Gclose(group)
    case .array(let path, let tensor):
      try write(tensor, at: path)
    case .reserved(let path, let reserved, let shape):
      let type = try type(of: reserved)
      defer { _ = library.H5Tclose(type) }
      _ = library.H5Dclose(try array(type, shape, at: path))
    case .attribute(let name, let value, let object):
      let owner = try hdf5Handle(
        library.H5Oopen(file, object.isEmpty ? "/" : object, 0), "open \(object.escaped)")
      defer { _ = library.H5Oclose(owner) }
      try write(value, named: name, of: owner)
    }
  }

  // MARK: Arrays

  private func write(_ tensor: Tensor, at path: String) throws(KerasError) {
    let type = try type(of: tensor.dataType)
    defer { _ = library.H5Tclose(type) }
    let array = try array(type, tensor.shape, at: path)
    defer { _ = library.H5Dclose(array) }
    guard tensor.byteCount > 0 else { return }
    let status = tensor.withUnsafeBytes { library.H5Dwrite(array, type, 0, 0, 0, $0.baseAddress) }
    try hdf5Check(status >= 0, "write the array \(path.escaped)")
  }

  private func array(_ type: hid_t, _ shape: [Int], at path: String) throws(KerasError) -> hid_t {
    let space = try space(shape)
    defer { _ = library.H5Sclose(space) }
    return try hdf5Handle(
      library.H5Dcreate2(file, path, type, space, linkCreation, arrayCreation, 0),
      "make the array \(path.escaped) of shape \(Shape(shape))")
  }

  private func space(_ shape: [Int]) throws(KerasError) -> hid_t {
    let lengths = shape.map { hsize_t($0) }
    let id =
      shape.isEmpty
      ? library.H5Screate(H5S_SCALAR) : library.H5Screate_simple(Int32(shape.count), lengths, nil)
    return try hdf5Handle(id, "store an array of shape \(Shape(shape))")
  }

  /// The types h5py uses.
  private func type(of dataType: DataType) throws(KerasError) -> hid_t {
    switch dataType {
    case .bool: try booleans()
    case .uint8: try type(library.id_H5T_STD_U8LE_g)
    case .int8: try type(library.id_H5T_STD_I8LE_g)
    case .int16: try type(library.id_H5T_STD_I16LE_g)
    case .int32: try type(library.id_H5T_STD_I32LE_g)
    case .int64: try type(library.id_H5T_STD_I64LE_g)
    case .float16: try halves(exponentBits: 5)
    case .bfloat16:
      switch bfloat16Form {
      case .float: try halves(exponentBits: 8)
      case .pairsOfBytes: try pairsOfBytes()
      }
    case .float32: try type(library.id_H5T_IEEE_F32LE_g)
    case .float64: try type(library.id_H5T_IEEE_F64LE_g)
    }
  }

  private func type(of reserved: HDF5Draft.ReservedType) throws(KerasError) -> hid_t {
    switch reserved {
    case .numbers(let dataType): return try type(of: dataType)
    case .texts(let byteCount):
      let type = try type(library.id_H5T_C_S1_g)
      try hdf5Check(
        library.H5Tset_size(type, byteCount) >= 0 && library.H5Tset_cset(type, H5T_CSET_UTF8) >= 0,
        "make a type")
      return type
    }
  }

  private func type(_ id: hid_t) throws(KerasError) -> hid_t {
    try hdf5Handle(library.H5Tcopy(id), "make a type")
  }

  private func booleans() throws(KerasError) -> hid_t {
    let type = try hdf5Handle(library.H5Tenum_create(library.id_H5T_STD_I8LE_g), "make a type")
    for (name, value) in [("FALSE", 0), ("TRUE", 1)] as [(String, Int8)] {
      let status = withUnsafePointer(to: value) { library.H5Tenum_insert(type, name, $0) }
      try hdf5Check(status >= 0, "make a type")
    }
    return type
  }

  /// IEEE's 16-bit floats, or bfloat16.
  private func halves(exponentBits: Int) throws(KerasError) -> hid_t {
    let type = try type(library.id_H5T_IEEE_F32LE_g)
    let fractionBits = 15 - exponentBits
    try hdf5Check(
      library.H5Tset_fields(type, 15, fractionBits, exponentBits, 0, fractionBits) >= 0
        && library.H5Tset_size(type, 2) >= 0
        && library.H5Tset_ebias(type, 1 << (exponentBits - 1) - 1) >= 0, "make a type")
    return type
  }

  private func pairsOfBytes() throws(KerasError) -> hid_t {
    let type = try hdf5Handle(library.H5Tcreate(H5T_OPAQUE, 2), "make a type")
    // Without a tag, as h5py has it: types of different tags cannot be converted.
    try hdf5Check(library.H5Tset_tag(type, "") >= 0, "make a type")
    return type
  }

  // MARK: Attributes

  private func write(
    _ value: HDF5Draft.AttributeValue, named name: String, of owner: hid_t
  ) throws(KerasError) {
    switch value {
    case .string(let text): try write(texts: [text], [], named: name, of: owner)
    case .strings(let texts) where !texts.isEmpty:
      try write(texts: texts, [texts.count], named: name, of: owner)
    case .strings: try write([] as [Double], .float64, [0], named: name, of: owner)
    case .integer(let number): try write([number], .int64, [], named: name, of: owner)
    case .real(let number): try write([number], .float64, [], named: name, of: owner)
    }
  }

  /// Texts of variable length, which lie outside the attribute, so that they may be long.
  private func write(
    texts: [String], _ shape: [Int], named name: String, of owner: hid_t
  ) throws(KerasError) {
    let isASCII = texts.allSatisfy { $0.utf8.allSatisfy { $0 < 0x80 } }
    let type = try type(library.id_H5T_C_S1_g)
    defer { _ = library.H5Tclose(type) }
    // All bits of the size set: H5T_VARIABLE.
    try hdf5Check(
      library.H5Tset_size(type, -1) >= 0
        && library.H5Tset_cset(type, isASCII ? H5T_CSET_ASCII : H5T_CSET_UTF8) >= 0, "make a type")
    // One block of all texts, each with a zero at its end, and where each begins.
    var characters: [UInt8] = []
    var starts: [Int] = []
    for text in texts {
      starts.append(characters.count)
      characters += text.utf8
      characters.append(0)
    }
    let attribute = try attribute(name, type, shape, of: owner)
    defer { _ = library.H5Aclose(attribute) }
    let status = characters.withUnsafeBytes { block in
      let pointers = starts.map { start in block.baseAddress.map { $0 + start } }
      return library.H5Awrite(attribute, type, pointers)
    }
    try hdf5Check(status >= 0, "write the attribute \(name.escaped)")
  }

  private func write<Number: TensorScalar>(
    _ numbers: [Number], _ dataType: DataType, _ shape: [Int], named name: String, of owner: hid_t
  ) throws(KerasError) {
    let type = try type(of: dataType)
    defer { _ = library.H5Tclose(type) }
    let attribute = try attribute(name, type, shape, of: owner)
    defer { _ = library.H5Aclose(attribute) }
    guard !numbers.isEmpty else { return }
    try hdf5Check(
      library.H5Awrite(attribute, type, numbers) >= 0, "write the attribute \(name.escaped)")
  }

  private func attribute(
    _ name: String, _ type: hid_t, _ shape: [Int], of owner: hid_t
  ) throws(KerasError) -> hid_t {
    let space = try space(shape)
    defer { _ = library.H5Sclose(space) }
    return try hdf5Handle(
      library.H5Acreate2(owner, name, type, space, 0, 0), "make the attribute \(name.escaped)")
  }

  private func propertyList(_ kind: hid_t) throws(KerasError) -> hid_t {
    try hdf5Handle(library.H5Pcreate(kind), "make a list of properties")
  }
}
