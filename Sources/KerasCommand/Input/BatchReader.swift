import Dispatch
import Keras

/// A batch of pictures, decoded: some ready for the model, some that could not be read.
struct DecodedBatch: Sendable {
  enum Outcome: Sendable {
    /// Row number in `input`.
    case row(Int)
    case failed(KerasError)
  }
  /// In the order they were named.
  var pictures: [(name: String, outcome: Outcome)] = []
  /// `[rows, height, width, 3]`; nil when no picture could be read.
  var input: Tensor?
}

/// Decodes the next batch while the present one is computed; never more than one is waiting.
///
/// All batches have the same number of rows, so that one program serves them: where pictures are missing or
/// could not be read, the first one stands in again.
final class BatchReader {
  /// Rows of each batch: the batch size, or the number of pictures where they are fewer.
  let rows: Int
  /// Whether there is at most one batch.
  let isSingle: Bool
  private let reader: ReadAhead<DecodedBatch>

  /// - Parameters:
  ///   - rows: nil for the batch size, or fewer where there are fewer pictures.
  ///   - pixelSize: the size in which pixels of 0…255 are wanted; nil for the model's input.
  init(
    _ walk: PictureWalk, for model: ImageModel, loader: PictureLoader, batchSize: Int, rows: Int? = nil,
    pixelSize: ImageSize? = nil
  ) {
    var loader = loader
    if model.input.shape[3] == 1 { loader.colorMode = .grayscale }
    var walk = walk
    let first = walk.prefixing(batchSize)
    var upcoming = [first, walk.prefixing(batchSize)]
    isSingle = upcoming[1].isEmpty
    let rows = rows ?? first.count
    self.rows = rows
    reader = ReadAhead(1) { [loader] in
      let pictures = upcoming.isEmpty ? walk.prefixing(batchSize) : upcoming.removeFirst()
      return pictures.isEmpty ? nil : Self.decode(pictures, rows: rows, for: model, loader, pixelSize)
    }
  }

  /// The next batch, or nil after the last.
  func next() throws(KerasError) -> DecodedBatch? { try reader.next() }

  private static func decode(
    _ pictures: [PictureWalk.Picture], rows: Int, for model: ImageModel, _ loader: PictureLoader,
    _ pixelSize: ImageSize?
  ) -> DecodedBatch {
    var results = [Result<Image, KerasError>?](repeating: nil, count: pictures.count)
    results.withUnsafeMutableBufferPointer { results in
      nonisolated(unsafe) let results = results
      DispatchQueue.concurrentPerform(iterations: pictures.count) { index in
        results[index] = Result { () throws(KerasError) in
          try loader.load(pictures[index], size: pixelSize ?? model.imageSize)
        }
      }
    }
    var batch = DecodedBatch()
    var images: [Image] = []
    for (picture, result) in zip(pictures, results) {
      switch result {
      case .success(let image)?:
        batch.pictures.append((picture.name, .row(images.count)))
        images.append(image)
      case .failure(let error)?: batch.pictures.append((picture.name, .failed(error)))
      case nil: preconditionFailure("a picture that was not decoded")
      }
    }
    guard let first = images.first else { return batch }
    images += Array(repeating: first, count: rows - images.count)
    do throws(KerasError) {
      batch.input = try pixelSize == nil ? model.preprocess(images) : pixels(of: images)
    } catch {
      for index in batch.pictures.indices { batch.pictures[index].outcome = .failed(error) }
    }
    return batch
  }
}

/// `[count, height, width, channels]`, 0…255.
private func pixels(of images: [Image]) throws(KerasError) -> Tensor {
  try Ops.stack(images.map { ($0.mode == .grayscale16 ? $0.grayscale() : $0).tensor() })
}
