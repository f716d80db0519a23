import KerasCore

/// Pictures changed and standardized by an ``ImageDataGenerator``, batch by batch: what its `flow…` methods give.
///
/// Batches are `[samples, height, width, channels]`, or have channels first. The next ones are made while one is
/// computed with: their pictures on all processors, and what is drawn for each as Keras draws it for the seed, whoever
/// decodes it.
public struct PictureFlow: DataSource {
  /// Where pictures that were made are kept.
  public struct Copies: Hashable, Sendable {
    public let folder: String
    public let prefix: String
    public let format: Image.FileFormat

    /// - Parameter folder: one that is there.
    public init(folder: String, prefix: String = "", format: Image.FileFormat = .png) {
      (self.folder, self.prefix, self.format) = (folder, prefix, format)
    }
  }

  /// The names of classes, in the order of their numbers; empty where there are none.
  public let classNames: [String]
  /// Where pictures come from; empty for those in memory.
  public let files: [String]
  /// How many samples there are.
  public let count: Int
  public let batchSize: Int
  /// How many pictures are made at once, which changes no number; nil for one on each processor.
  public var workers: Int?
  let generator: ImageDataGenerator
  let size: ImageSize
  let seed: UInt32
  let shuffles: Bool
  let copies: Copies?
  let picture: @Sendable (Int) throws(KerasError) -> PixelGrid
  let targets: @Sendable (_ samples: [Int], _ pictures: Tensor) throws(KerasError) -> [Tensor]
  let sampleWeights: Tensor?

  public var batchCount: Int? { count == 0 ? 0 : (count - 1) / batchSize + 1 }
  public var changesEveryEpoch: Bool { generator.drawsChanges }

  public func batches(inEpoch epoch: Int) throws(KerasError) -> BatchStream {
    let batchCount = count == 0 ? 0 : (count - 1) / batchSize + 1
    // Keras seeds NumPy anew for every batch, by the number of batches seen.
    func random(_ batch: Int) -> NumPyRandom {
      NumPyRandom(seed: seed &+ UInt32(truncatingIfNeeded: epoch &* batchCount &+ batch))
    }
    var first = random(0)
    let order = shuffles ? first.permutation(count) : Array(0..<count)
    var number = 0
    return BatchStream { () throws(KerasError) in
      guard number < batchCount else { return nil }
      // Draws of the first batch follow those of the order.
      var draws = number == 0 ? first : random(number)
      let samples = Array(order[number * batchSize..<min((number + 1) * batchSize, count)])
      number += 1
      return try batch(samples, &draws)
    }.readAhead()
  }

  private func batch(_ samples: [Int], _ random: inout NumPyRandom) throws(KerasError) -> Batch {
    // Drawn in order, whoever computes them.
    let transforms = samples.map { _ in
      generator.randomTransform(height: size.height, width: size.width, &random)
    }
    var results = [Result<Tensor, KerasError>?](repeating: nil, count: samples.count)
    results.withUnsafeMutableBufferPointer { results in
      nonisolated(unsafe) let results = results
      performTogether(samples.count, workers: workers) { index in
        results[index] = Result { () throws(KerasError) in
          let changed = try generator.applying(transforms[index], to: picture(samples[index]))
          return try generator.standardizing(changed.tensor(generator.dataFormat))
        }
      }
    }
    var pictures: [Tensor] = []
    for result in results { if let result { pictures.append(try result.get()) } }
    let input = try stacked(pictures)
    try keepCopies(of: pictures, samples, &random)
    let weights = sampleWeights.map { [$0.gatheringRows(samples[...])] } ?? []
    return Batch([input], targets: try targets(samples, input), sampleWeights: weights)
  }

  private func keepCopies(of pictures: [Tensor], _ samples: [Int], _ random: inout NumPyRandom)
    throws(KerasError)
  {
    guard let copies else { return }
    let limit = files.isEmpty ? 10_000 : 10_000_000
    for (picture, sample) in zip(pictures, samples) {
      let name = "\(copies.prefix)_\(sample)_\(random.integer(in: 0..<limit)).\(copies.format.rawValue)"
      try Image(tensor: picture, dataFormat: generator.dataFormat).save(
        to: joined(copies.folder, name), as: copies.format)
    }
  }
}

/// Tensors of one shape along a new first axis.
func stacked(_ tensors: [Tensor]) throws(KerasError) -> Tensor {
  guard let first = tensors.first else { return Tensor(zeros: [0]) }
  for tensor in tensors where tensor.shape != first.shape {
    throw KerasError(
      .shapeMismatch, "Pictures of a batch have one shape, found \(first.shape) and \(tensor.shape).")
  }
  let count = first.elementCount
  return Tensor(uninitialized: [tensors.count] + first.shape, Float.self) { elements in
    for (row, tensor) in tensors.enumerated() {
      tensor.withUnsafeScalars(of: Float.self) { numbers in
        for i in 0..<count { elements[row * count + i] = numbers[i] }
      }
    }
  }
}
