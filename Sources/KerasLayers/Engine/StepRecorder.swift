import KerasGraph

/// Records one step of training (or of evaluation) as a graph: layers' calls, losses, gradients, and what changes.
///
/// Weights are states of the graph, and so are slots that belong to no layer: an optimizer's momenta, the position of
/// the random numbers. A rule that changes weights is written in graph operations:
///
/// ```swift
/// let recorder = StepRecorder(isTraining: true, seed: 1)
/// let (x, y) = (recorder.input(TensorSpec([32, 784])), recorder.input(TensorSpec([32, 10])))
/// let scores = try recorder.call(layer, on: [x]).outputs[0]
/// let graph = recorder.graph
/// let loss = try graph.reduce(.mean, graph.unary(.square, graph.binary(.subtract, scores, y)), axes: [0, 1])
/// let weights = layer.trainableWeights
/// for (weight, gradient) in zip(weights, try recorder.gradients(of: loss, by: weights)) {
///   let change = try graph.unary(.linear(scale: -0.01, offset: 0), gradient)
///   try recorder.assign(graph.add(recorder.value(of: weight), change), to: weight)
/// }
/// let step = try recorder.finish(returning: [loss])
/// ```
///
/// Only what leads from a loss to the weights asked for is differentiated: frozen layers cost their forward pass.
public final class StepRecorder {
  /// Where operations are recorded.
  public let graph: GraphBuilder
  private let context: CallContext
  private let weightsAreConstant: Bool
  private var slots: [(slot: StepSlot, value: Value, update: Value)] = []
  /// By weight, what the step has assigned to it so far.
  private var versions: [ObjectIdentifier: [Value]] = [:]

  /// - Parameters:
  ///   - isTraining: whether layers that behave differently in training should.
  ///   - seed: of the random numbers of the first step; later steps draw others. nil for the same in each step.
  ///   - weightsAreConstant: whether weights are part of the graph, so that a backend packs them once, instead of
  ///     states: for steps that neither change nor differentiate them.
  ///   - constants: weights that are so while others are not: those of frozen layers.
  public init(
    isTraining: Bool, seed: Int64? = nil, weightsAreConstant: Bool = false, constants: [Variable] = []
  ) {
    self.weightsAreConstant = weightsAreConstant
    let graph = GraphBuilder()
    self.graph = graph
    let seedInput = seed.map { _ in graph.input(TensorSpec([1], .int64), name: Self.seedName) }
    context = CallContext(
      graph: graph, mode: weightsAreConstant ? .constants : .inputs, isTraining: isTraining, seed: seedInput,
      constants: Set(constants.map(ObjectIdentifier.init)))
    if let seed, let seedInput {
      slots.append((StepSlot(name: Self.seedName, initial: Tensor([seed])), seedInput, seedInput))
    }
  }

  private static let seedName = "seed"

  /// A tensor that every step is given, in the order in which they are asked for.
  public func input(_ spec: TensorSpec, name: String = "") -> Value { graph.input(spec, name: name) }

  /// Calls a layer or model; what it adds to the loss, and what it changes, is kept.
  ///
  /// - Returns: its outputs and their masks.
  /// - Throws: what the layer's shape rules throw.
  public func call(
    _ layer: Layer, on inputs: [Value], masks: [Value?]? = nil, arguments: CallArguments = .none
  ) throws(KerasError) -> (outputs: [Value], masks: [Value?]) {
    try context.apply(layer, to: inputs, masks: masks, arguments: arguments)
  }

  /// What layers called so far add to the loss, with the penalties of `layer`'s weights; nil when that is nothing.
  public func addedLoss(of layer: Layer) throws(KerasError) -> Value? {
    var sum: Value?
    for loss in try context.losses + context.regularizationLosses(of: layer) {
      if let known = sum { sum = try graph.add(known, loss) } else { sum = loss }
    }
    return sum
  }

  /// What layers called so far want to be known, by name.
  public var addedMetrics: [(name: String, value: Value)] { context.metrics }

  /// The seed for one use of random numbers, for ``GraphBuilder/random(_:shape:seed:)``.
  public func randomSeed() throws(KerasError) -> Value { try context.randomSeed() }

  /// The value of a weight, in its own element type, as the step has left it so far.
  public func value(of variable: Variable) throws(KerasError) -> Value {
    try context.value(of: variable, as: variable.dataType)
  }

  /// Gives a weight a new value, for layers that the step calls from now on and for the next step. It counts as a
  /// constant to gradients, as a variable that is read again does in Keras.
  ///
  /// - Throws: `shapeMismatch` when the shape is another.
  public func assign(_ value: Value, to variable: Variable) throws(KerasError) {
    try require(
      graph.shape(of: value) == Shape(variable.shape), .shapeMismatch,
      "Expected \(variable.spec), found \(graph.spec(of: value)).", path: [variable.path])
    try context.assign(graph.stoppingGradient(value), to: variable)
    versions[ObjectIdentifier(variable), default: []].append(
      try context.value(of: variable, as: variable.dataType))
  }

  /// Numbers of the step's own that go from step to step, such as an optimizer's; asked for twice, the same.
  ///
  /// - Parameter name: tells it apart from others, also in other programs on the same states.
  public func slot(_ name: String, initial: Tensor) -> Value {
    if let known = slots.first(where: { $0.slot.name == name }) { return known.update }
    let value = graph.input(initial.spec, name: name)
    slots.append((StepSlot(name: name, initial: initial), value, value))
    return value
  }

  /// Gives a slot a new value for the next step.
  ///
  /// - Throws: `unknownName` for one that nobody asked for.
  public func assign(_ value: Value, toSlot name: String) throws(KerasError) {
    guard let index = slots.firstIndex(where: { $0.slot.name == name }) else {
      throw KerasError(
        .unknownName, "The step has no slot called `\(name)`.",
        remedy: "ask for it by slot(_:initial:) first.")
    }
    slots[index].update = value
  }

  /// The weights that layers called so far have used, unless they are constants.
  public var weights: [Variable] { context.parameters.map(\.variable) }

  /// The gradients of a loss by weights; zeros for a weight that it does not depend on. Where the step has changed a
  /// weight, layers called before and after count.
  ///
  /// - Parameter scale: multiplies the loss before it is differentiated, as mixed precision wants; whoever uses the
  ///   gradients divides by it.
  /// - Throws: `notDifferentiable`, naming the operation that stands between.
  public func gradients(
    of loss: Value, by variables: [Variable], scale: Double = 1
  ) throws(KerasError) -> [Value] {
    let spec = graph.spec(of: loss)
    let seed = try graph.broadcast(graph.scalar(scale, spec.dataType), to: spec.shape)
    return try gradients(from: [(loss, seed)], byValues: [], variables).variables
  }

  /// The gradients of `Σ output · seed` by values and weights; zeros where it does not depend on them.
  ///
  /// - Throws: `notDifferentiable`, naming the operation that stands between.
  public func gradients(
    from seeds: [(output: Value, gradient: Value)], byValues values: [Value], _ variables: [Variable]
  ) throws(KerasError) -> (values: [Value], variables: [Value]) {
    if weightsAreConstant, let weight = variables.first { throw constantWeight(weight) }
    // A weight's input, and what the step assigned to it; not what layers make of it, such as moving averages.
    var inputs: [ObjectIdentifier: Value] = [:]
    for parameter in context.parameters { inputs[ObjectIdentifier(parameter.variable)] = parameter.value }
    let parts = variables.map { variable in
      [inputs[ObjectIdentifier(variable)]].compactMap { $0 }
        + versions[ObjectIdentifier(variable), default: []]
    }
    let found = try graph.gradients(from: seeds, to: values + parts.flatMap { $0 })
    var byValue: [Value] = []
    for (value, gradient) in zip(values, found) {
      if let gradient { byValue.append(gradient) } else { byValue.append(try graph.zeros(like: value)) }
    }
    var rest = found.dropFirst(values.count)
    var byVariable: [Value] = []
    for (variable, part) in zip(variables, parts) {
      var sum: Value?
      for gradient in rest.prefix(part.count).compactMap({ $0 }) {
        if let known = sum { sum = try graph.add(known, gradient) } else { sum = gradient }
      }
      rest = rest.dropFirst(part.count)
      if let sum {
        byVariable.append(sum)
      } else {
        byVariable.append(try graph.filled(0, Shape(variable.shape), variable.dataType))
      }
    }
    return (byValue, byVariable)
  }

  /// The finished step.
  ///
  /// - Parameter outputs: what each step returns.
  public func finish(returning outputs: [Value]) throws(KerasError) -> RecordedStep {
    if let index = slots.firstIndex(where: { $0.slot.name == Self.seedName && $0.value == $0.update }) {
      slots[index].update = try graph.add(slots[index].value, graph.scalar(1, .int64))
    }
    let states = context.states()
    if weightsAreConstant, let weight = states.first(where: { !$0.variable.isState })?.variable {
      throw constantWeight(weight)
    }
    return RecordedStep(
      graph: try graph.finish(
        returning: outputs,
        states: states.map(\.state) + slots.map { GraphState(input: $0.value, update: $0.update) }),
      variables: states.map(\.variable), slots: slots.map(\.slot))
  }
}

extension StepRecorder {
  private func constantWeight(_ variable: Variable) -> KerasError {
    KerasError(
      .invalidArgument, "The step was to have constant weights, and changes or differentiates one.",
      path: [variable.path], remedy: "record it with weightsAreConstant: false.")
  }
}

/// A step as a graph whose states are weights, then slots. Steps of several batch shapes, and of training and
/// evaluation, share one ``ResidentStates``.
public struct RecordedStep: Sendable {
  /// As the layers wrote it, without passes.
  public let graph: Graph
  /// The weights among the graph's states, in order.
  public let variables: [Variable]
  /// The states behind them.
  public let slots: [StepSlot]
}

/// Numbers of a step's own.
public struct StepSlot: Sendable {
  public let name: String
  /// What it is in the first step.
  public let initial: Tensor

  public init(name: String, initial: Tensor) {
    self.name = name
    self.initial = initial
  }
}
