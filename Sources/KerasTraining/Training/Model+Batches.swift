import KerasGraph
import KerasLayers
import KerasModels

extension Model {
  /// Does one step of training.
  ///
  /// - Returns: loss and metrics over all batches since ``resetMetrics()``.
  /// - Throws: `shapeMismatch` where the batch does not fit, naming input or target.
  @discardableResult
  public func trainOnBatch(_ batch: Batch) throws(KerasError) -> Logs {
    let trainer = try compiled(for: "train")
    trainer.refresh(for: self)
    return try trainer.step(fitted(batch), of: self, isTraining: true).logs
  }

  /// The same for one input and one output.
  @discardableResult
  public func trainOnBatch(_ x: Tensor, _ y: Tensor, sampleWeights: Tensor? = nil) throws(KerasError) -> Logs
  {
    try trainOnBatch(Batch(x, y, sampleWeights: sampleWeights))
  }

  /// Loss and metrics of a batch, in inference mode.
  ///
  /// - Returns: loss and metrics over all batches since ``resetMetrics()``.
  /// - Throws: `shapeMismatch` where the batch does not fit, naming input or target.
  public func testOnBatch(_ batch: Batch) throws(KerasError) -> Logs {
    let trainer = try compiled(for: "be tested")
    trainer.refresh(for: self)
    return try trainer.step(fitted(batch), of: self, isTraining: false).logs
  }

  /// The same for one input and one output.
  public func testOnBatch(_ x: Tensor, _ y: Tensor, sampleWeights: Tensor? = nil) throws(KerasError) -> Logs {
    try testOnBatch(Batch(x, y, sampleWeights: sampleWeights))
  }

  /// Lets loss and metrics of ``trainOnBatch(_:)`` and ``testOnBatch(_:)`` begin anew.
  public func resetMetrics() throws(KerasError) {
    let trainer = try compiled(for: "measure")
    for isTraining in [true, false] { try trainer.resetMetrics(isTraining: isTraining) }
  }

  /// A batch as steps want it: inputs in the model's types and ranks, as many targets as samples.
  func fitted(_ batch: Batch) throws(KerasError) -> Batch {
    let (inputs, count) = try fitted(batch.inputs)
    var fitted = Batch(inputs)
    fitted.targets = try checked(batch.targets, "target", count)
    fitted.sampleWeights = try checked(batch.sampleWeights, "sample weights", count)
    try fitted.checkNumbers()
    return fitted
  }

  private func checked(_ tensors: [Tensor], _ what: String, _ count: Int) throws(KerasError) -> [Tensor] {
    for (index, tensor) in tensors.enumerated() {
      try require(
        tensor.shape.first == count, .shapeMismatch,
        "Expected \(count) samples, as the inputs have, found a tensor of shape \(Shape(tensor.shape)).",
        path: [name, "\(what) \(index)"])
    }
    return tensors.map { $0.dataType == .float64 ? $0.converted(to: .float32) : $0 }
  }
}
