import KerasModels
import KerasTraining

/// What a model makes of batches that change from epoch to epoch, which therefore go through it in each.
struct ChangingFeatures: DataSource {
  private let source: any DataSource
  private let extractor: Model
  private let options: ComputeOptions
  /// The first epoch, which was looked at before training and is not computed twice.
  let first: [Batch]

  init(_ extractor: Model, of source: any DataSource, _ options: ComputeOptions) throws(KerasError) {
    self.source = source
    self.extractor = extractor
    self.options = options
    let stream = try Self.features(of: source, inEpoch: 0, extractor, options)
    var first: [Batch] = []
    while let batch = try stream.next() { first.append(batch) }
    self.first = first
  }

  var batchCount: Int? { source.batchCount }
  var changesEveryEpoch: Bool { true }

  func batches(inEpoch epoch: Int) throws -> BatchStream {
    guard epoch == 0 else { return try Self.features(of: source, inEpoch: epoch, extractor, options) }
    var number = 0
    return BatchStream {
      guard number < first.count else { return nil }
      defer { number += 1 }
      return first[number]
    }
  }

  private static func features(
    of source: any DataSource, inEpoch epoch: Int, _ extractor: Model, _ options: ComputeOptions
  ) throws(KerasError) -> BatchStream {
    let stream = try wrappingErrors { try source.batches(inEpoch: epoch) }
    return BatchStream { () throws(KerasError) in
      guard var batch = try stream.next() else { return nil }
      batch.inputs = try extractor.predictOnBatch(batch.inputs, options: options)
      return batch
    }
  }
}
