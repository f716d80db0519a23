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
  private let model: ImageModel
  private let loader: PictureLoader
  private let batchSize: Int
  /// The size of pictures that stay pixels; nil for the model's input.
  private let pixelSize: ImageSize?
  private var walk: PictureWalk
  /// What is decoded next.
  private var upcoming: [PictureWalk.Picture]
  private var pending: Pending?
  private let queue = DispatchQueue(label: "decoding")

  /// - Parameters:
  ///   - rows: nil for the batch size, or fewer where there are fewer pictures.
  ///   - pixelSize: the size in which pixels of 0…255 are wanted; nil for the model's input.
  init(
    _ walk: PictureWalk, for model: ImageModel, loader: PictureLoader, batchSize: Int, rows: Int? = nil,
    pixelSize: ImageSize? = nil
  ) {
    self.model = model
    self.pixelSize = pixelSize
    var loader = loader
    if model.input.shape[3] == 1 { loader.colorMode = .grayscale }
    self.loader = loader
    self.batchSize = batchSize
    self.walk = walk
    upcoming = self.walk.prefixing(batchSize)
    self.rows = rows ?? upcoming.count
    startDecoding()
  }

  /// Whether the batch that ``next()`` returns is the last.
  var isLast: Bool { upcoming.isEmpty }

  /// The next batch, or nil after the last.
  func next() -> DecodedBatch? {
    guard let batch = pending?.wait() else { return nil }
    startDecoding()
    return batch
  }

  private func startDecoding() {
    pending = nil
    guard !upcoming.isEmpty else { return }
    let pending = Pending()
    queue.async { [upcoming, rows, model, loader, pixelSize] in
      pending.finish(with: Self.decode(upcoming, rows: rows, for: model, loader, pixelSize))
    }
    self.pending = pending
    upcoming = walk.prefixing(batchSize)
  }

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

/// A batch that is being decoded.
private final class Pending: @unchecked Sendable {
  // The semaphore orders the one write before the one read.
  private let done = DispatchSemaphore(value: 0)
  private var batch = DecodedBatch()

  func finish(with batch: DecodedBatch) {
    self.batch = batch
    done.signal()
  }

  func wait() -> DecodedBatch {
    done.wait()
    return batch
  }
}
