import KerasApplications
import KerasModels
import KerasTraining

/// Pixels on their way into a model of pictures; see ``DataSource/preprocessed(for:)``.
public struct PreprocessedData: DataSource {
  private let source: any DataSource
  private let model: ImageModel

  init(_ source: any DataSource, _ model: ImageModel) { (self.source, self.model) = (source, model) }

  public var batchCount: Int? { source.batchCount }
  public var changesEveryEpoch: Bool { source.changesEveryEpoch }

  public func batches(inEpoch epoch: Int) throws -> BatchStream {
    let stream = try source.batches(inEpoch: epoch)
    return BatchStream { () throws(KerasError) in
      guard var batch = try stream.next() else { return nil }
      if let pixels = batch.inputs.first { batch.inputs[0] = try model.preprocessing(pixels) }
      return batch
    }
  }
}

extension DataSource {
  /// The batches with their pixels, 0…255, as a model takes them: for data that were read, and perhaps changed, as
  /// pixels.
  ///
  /// ```swift
  /// let base = try MobileNet(inputShape: [32, 32, 3], alpha: 0.25, includeTop: false, weights: .none)
  /// let pixels = try TensorData([Tensor(zeros: [8, 32, 32, 3])], [Tensor([0, 1, 0, 1, 0, 1, 0, 1])])
  /// let pictures = pixels.augmented(by: [RandomFlip(.horizontal), RandomBrightness(0.2)]).preprocessed(for: base)
  /// ```
  public func preprocessed(for model: ImageModel) -> PreprocessedData { PreprocessedData(self, model) }
}
