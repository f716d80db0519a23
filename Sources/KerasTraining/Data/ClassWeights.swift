import KerasCore

/// Weights of samples from weights of their classes, as Keras' `class_weight_to_sample_weights`.
///
/// - Parameter target: class numbers `[samples]` or `[samples, 1]`, or `[samples, classes]` whose largest counts.
/// - Returns: `[samples]`; 1 for classes that have no weight.
func sampleWeights(of target: Tensor, byClass weights: [Int: Double]) throws(KerasError) -> Tensor {
  try require(
    target.rank == 1 || target.rank == 2, .unsupported,
    "Class weights need targets [samples] or [samples, classes], found \(target.spec).")
  let numbers: [Double] = target.scalars()
  let width = target.rank == 1 ? 1 : target.shape[1]
  let count = target.shape[0]
  return Tensor(
    (0..<count).map { row -> Float in
      let values = numbers[row * width..<(row + 1) * width]
      var number = width > 0 ? Int(values[values.startIndex].rounded()) : 0
      if width > 1 {
        number =
          values.indices.reduce(values.startIndex) { values[$1] > values[$0] ? $1 : $0 } - values.startIndex
      }
      return Float(weights[number] ?? 1)
    })
}

extension Batch {
  /// The batch with its samples weighted by their classes; itself where classes have no weights.
  func weighted(byClass weights: [Int: Double]?) throws(KerasError) -> Batch {
    guard let weights else { return self }
    try require(
      self.sampleWeights.isEmpty, .invalidArgument,
      "Samples are weighted by their classes or one by one, not both.",
      remedy: "leave out classWeights or the weights of samples.")
    try require(
      targets.count == 1, .unsupported,
      "Class weights are for models of one output, found \(targets.count) targets.")
    var batch = self
    batch.sampleWeights = [try KerasTraining.sampleWeights(of: targets[0], byClass: weights)]
    return batch
  }
}
