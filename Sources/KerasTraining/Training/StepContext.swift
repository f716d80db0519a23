import KerasGraph
import KerasLayers
import KerasModels

/// What a computation of one's own is recorded with: the tensors it gets, layers, random numbers, gradients.
///
/// Nothing is computed yet: values are operands of formulas and of `Ops`, and what is recorded runs again and again.
public class StepContext {
  let recorder: StepRecorder
  /// Whether layers that behave differently in training do.
  public let isTraining: Bool
  /// The tensors that each run is given.
  public let inputs: [RecordedValue]

  init(recorder: StepRecorder, isTraining: Bool, inputs: [RecordedValue]) {
    self.recorder = recorder
    self.isTraining = isTraining
    self.inputs = inputs
  }

  /// Where operations are recorded.
  public final var graph: GraphBuilder { recorder.graph }

  /// How many samples a run is given: the first length of its first input.
  public final var sampleCount: Int {
    get throws(KerasError) { try inputs.first?.lengths.first ?? 0 }
  }

  /// Calls a layer or model.
  ///
  /// - Parameter training: whether it behaves as in training; nil for ``isTraining``.
  /// - Throws: `shapeMismatch` where an input does not fit.
  public final func call(
    _ layer: Layer, _ inputs: [RecordedValue], training: Bool? = nil
  ) throws(KerasError) -> [RecordedValue] {
    var values: [Value] = []
    for input in inputs { values.append(try input.value) }
    var arguments = CallArguments.none
    if let training { arguments.options["training"] = .bool(training) }
    return try recorder.call(layer, on: values, arguments: arguments).outputs.map { graph[$0] }
  }

  /// The same for one input and the first output.
  public final func call(
    _ layer: Layer, _ input: RecordedValue, training: Bool? = nil
  ) throws(KerasError) -> RecordedValue {
    try call(layer, [input], training: training)[0]
  }

  /// Random numbers, others in every step of training.
  ///
  /// - Parameter distribution: `.normal(mean: 0, deviation: 1)`, `.uniform(low: 0, high: 1)`, …
  public final func random(
    _ distribution: RandomOperation.Distribution = .normal(mean: 0, deviation: 1), shape: [Int]
  ) -> RecordedValue {
    RecordedValue(in: graph) { () throws(KerasError) in
      try graph.random(distribution, shape: Shape(shape), seed: recorder.randomSeed())
    }
  }

  /// A value that gradients take for a constant, as `stop_gradient`.
  public final func constant(_ value: RecordedValue) -> RecordedValue { value.stopped }

  /// What the layers called so far add to the loss, with the penalties of `layer`'s weights; 0 where that is nothing.
  public final func addedLoss(of layer: Layer) throws(KerasError) -> RecordedValue {
    try recorder.addedLoss(of: layer).map { graph[$0].cast(to: .float32) } ?? graph.number(0)
  }

  /// The gradients of a loss by weights; zeros for one that it does not depend on.
  ///
  /// - Parameter loss: one number; of several, their sum.
  /// - Throws: `notDifferentiable`, naming the operation that stands between.
  public final func gradients(
    of loss: RecordedValue, by variables: [Variable]
  ) throws(KerasError) -> [RecordedValue] {
    try recorder.gradients(of: loss.value, by: variables).map { graph[$0] }
  }

  /// The gradients by values, which may be differentiated again, as a gradient penalty is.
  public final func gradients(
    of loss: RecordedValue, byValues values: [RecordedValue]
  ) throws(KerasError) -> [RecordedValue] {
    let output = try loss.value
    var targets: [Value] = []
    for value in values { targets.append(try value.value) }
    let ones = try graph.filled(1, graph.shape(of: output), graph.spec(of: output).dataType)
    return try recorder.gradients(from: [(output, ones)], byValues: targets, []).values.map { graph[$0] }
  }
}
