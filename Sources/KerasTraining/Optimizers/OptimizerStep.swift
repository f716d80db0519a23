import KerasGraph
import KerasLayers

/// What an optimizer's rule works with in one step: the rate, the count of steps, and what it keeps.
public class OptimizerStep {
  let recorder: StepRecorder
  /// Whether the step changes anything; nil for yes.
  let condition: RecordedValue?
  /// The current learning rate, one number.
  public let learningRate: RecordedValue
  /// The number of this step, from 1, as `float32`.
  public let number: RecordedValue
  fileprivate let prefix: String
  fileprivate let slots: [String: Tensor]

  init(
    recorder: StepRecorder, condition: RecordedValue?, learningRate: RecordedValue, number: RecordedValue,
    prefix: String, slots: [String: Tensor]
  ) {
    self.recorder = recorder
    self.condition = condition
    self.learningRate = learningRate
    self.number = number
    self.prefix = prefix
    self.slots = slots
  }

  public var graph: GraphBuilder { recorder.graph }

  /// A number raised to the power of ``number``.
  public func power(_ base: Double, offset: Double = 0) -> RecordedValue {
    graph.number(base).combined(.power, with: offset == 0 ? number : number + offset)
  }

  /// What is kept under a name; what is assigned is there in the next step.
  public subscript(slot: String) -> RecordedValue {
    get {
      RecordedValue(in: graph) { () throws(KerasError) in
        guard let initial = slots[slot] else {
          throw KerasError(
            .unknownName, "The optimizer keeps no `\(slot)`.", remedy: "declare it in slots(for:).")
        }
        return recorder.slot(prefix + slot, initial: initial)
      }
    }
    set {
      // An error waits for whoever finishes the step.
      do {
        try recorder.assign(
          changed(newValue, from: self[slot]).value, toSlot: prefix + slot)
      } catch {
        if failure == nil { failure = error }
      }
    }
  }

  /// The first error of an assignment.
  fileprivate(set) var failure: KerasError?

  func changed(_ new: RecordedValue, from old: RecordedValue) -> RecordedValue {
    condition.map { new.kept(where: $0, else: old) } ?? new
  }
}

/// What an optimizer's rule works with for one weight.
public final class WeightUpdate: OptimizerStep {
  public let variable: Variable
  /// The gradient, clipped.
  public var gradient: RecordedValue { source.dense }
  /// Its squares. Of an embedding, squares of the gradients of all look-ups, added up, as Keras on TensorFlow has them.
  public var squaredGradient: RecordedValue { source.squared }
  /// Its sizes; of an embedding as ``squaredGradient``.
  public var gradientMagnitude: RecordedValue { source.magnitude }
  private let source: WeightGradient
  /// What is kept once for all weights.
  public let shared: OptimizerStep
  /// The weight, as the step has left it so far; what is assigned is its value after the step.
  public var value: RecordedValue

  init(
    of variable: Variable, value: RecordedValue, gradient: WeightGradient, shared: OptimizerStep,
    prefix: String,
    slots: [String: Tensor]
  ) {
    self.variable = variable
    self.value = value
    source = gradient
    self.shared = shared
    super.init(
      recorder: shared.recorder, condition: shared.condition, learningRate: shared.learningRate,
      number: shared.number, prefix: prefix, slots: slots)
  }
}

// MARK: - Recording a step

extension Optimizer {
  /// Records one step: what gradients do to weights and to what the optimizer keeps.
  ///
  /// - Throws: `invalidArgument` for options that exclude each other, and what rules and constraints throw.
  public final func apply(
    _ gradients: [Value], to variables: [Variable], in recorder: StepRecorder
  ) throws(KerasError) {
    try within(name) { () throws(KerasError) in
      try wrappingErrors { try record(gradients, variables, in: recorder, when: nil) }
    }
  }

  /// The loss as it is differentiated.
  final func scaled(_ loss: RecordedValue, in recorder: StepRecorder) -> RecordedValue {
    lossFactor(in: recorder).map { loss * $0 } ?? loss
  }

  /// One step in the order of Keras 3's `Optimizer.apply`.
  ///
  /// - Parameter condition: whether the step changes anything; nil for yes.
  final func recordStep(
    _ gradients: [Value], _ variables: [Variable], in recorder: StepRecorder, when condition: RecordedValue?
  ) throws {
    try check()
    let graph = recorder.graph
    register(variables)
    let outer = OptimizerStep(
      recorder: recorder, condition: condition, learningRate: graph.number(0), number: graph.number(0),
      prefix: prefix, slots: ownSlots)
    let count = outer["iteration"]
    let rate = try currentRate(outer, at: count.cast(to: .float32))

    var gradients = zip(gradients, variables).map { WeightGradient($0, of: $1, in: graph) }
    if let lossScale { gradients = gradients.map { $0.scaled(by: 1 / lossScale) } }
    let steps = variables.enumerated().map { position, variable in
      let slots = keptSlots(of: variable).flatMap { $0 }
      return WeightUpdate(
        of: variable, value: graph.number(0), gradient: gradients[position], shared: outer,
        prefix: prefix(of: variable), slots: initial(slots, of: variable))
    }

    // Whether this step changes weights, or only adds gradients up.
    var isUpdate = condition
    var period = count
    if let accumulationSteps {
      let steps0 = graph.number(Double(accumulationSteps), .int64)
      period = count.combined(.floorDivide, with: steps0)
      let isLast = (count + 1).combined(.remainder, with: steps0) .== 0
      isUpdate = condition.map { $0.and(isLast) } ?? isLast
      for (position, step) in steps.enumerated() {
        let sum = step["gradient_accumulator"] + gradients[position].dense
        step["gradient_accumulator"] = sum.number(0).kept(where: isLast, else: sum)
        gradients[position] = WeightGradient(dense: sum / Double(accumulationSteps))
      }
    }
    gradients = clipped(gradients)

    let shared = OptimizerStep(
      recorder: recorder, condition: isUpdate, learningRate: rate, number: (period + 1).cast(to: .float32),
      prefix: prefix, slots: ownSlots)
    try updateShared(shared)
    for (position, variable) in variables.enumerated() {
      let old = graph[try recorder.value(of: variable)]
      let step = WeightUpdate(
        of: variable, value: old, gradient: gradients[position], shared: shared,
        prefix: prefix(of: variable), slots: steps[position].slots)
      if let decay = isDecayed(variable) ? decay(of: variable) : nil {
        step.value = old - old * decay * rate.cast(to: variable.dataType)
      }
      try update(step)
      var value = step.changed(step.value, from: old)
      if averagesWeights { value = averaged(value, steps[position], period: period) }
      if let constraint = variable.constraint {
        value = graph[try constraint.apply(to: value.value, in: graph)]
      }
      if let condition { value = value.kept(where: condition, else: old) }
      if let failure = step.failure ?? steps[position].failure { throw failure }
      try recorder.assign(value.value, to: variable)
    }
    outer["iteration"] = count + 1
    if let failure = outer.failure ?? shared.failure { throw failure }
  }

  private func currentRate(_ step: OptimizerStep, at count: RecordedValue) throws -> RecordedValue {
    switch rate {
    case .constant: step["learning_rate"]
    case .schedule(let schedule): try schedule.rate(at: count)
    }
  }

  private func clipped(_ gradients: [WeightGradient]) -> [WeightGradient] {
    if let normClip {
      return gradients.map {
        $0.scaled(by: normClip / $0.squaredNorm.root.combined(.maximum, with: normClip))
      }
    }
    if let globalNormClip {
      let squares = gradients.map(\.squaredNorm)
      guard let first = squares.first else { return gradients }
      let norm = squares.dropFirst().reduce(first) { $0 + $1 }.root
      // Not a number where a gradient is none, so that nobody takes it for one.
      let scale = (1 / norm).combined(.minimum, with: 1 / globalNormClip) * globalNormClip + (norm - norm)
      return gradients.map { $0.scaled(by: scale) }
    }
    if let valueClip { return gradients.map { $0.clipped(to: valueClip) } }
    return gradients
  }

  private func averaged(
    _ value: RecordedValue, _ step: WeightUpdate, period: RecordedValue
  ) -> RecordedValue {
    // The first value is taken as it is.
    let momentum = (period .!= 0).cast(to: step.variable.dataType) * averageMomentum
    let average = momentum * step["average"] + (1 - momentum) * value
    step["average"] = average
    guard let averageInterval else { return value }
    let graph = value.graph
    let isTurn = (period + 1).combined(.remainder, with: graph.number(Double(averageInterval), .int64)) .== 0
    return average.kept(where: isTurn, else: value)
  }
}
