import Dispatch
import Glibc
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
final class BatchReader {
  private let model: ImageModel
  private let interpolation: Interpolation
  private let batchSize: Int
  private var walk: PictureWalk
  private let queue = DispatchQueue(label: "decoding", attributes: .concurrent)
  private var pending: Pending?

  init(_ arguments: [String], for model: ImageModel, interpolation: Interpolation, batchSize: Int) {
    self.model = model
    self.interpolation = interpolation
    self.batchSize = batchSize
    walk = PictureWalk(arguments)
  }

  /// The next batch, or nil after the last.
  func next() -> DecodedBatch? {
    let current = pending ?? start()
    pending = start()
    return current?.wait()
  }

  private func start() -> Pending? {
    let pictures = Array(walk.prefixing(batchSize))
    guard !pictures.isEmpty else { return nil }
    let pending = Pending()
    queue.async { [model, interpolation] in
      pending.finish(with: Self.decode(pictures, for: model, interpolation))
    }
    return pending
  }

  private static func decode(
    _ pictures: [PictureWalk.Picture], for model: ImageModel, _ interpolation: Interpolation
  ) -> DecodedBatch {
    var results = [Result<Image, KerasError>?](repeating: nil, count: pictures.count)
    results.withUnsafeMutableBufferPointer { results in
      nonisolated(unsafe) let results = results
      DispatchQueue.concurrentPerform(iterations: pictures.count) { index in
        results[index] = Result { () throws(KerasError) in
          try load(pictures[index], model.imageSize, interpolation)
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
    guard !images.isEmpty else { return batch }
    do throws(KerasError) {
      batch.input = try model.preprocess(images, interpolation: interpolation)
    } catch {
      for index in batch.pictures.indices { batch.pictures[index].outcome = .failed(error) }
    }
    return batch
  }

  private static func load(
    _ picture: PictureWalk.Picture, _ size: ImageSize, _ interpolation: Interpolation
  ) throws(KerasError) -> Image {
    switch picture {
    case .file(let path): return try Image.load(from: path, targetSize: size, interpolation: interpolation)
    case .standardInput:
      return try within("-") { () throws(KerasError) in
        try Image(data: readStandardInput()).resized(to: size, using: interpolation)
      }
    case .unreadable(_, let error): throw error
    }
  }
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

extension PictureWalk {
  /// Takes up to `count` pictures.
  fileprivate mutating func prefixing(_ count: Int) -> [Picture] {
    var pictures: [Picture] = []
    while pictures.count < count, let picture = next() { pictures.append(picture) }
    return pictures
  }
}
