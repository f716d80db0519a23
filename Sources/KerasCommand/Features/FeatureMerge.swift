import Keras

/// Joins the files of shards in the order of the whole, a row of each at a time.
struct FeatureMerge {
  private struct Part {
    let file: FeatureFile
    var row: FeatureRow?
    /// How many rows have been read.
    var position = 1
    /// Which shard it is, from 0.
    let remainder: Int
  }

  private var parts: [Part] = []
  private let job: JSON

  /// - Throws: `invalidArgument` where parts are missing, twice there or of several jobs; what reading throws.
  init(_ paths: [String]) throws(KerasError) {
    for path in paths {
      if let format = FeatureFormat(endingOf: path), !format.holdsJob { throw FeatureFormat.noPart(path, format) }
      let file = try FeatureFile(path)
      guard let shard = file.job?["shard"]?.string.flatMap({ Shard(argument: $0) }) else {
        throw KerasError(
          .invalidArgument, "\(path.escaped) is no part: it was not made with --shard.")
      }
      guard shard.count == paths.count else {
        throw KerasError(
          .invalidArgument,
          "\(path.escaped) is part \(shard); expected \(counted(shard.count, "file")), found \(paths.count).",
          remedy: "name all parts, each once.")
      }
      if let twin = parts.first(where: { $0.remainder == shard.number - 1 }) {
        throw KerasError(
          .invalidArgument, "\(twin.file.path.escaped) and \(path.escaped) are the same part.",
          remedy: "name all parts, each once.")
      }
      parts.append(Part(file: file, row: try file.row(0), remainder: shard.number - 1))
    }
    job = parts.lazy.compactMap(\.file.job).first.map(FeatureJob.whole) ?? .null
    let first = parts.first { !$0.file.arrays.isEmpty }
    for part in parts {
      let differences = part.file.job.map { FeatureJob.differences(FeatureJob.whole($0), job) } ?? []
      let fits =
        part.row == nil
        || part.file.names == first?.file.names
          && part.file.shapes == parts.first { $0.row != nil }?.file.shapes
      guard differences.isEmpty, fits else {
        throw KerasError(
          .invalidArgument, "\(part.file.path.escaped) was computed with something else than the others"
            + (differences.isEmpty ? "." : ": \(differences.joined(separator: ", ")) differ."))
      }
    }
  }

  func write(to output: String) throws(KerasError) {
    let arrays = parts.first { !$0.file.arrays.isEmpty }?.file.names ?? FeatureArrays.names([])
    let shapes = parts.first { $0.row != nil }?.file.shapes ?? []
    let format = try FeatureFormat(path: output, arrays: arrays.count, isShard: false)
    let folder = FeatureSpool.folder(for: output)
    let mark: JSON = ["merge": .array(parts.map { .string($0.file.path) })]
    // Left by a merge that was ended: the parts are still there, so it begins again.
    if let text = try? contents(ofSmallFile: joined(folder, "job.json")), (try? JSON(parsing: text))?["merge"] != nil {
      try FeatureSpool.remove(folder)
    }
    let spool = try FeatureSpool(creating: folder, job: mark, arrays: arrays)
    do throws(KerasError) {
      var merged = self
      while let next = try merged.next() {
        let values = try zip(next.values, shapes).map { numbers, shape throws(KerasError) in
          try Tensor(numbers, shape: [1] + shape)
        }
        try spool.append([FeatureEntry(file: next.file, index: next.index ?? 0)], values)
      }
      try spool.finish(output, as: format, job: job, isShard: false)
    } catch {
      // The parts hold everything.
      try spool.remove()
      throw error
    }
  }

  /// The row that comes next in the whole.
  private mutating func next() throws(KerasError) -> FeatureRow? {
    var first: (place: Int, index: Int)?
    for (place, part) in parts.enumerated() {
      guard let row = part.row else { continue }
      guard let index = row.index, index % parts.count == part.remainder, index >= 0 else {
        throw KerasError(
          .invalidFile, "The place of \(row.file.escaped) is not one of this part's.",
          path: [part.file.path.escaped])
      }
      if first.map({ index < $0.index }) ?? true { first = (place, index) }
    }
    guard let (place, index) = first, let row = parts[place].row else { return nil }
    parts[place].row = try parts[place].file.row(parts[place].position)
    parts[place].position += 1
    if let next = parts[place].row?.index, next <= index {
      throw KerasError(
        .invalidFile, "The rows are not in their order.", path: [parts[place].file.path.escaped])
    }
    return row
  }
}

extension FeatureFile {
  fileprivate var names: [String] { arrays.map(\.name) }
  fileprivate var shapes: [[Int]] { arrays.map(\.shape) }
}
