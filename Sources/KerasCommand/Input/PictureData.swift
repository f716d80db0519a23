import Keras
import Synchronization

/// Pictures and their classes as training and evaluation want them: decoded batch by batch, the next one while the
/// present one is computed.
///
/// A picture that cannot be read is reported once, and left out from then on.
final class PictureData: DataSource {
  private let samples: [ClassFolders.Sample]
  /// The model's class of each folder.
  private let classes: [Int]
  private let model: ImageModel
  private let loader: PictureLoader
  private let batchSize: Int
  private let pixelSize: ImageSize?
  private let shuffleSeed: UInt64?
  private let makeTargets: @Sendable ([Int]) throws -> Tensor
  /// Where samples could not be read.
  private let failed = Mutex<Set<Int>>([])
  private let progress: ProgressLine?

  /// - Parameters:
  ///   - pixelSize: the size in which pixels of 0…255 are wanted; nil for the model's input.
  ///   - shuffleSeed: decides the order in every epoch; nil for the order they have.
  ///   - targets: class numbers as the loss takes them.
  init(
    _ samples: [ClassFolders.Sample], classes: [Int], for model: ImageModel, loader: PictureLoader,
    batchSize: Int, pixelSize: ImageSize? = nil, shuffleSeed: UInt64? = nil, progress: ProgressLine? = nil,
    targets: @escaping @Sendable ([Int]) throws -> Tensor = { Tensor($0.map { Int32($0) }) }
  ) {
    self.samples = samples
    self.classes = classes
    self.model = model
    self.loader = loader
    self.batchSize = batchSize
    self.pixelSize = pixelSize
    self.shuffleSeed = shuffleSeed
    self.progress = progress
    makeTargets = targets
  }

  /// How many pictures could not be read until now.
  var failures: Int { failed.withLock(\.count) }
  /// The files that could be read, as far as anybody knows, in order.
  var readable: [FileName] {
    let unreadable = failed.withLock { $0 }
    return samples.indices.filter { !unreadable.contains($0) }.map { samples[$0].file }
  }
  /// How many pictures there are, but for those.
  var count: Int { samples.count - failures }
  var batchCount: Int? { (count + batchSize - 1) / batchSize }

  func batches(inEpoch epoch: Int) -> BatchStream {
    let order =
      shuffleSeed.map { shuffled(samples.count, seed: $0, stream: UInt64(epoch)) } ?? Array(samples.indices)
    let unreadable = failed.withLock { $0 }
    let places = order.filter { !unreadable.contains($0) }
    let reader = BatchReader(
      PictureWalk(files: places.map { samples[$0].file }), for: model, loader: loader, batchSize: batchSize,
      pixelSize: pixelSize)
    var done = 0
    return BatchStream {
      while let batch = try reader.next() {
        var found: [Int] = []
        for picture in batch.pictures {
          let place = places[done]
          done += 1
          switch picture.outcome {
          case .row: found.append(self.classes[self.samples[place].label])
          case .failed(let error):
            self.failed.withLock { _ = $0.insert(place) }
            self.progress?.clear()
            ErrorReport(error: error).print()
          }
        }
        self.progress?.show("\(done) of \(counted(places.count, "picture"))")
        guard let input = batch.input, !found.isEmpty else { continue }
        // Other pictures stand in for those that are missing.
        let rows = found.count == input.shape[0] ? input : try input.rows(0..<found.count)
        return Batch(rows, try self.makeTargets(found))
      }
      self.progress?.clear()
      return nil
    }
  }
}
