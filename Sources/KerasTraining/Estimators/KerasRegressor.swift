import KerasModels

/// A regressor around a function that builds a model, as the wrapper of Keras 2.
///
/// ```swift
/// let regressor = KerasRegressor(settings: ["rate": 0.1, "epochs": 5]) { settings in
///   let model = Sequential { Dense(units: 1) }
///   try model.compile(
///     optimizer: .sgd(learningRate: .constant(settings.number("rate"))), loss: .meanSquaredError)
///   return model
/// }
/// let (x, y) = (Tensor(repeating: 0.5, shape: [30, 4]), Tensor(zeros: [30]))
/// try regressor.fit(x, y)
/// let found = try regressor.predict(x)                    // [30]
/// ```
public final class KerasRegressor: KerasEstimator, @unchecked Sendable {
  /// What the model gives for each sample.
  ///
  /// - Returns: without axes of length 1 behind the samples, as in Keras 2.
  /// - Throws: `invalidArgument` before the first fit; `shapeMismatch` where `x` does not fit.
  public func predict(_ x: Tensor) throws(KerasError) -> Tensor {
    let (model, batchSize) = try fitted()
    let outputs = try model.predict(x, batchSize: batchSize)
    return try outputs.reshaped(to: outputs.shape.prefix(1) + outputs.shape.dropFirst().filter { $0 != 1 })
  }

  /// The loss that the model was compiled with, negative, so that larger is better.
  public override func score(
    _ x: Tensor, _ y: Tensor, sampleWeights: Tensor? = nil
  ) throws(KerasError) -> Double {
    let (model, batchSize) = try fitted()
    let logs = try model.evaluate(
      x, y, sampleWeights: sampleWeights, batchSize: batchSize, verbosity: .silent)
    return -(logs["loss"] ?? .nan)
  }
}
