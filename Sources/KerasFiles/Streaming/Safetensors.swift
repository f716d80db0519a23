import KerasCore

/// Files of Hugging Face's format: eight bytes of length, a JSON object that says where each array lies, the arrays.
///
/// Format: https://github.com/huggingface/safetensors. It knows no texts: they are stored as rows of bytes of UTF-8,
/// filled up with zeros.
package enum Safetensors {
  /// Writes `arrays` beside `path`, and renames it; no more is held than an array hands out at once.
  ///
  /// - Throws: `fileAccess`, and what the arrays throw.
  package static func write(
    _ arrays: [StreamedArray], metadata: [(String, String)], to path: String
  ) throws(KerasError) {
    var entries: [(String, JSON)] = []
    if !metadata.isEmpty {
      entries.append(("__metadata__", .object(JSONObject(metadata.map { ($0.0, .string($0.1)) }))))
    }
    var offset = 0
    for array in arrays {
      let (type, shape, byteCount) = array.safetensorsLayout
      entries.append(
        (
          array.name,
          [
            "dtype": .string(type), "shape": .array(shape.map { .integer($0) }),
            "data_offsets": [.integer(offset), .integer(offset + byteCount)],
          ]
        ))
      offset += byteCount
    }
    var head = Array(JSON.object(JSONObject(entries)).text().utf8)
    head += [UInt8](repeating: UInt8(ascii: " "), count: (64 - (8 + head.count) % 64) % 64)
    try writeFile(at: path) { (file) throws(KerasError) in
      try file.append((0..<8).map { UInt8(truncatingIfNeeded: head.count >> (8 * $0)) } + head)
      for array in arrays {
        let sink: StreamedArray.Sink = { (bytes) throws(KerasError) in try file.append(bytes) }
        switch array.contents {
        case .numbers(_, let pieces): try pieces(sink)
        case .texts(_, let width, _): try array.writePaddedTexts(width: max(1, width), to: sink)
        }
      }
    }
  }
}

extension StreamedArray {
  fileprivate var safetensorsLayout: (type: String, shape: [Int], byteCount: Int) {
    switch contents {
    case .texts(_, let width, _):
      let shape = shape + [max(1, width)]
      return ("U8", shape, shape.reduce(1, *))
    case .numbers(let dataType, _):
      let name = SafetensorsFile.types.first { $0.type == dataType }?.name ?? ""
      return (name, shape, shape.reduce(dataType.byteCount, *))
    }
  }
}

/// A file of that format, mapped.
package struct SafetensorsFile: Sendable {
  package let metadata: [String: String]
  private let tensors: [String: Tensor]

  static let types: [(name: String, type: DataType)] = [
    ("BOOL", .bool), ("U8", .uint8), ("I8", .int8), ("I16", .int16), ("I32", .int32), ("I64", .int64),
    ("F16", .float16), ("BF16", .bfloat16), ("F32", .float32), ("F64", .float64),
  ]

  /// - Throws: `fileNotFound`, `fileAccess`; `invalidFile` for what is damaged or something else.
  package init(path: String) throws(KerasError) {
    let file = try FileContents(path: path)
    (metadata, tensors) = try within(file.name.escaped) { () throws(KerasError) in try Self.contents(of: file) }
  }

  package var names: [String] { tensors.keys.sorted() }

  package subscript(name: String) -> Tensor? { tensors[name] }

  private static func contents(
    of file: FileContents
  ) throws(KerasError) -> ([String: String], [String: Tensor]) {
    let bytes = file.bytes
    guard bytes.count > 8, case let length = bytes.loadUnaligned(as: UInt64.self).littleEndian,
      length <= UInt64(min(100_000_000, bytes.count - 8)),
      let head = try JSON(parsing: UnsafeRawBufferPointer(rebasing: bytes[8..<8 + Int(length)])).object
    else { throw damaged("its head is missing") }
    let start = 8 + Int(length)
    var (metadata, tensors) = ([String: String](), [String: Tensor]())
    for (name, entry) in head {
      if name == "__metadata__" {
        for (key, value) in entry.object ?? [:] { metadata[key] = value.string }
        continue
      }
      guard let type = types.first(where: { $0.name == entry["dtype"]?.string })?.type,
        let shape = entry["shape"]?.array?.compactMap(\.integer), shape.allSatisfy({ $0 >= 0 }),
        let offsets = entry["data_offsets"]?.array?.compactMap(\.integer), offsets.count == 2,
        let count = checkedElementCount(shape), count <= bytes.count,
        0 <= offsets[0], offsets[0] <= offsets[1], offsets[1] <= bytes.count - start,
        offsets[1] - offsets[0] == count * type.byteCount
      else { throw damaged("the entry \(name.escaped) is wrong") }
      let part = UnsafeRawBufferPointer(rebasing: bytes[start + offsets[0]..<start + offsets[1]])
      if type != .bool, !part.isEmpty,
        UInt(bitPattern: part.baseAddress) % UInt(type.byteCount) == 0
      {
        tensors[name] = Tensor(viewing: part, shape: shape, type, owner: file)
      } else {
        tensors[name] = Tensor(uninitialized: shape, type) { $0.copyMemory(from: part) }
      }
    }
    return (metadata, tensors)
  }

  private static func damaged(_ what: String) -> KerasError {
    KerasError(.invalidFile, "This is not a safetensors file, or a damaged one: \(what).")
  }
}
