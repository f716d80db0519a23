import KerasCore

/// Batches made of a folder's files when they are asked for.
struct FolderData: DataSource {
  let files: LabelledFiles
  let batchSize: Int
  let labelMode: LabelMode
  /// Whether the samples themselves, and not only their order, are others in each epoch.
  let changesEveryEpoch: Bool
  let makeInputs: @Sendable (Samples) throws -> [Tensor]

  /// The files of one batch.
  struct Samples: Sendable {
    let paths: [String]
    /// Which of all files they are.
    let places: [Int]
    let epoch: Int
  }

  init(
    _ files: LabelledFiles, batchSize: Int, labelMode: LabelMode, changesEveryEpoch: Bool = false,
    makeInputs: @escaping @Sendable (Samples) throws -> [Tensor]
  ) throws(KerasError) {
    try require(batchSize > 0, "A batch holds at least one sample, found batch size \(batchSize).")
    // Labels that do not fit are found at once, not in the first epoch.
    _ = try files.targets(labelMode, at: [])
    self.files = files
    self.batchSize = batchSize
    self.labelMode = labelMode
    self.changesEveryEpoch = changesEveryEpoch
    self.makeInputs = makeInputs
  }

  var batchCount: Int? { files.paths.isEmpty ? 0 : (files.paths.count - 1) / batchSize + 1 }

  func batches(inEpoch epoch: Int) -> BatchStream {
    let count = files.paths.count
    let order =
      files.epochSeed.map { shuffled(count, seed: UInt64($0), stream: UInt64(epoch)) }
      ?? Array(0..<count)
    var start = 0
    return BatchStream {
      guard start < count else { return nil }
      let places = order[start..<min(start + batchSize, count)]
      start = places.endIndex
      let target = try files.targets(labelMode, at: places)
      return Batch(
        try makeInputs(
          Samples(paths: places.map { files.paths[$0] }, places: Array(places), epoch: epoch)),
        targets: target.map { [$0] } ?? [])
    }
  }
}
