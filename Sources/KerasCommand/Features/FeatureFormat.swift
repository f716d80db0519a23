import Glibc
import Keras

extension FeatureFormat {
  /// The format that features are written in.
  ///
  /// - Throws: `invalidArgument` for another ending, and where the format cannot hold what is asked for.
  init(path: String, arrays: Int, isShard: Bool) throws(KerasError) {
    guard let format = Self(endingOf: path) else {
      throw KerasError(
        .invalidArgument, "\(path.escaped) does not end in what says its format.", remedy: "use \(Self.endings).")
    }
    if arrays > 1, format == .npy || format == .csv {
      throw KerasError(
        .invalidArgument, "A .\(format.rawValue) file holds one layer, found \(arrays).",
        remedy: "use .npz, .h5, .safetensors or .jsonl.")
    }
    guard !isShard || format.holdsJob else { throw Self.noPart(path, format) }
    self = format
  }

  static func noPart(_ path: String, _ format: Self) -> KerasError {
    KerasError(
      .invalidArgument, "\(path.escaped): a .\(format.rawValue) file does not say which shard of how many it is.",
      remedy: "use .npz, .h5 or .safetensors for shards; they can be merged into any format.")
  }
}

extension FeatureSpool {
  /// Writes all rows to a file, and removes the folder.
  ///
  /// - Parameter job: what the file says of its making.
  func finish(_ path: String, as format: FeatureFormat, job: JSON, isShard: Bool) throws(KerasError) {
    switch format {
    case .npy: try NumPy.write(streamed(0), to: draft)
    case .npz:
      try NumPy.writeArchive(
        allArrays(isShard) + [StreamedArray(FeatureArrays.job, job.text())], to: draft)
    case .h5:
      var file = HDF5Draft()
      file.setAttribute(FeatureArrays.job, .string(job.text()), of: "")
      try file.write(with: allArrays(isShard), to: draft)
    case .safetensors:
      try Safetensors.write(
        allArrays(isShard), metadata: [(FeatureArrays.job, job.text())], to: draft)
    case .csv:
      try writeLines(
        head: csvHead,
        { entry, values in
          ([csvCell(entry.file)] + values[0].map { "\($0)" }).joined(separator: ",")
        })
    case .jsonl:
      let names = arrays
      try writeLines(
        head: nil,
        { entry, values in
          let file = "{\"file\":\(JSON.string(entry.file).text())"
          let lists = values.map { "[" + $0.map(jsonNumber).joined(separator: ",") + "]" }
          let features =
            lists.count == 1
            ? lists[0]
            : "{" + zip(names, lists).map { JSON.string($0).text() + ":" + $1 }.joined(separator: ",") + "}"
          return file + ",\"features\":\(features)}"
        })
    }
    try rename(draft, to: path)
    try remove()
  }

  private func rename(_ draft: String, to path: String) throws(KerasError) {
    guard Glibc.rename(draft, path) == 0 else { throw cannotWrite(path, errno) }
  }

  // MARK: Arrays

  private func streamed(_ place: Int) -> StreamedArray {
    let shape = shapes.isEmpty ? [0, 0] : [rows] + shapes[place]
    return StreamedArray(
      arrays[place], shape: shape,
      .numbers(.float32) { (sink) throws(KerasError) in try self.forEachPiece(of: place, sink) })
  }

  private func allArrays(_ isShard: Bool) throws(KerasError) -> [StreamedArray] {
    var longest = (scalars: 0, bytes: 0)
    try forEachEntry { entry in
      guard entry.error == nil else { return }
      longest.scalars = max(longest.scalars, entry.file.unicodeScalars.count)
      longest.bytes = max(longest.bytes, entry.file.utf8.count)
    }
    var all = arrays.indices.map(streamed)
    all.append(
      StreamedArray(
        FeatureArrays.files, shape: [rows],
        .texts(scalars: longest.scalars, bytes: longest.bytes) { (sink) throws(KerasError) in
          try self.forEachEntry { (entry) throws(KerasError) in
            if entry.error == nil { try sink(entry.file) }
          }
        }))
    if isShard {
      all.append(
        StreamedArray(
          FeatureArrays.index, shape: [rows],
          .numbers(.int64) { (sink) throws(KerasError) in
            try self.forEachEntry { (entry) throws(KerasError) in
              guard entry.error == nil else { return }
              try Tensor(scalar: Int64(entry.index)).withUnsafeBytes { (bytes) throws(KerasError) in
                try sink(bytes)
              }
            }
          }))
    }
    return all
  }

  // MARK: Text

  private var csvHead: String {
    let count = shapes.first?.reduce(1, *) ?? 0
    return (["file"] + (0..<count).map { "f\($0)" }).joined(separator: ",")
  }

  private func writeLines(
    head: String?, _ line: (FeatureEntry, [[Float]]) -> String
  ) throws(KerasError) {
    try writeFile(at: draft) { (file) throws(KerasError) in
      if let head { try file.append(Array((head + "\n").utf8)) }
      try forEachRow { (entry, values) throws(KerasError) in
        try file.append(Array((line(entry, values) + "\n").utf8))
      }
    }
  }

  /// Shows all rows in order; each as flat numbers.
  func forEachRow(_ body: (FeatureEntry, [[Float]]) throws(KerasError) -> Void) throws(KerasError) {
    let perBlock = max(1, (1 << 20) / max(4, shapes.reduce(0) { $0 + $1.reduce(4, *) }))
    var block: (start: Int, tensors: [[Float]]) = (0, [])
    var row = 0
    let widths = shapes.map { $0.reduce(1, *) }
    try forEachEntry { (entry) throws(KerasError) in
      guard entry.error == nil else { return }
      if block.tensors.isEmpty || row == block.start + perBlock {
        let range = row..<min(row + perBlock, rows)
        block = (row, [])
        for place in arrays.indices { block.tensors.append(try tensor(place, rows: range).scalars()) }
      }
      let values = zip(block.tensors, widths).map { numbers, width in
        Array(numbers[(row - block.start) * width..<(row - block.start + 1) * width])
      }
      try body(entry, values)
      row += 1
    }
  }
}

/// As Python spells what is not finite, like the rest of the package's JSON.
private func jsonNumber(_ value: Float) -> String {
  if value.isFinite { return "\(value)" }
  return value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity"
}
