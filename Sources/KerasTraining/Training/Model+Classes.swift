import KerasGraph
import KerasModels

extension Model {
  /// The likeliest class of each sample, as `predict_classes` of Keras 1 and 2: of one output number, whether it is
  /// above ½.
  ///
  /// - Returns: class numbers, `int32 [samples]`.
  /// - Throws: as ``predict(_:batchSize:options:)``.
  public func predictClasses(
    _ x: Tensor, batchSize: Int = 32, options: ComputeOptions = ComputeOptions()
  ) throws(KerasError) -> Tensor {
    let scores = try predict(x, batchSize: batchSize, options: options)
    let numbers: [Float] = scores.scalars()
    let width = max(scores.shape.last ?? 1, 1)
    guard width > 1 else { return Tensor(numbers.map { $0 > 0.5 ? Int32(1) : 0 }) }
    let classes = stride(from: 0, to: numbers.count, by: width).map { start -> Int32 in
      Int32((start..<start + width).reduce(start) { numbers[$1] > numbers[$0] ? $1 : $0 } - start)
    }
    return try Tensor(classes, shape: Array(scores.shape.dropLast()))
  }

  /// The outputs themselves, as `predict_proba` of Keras 1 and 2.
  ///
  /// - Throws: as ``predict(_:batchSize:options:)``.
  public func predictProba(
    _ x: Tensor, batchSize: Int = 32, options: ComputeOptions = ComputeOptions()
  ) throws(KerasError) -> Tensor { try predict(x, batchSize: batchSize, options: options) }
}
