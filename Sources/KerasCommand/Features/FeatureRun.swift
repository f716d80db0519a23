import Keras

/// Computes features of pictures into a spool, batch by batch.
struct FeatureRun {
  let maker: FeatureMaker
  let pictures: [String]
  var shard: Shard?

  /// Goes on where the spool ends.
  ///
  /// - Throws: `invalidArgument` where the pictures are not those that the spool began with.
  func fill(_ spool: FeatureSpool) throws(KerasError) {
    var walk = PictureWalk(pictures, shard: shard)
    try spool.rewind(toMultipleOf: maker.batchSize) { (entry) throws(KerasError) in
      let name = walk.next()?.name
      guard name == entry.file else {
        throw KerasError(
          .invalidArgument,
          "The pictures have changed since \(spool.folder.escaped) was begun: expected \(entry.file.escaped), found "
            + "\(name?.escaped ?? "the end").",
          remedy: "remove it to begin again.")
      }
      if let error = entry.error { StandardError.print("error: \(error)") }
    }
    var count = PictureCount(pictures, shard: shard)
    // Batches are composed as they are without an interruption, so that numbers are the same to the last bit.
    let reader = maker.reader(walk, rows: spool.entries > 0 ? maker.batchSize : nil)
    while let batch = try reader.next() {
      var entries: [FeatureEntry] = []
      for picture in batch.pictures {
        let place = spool.entries + entries.count
        var entry = FeatureEntry(file: picture.name, index: shard?.position(of: place) ?? place)
        if case .failed(let error) = picture.outcome {
          count.clear()
          let report = ErrorReport(error: error)
          report.print()
          entry.error = report.text
        }
        entries.append(entry)
      }
      try spool.append(entries, batch.input.map { input throws(KerasError) in try maker.features(input) } ?? [])
      count.update(spool.entries)
    }
    count.clear()
  }
}
