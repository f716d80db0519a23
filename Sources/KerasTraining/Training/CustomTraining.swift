import KerasModels

/// A model that says itself what a step of training or evaluation does, as subclasses of Keras' `Model` do.
///
/// ```swift
/// final class Pulled: Model, CustomTraining, @unchecked Sendable {
///   let hidden = Dense(units: 4)
///   override func call(_ x: Value, in context: CallContext) throws -> Value { try context.apply(hidden, to: x) }
///   func trainStep(_ step: TrainingStep) throws {
///     let predictions = try step.predictions()
///     let loss = try step.loss(of: predictions) + predictions.outputs[0].mean() * 0.1
///     try step.minimize(loss)
///     try step.log("loss", loss)
///   }
/// }
/// ```
/// `fit`, callbacks, files and everything else stay as they are. Where a closure will do, `compile` takes one.
public protocol CustomTraining: Model {
  /// Records a step of training; by default ``TrainingStep/runAsCompiled()``.
  func trainStep(_ step: TrainingStep) throws

  /// Records a step of evaluation, in which nothing learns; by default ``TrainingStep/runAsCompiled()``.
  func testStep(_ step: TrainingStep) throws
}

extension CustomTraining {
  public func trainStep(_ step: TrainingStep) throws { try step.runAsCompiled() }
  public func testStep(_ step: TrainingStep) throws { try step.runAsCompiled() }
}

/// What a step does, as a closure.
public typealias StepBody = @Sendable (TrainingStep) throws -> Void
