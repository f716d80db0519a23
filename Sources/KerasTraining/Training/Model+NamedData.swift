import KerasGraph
import KerasModels

/// Training on tensors by the names of inputs and outputs.
extension Model {
  /// Trains the model on tensors by name; see ``fit(_:epochs:initialEpoch:stepsPerEpoch:validationData:validationSteps:validationInterval:classWeights:devices:callbacks:verbosity:)``.
  ///
  /// - Parameters:
  ///   - x: a tensor for each of ``inputNames``, or by the names of input layers.
  ///   - y: a tensor for each of ``outputNames``, or for each that has a loss or a metric.
  ///   - sampleWeights: by the names of outputs; for all of them, or none.
  /// - Throws: also `invalidArgument` for a name that is missing or unknown.
  @discardableResult
  public func fit(
    _ x: [String: Tensor], _ y: [String: Tensor], sampleWeights: [String: Tensor] = [:], batchSize: Int = 32,
    epochs: Int = 1, initialEpoch: Int = 0, stepsPerEpoch: Int? = nil, shuffles: Bool = true,
    seed: UInt64 = 0,
    validationSplit: Double? = nil, validationData: (any DataSource)? = nil, validationSteps: Int? = nil,
    validationInterval: Int = 1, devices: DeviceSelection? = nil, callbacks: [Callback] = [],
    verbosity: Verbosity = .automatic
  ) throws(KerasError) -> History {
    try fit(
      inOrder(x), byOutput(y, "target"), sampleWeights: byOutput(sampleWeights, "weights"),
      batchSize: batchSize,
      epochs: epochs, initialEpoch: initialEpoch, stepsPerEpoch: stepsPerEpoch, shuffles: shuffles,
      seed: seed,
      validationSplit: validationSplit, validationData: validationData, validationSteps: validationSteps,
      validationInterval: validationInterval, devices: devices, callbacks: callbacks, verbosity: verbosity)
  }

  /// Evaluates the model on tensors by name.
  ///
  /// - Throws: also `invalidArgument` for a name that is missing or unknown.
  public func evaluate(
    _ x: [String: Tensor], _ y: [String: Tensor], sampleWeights: [String: Tensor] = [:], batchSize: Int = 32,
    callbacks: [Callback] = [], verbosity: Verbosity = .automatic
  ) throws(KerasError) -> Logs {
    try evaluate(
      inOrder(x), byOutput(y, "target"), sampleWeights: byOutput(sampleWeights, "weights"),
      batchSize: batchSize,
      callbacks: callbacks, verbosity: verbosity)
  }

  /// Tensors by name in the order of the outputs.
  private func byOutput(_ tensors: [String: Tensor], _ what: String) throws(KerasError) -> [Tensor] {
    let names = outputNames
    if let unknown = tensors.keys.filter({ !names.contains($0) }).min() {
      throw KerasError(
        .invalidArgument, "There is no output called `\(unknown)` to have a \(what).", path: [name],
        remedy: "the outputs are \(names.joined(separator: ", ")).")
    }
    return names.compactMap { tensors[$0] }
  }
}
