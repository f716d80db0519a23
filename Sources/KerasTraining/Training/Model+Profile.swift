import KerasGraph
import KerasLayers
import KerasModels

extension Model {
  /// Measures the kernels of a step of training: forward, backward and update. The model stays as it is.
  ///
  /// ```swift
  /// let labels = Tensor((0..<32).map { Int32($0 % 10) })
  /// let model = Sequential { Input(shape: [8]); Dense(units: 10, activation: .softmax) }
  /// try model.compile(optimizer: .adam(), loss: .sparseCategoricalCrossentropy)
  /// let profile = try model.profileTraining(on: Batch(Tensor(zeros: [32, 8]), labels), repeats: 20)
  /// for (operation, count, seconds) in profile.totals { print(operation, count, seconds) }
  /// ```
  ///
  /// - Throws: as ``trainOnBatch(_:)`` and ``Program/profile(_:repeats:)``.
  public func profileTraining(on batch: Batch, repeats: Int) throws(KerasError) -> ProgramProfile {
    let (step, options, batch) = try trainingStep(on: batch)
    let program = try options.chosenBackend().prepare(
      optimizing: step.graph,
      options: options.program)
      .program
    return try program.profile(
      batch.inputs + batch.targets + batch.sampleWeights + step.variables.map(\.value) + step.slots.map(\.initial),
      repeats: repeats)
  }

  /// A step of training as it is recorded, before any backend sees it.
  package func trainingGraph(on batch: Batch) throws(KerasError) -> Graph { try trainingStep(on: batch).step.graph }

  private func trainingStep(
    on batch: Batch
  ) throws(KerasError) -> (step: RecordedStep, options: ComputeOptions, batch: Batch) {
    let trainer = try compiled(for: "be measured")
    let batch = try fitted(batch)
    let step = try StepRecording(model: self, compilation: trainer.compilation, isTraining: true, seed: 0)
      .record(BatchShape(batch)).step
    return (step, trainer.options, batch)
  }
}
