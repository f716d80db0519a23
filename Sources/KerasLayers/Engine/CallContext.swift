import KerasGraph

/// What a layer's `call` works with: the graph, the values of its weights, masks, and what training needs.
public final class CallContext {
  package enum Mode: Sendable {
    /// Only shapes are wanted: weights are stand-ins, so that none is computed.
    case shapes
    /// The graph is to be run as it is: weights are constants.
    case constants
    /// Costs are wanted: weights are constants, of which no number is read.
    case zeros(ZeroMemory)
    /// The graph is to be differentiated, or run with other weights: weights are inputs.
    case inputs
  }

  /// Where the computation is recorded.
  public let graph: GraphBuilder
  /// Whether layers that behave differently in training (dropout, batch normalization) should.
  public private(set) var isTraining: Bool
  private let mode: Mode
  /// Weights that are constants even where others are inputs.
  private let constants: Set<ObjectIdentifier>
  private var values: [ObjectIdentifier: Value] = [:]
  /// The layer being called, innermost.
  private var frame = Frame()
  private var randomDraws: UInt64 = 0
  private let seed: Value?
  /// Where the values come from that the step of a loop asks for; nil outside of loops.
  private let surroundings: CallContext?
  /// What the step of a loop has asked for, in order: the value outside, and what stands for it inside.
  private var captures: [(outside: Value, inside: Value)] = []

  /// The weights that are inputs of the graph, in the order in which layers asked for them.
  package private(set) var parameters: [(variable: Variable, value: Value)] = []
  /// The new values of weights that the computation itself changes, such as moving averages.
  package private(set) var updates: [(variable: Variable, value: Value)] = []
  /// What layers add to the loss: activity regularizers and the user's own.
  package private(set) var losses: [Value] = []
  /// What layers want to be known while training, by name.
  package private(set) var metrics: [(name: String, value: Value)] = []
  /// A layer, perhaps deep inside a model, whose outputs somebody wants to know while the model is recorded.
  package var watchedLayer: Layer?
  /// What each call of ``watchedLayer`` gave, in the order of the calls.
  package private(set) var watchedOutputs: [[Value]] = []

  private struct Frame {
    var path = ""
    var computeType = DataType.float32
    var arguments = CallArguments.none
    var inputs: [Value] = []
    var masks: [Value?] = []
    var outputMasks: [Value?]?
    /// The layers being called, outermost first.
    var callers: [Layer] = []
  }

  /// - Parameter seed: of everything random in the graph, `int64 [1]`; another for each step of training.
  ///   nil for a fixed one.
  package init(
    graph: GraphBuilder, mode: Mode, isTraining: Bool = false, seed: Value? = nil,
    constants: Set<ObjectIdentifier> = [], path: String = ""
  ) {
    self.constants = constants
    frame.path = path
    self.graph = graph
    self.mode = mode
    self.isTraining = isTraining
    self.seed = seed
    surroundings = nil
  }

  /// For the step of a loop, which is recorded into a graph of its own.
  private init(stepIn graph: GraphBuilder, of surroundings: CallContext) {
    self.graph = graph
    self.surroundings = surroundings
    mode = surroundings.mode
    constants = surroundings.constants
    isTraining = surroundings.isTraining
    frame = surroundings.frame
    frame.outputMasks = nil
    seed = nil
    graph.scope = surroundings.graph.scope
  }

  /// Whether only shapes are asked for; the graph will not be run.
  package var isMeasuring: Bool { if case .shapes = mode { true } else { false } }

  // MARK: Weights

  /// The graph's value for a weight, in the layer's element type; the same one each time.
  public func value(of variable: Variable) throws(KerasError) -> Value {
    try value(of: variable, as: frame.computeType)
  }

  /// The same in another element type.
  package func value(of variable: Variable, as type: DataType) throws(KerasError) -> Value {
    // Converted outside of a loop, once for all steps.
    if let surroundings { return captured(try surroundings.value(of: variable, as: type)) }
    let value = storedValue(of: variable)
    guard variable.dataType.isFloatingPoint, type.isFloatingPoint else { return value }
    return try graph.cast(value, to: type)
  }

  private func storedValue(of variable: Variable) -> Value {
    if let surroundings { return captured(surroundings.storedValue(of: variable)) }
    if let known = values[ObjectIdentifier(variable)] { return known }
    let value: Value
    switch mode {
    case .shapes: value = graph.placeholder(variable.spec)
    case .constants where !variable.isState, .inputs where constants.contains(ObjectIdentifier(variable)):
      value = graph.constant(variable.value, name: variable.path)
    case .zeros(let memory) where !variable.isState:
      value = graph.constant(memory.tensor(variable.spec), name: variable.path)
    case .constants, .zeros, .inputs:
      value = graph.input(variable.spec, name: variable.path)
      parameters.append((variable, value))
    }
    values[ObjectIdentifier(variable)] = value
    return value
  }

  /// Gives a weight a new value, which takes effect when the run is over; later layers of this call see it already.
  public func assign(_ value: Value, to variable: Variable) throws(KerasError) {
    let converted = try graph.cast(value, to: variable.dataType)
    values[ObjectIdentifier(variable)] = converted
    updates.removeAll { $0.variable === variable }
    updates.append((variable, converted))
  }

  /// The weights that are inputs of the graph, each with its new value; one that is assigned and never read becomes an
  /// input, too.
  package func states() -> [(variable: Variable, state: GraphState)] {
    for update in updates where !parameters.contains(where: { $0.variable === update.variable }) {
      let input = graph.input(update.variable.spec, name: update.variable.path)
      parameters.append((update.variable, input))
    }
    return parameters.map { variable, input in
      let update = updates.first { $0.variable === variable }?.value ?? input
      return (variable, GraphState(input: input, update: update))
    }
  }

  // MARK: Training

  /// Adds one number to the loss of training.
  public func addLoss(_ loss: Value) { losses.append(loss) }

  /// Lets training and evaluation show a number: its mean over all batches of an epoch stands under `name` beside loss
  /// and metrics, as with `add_metric` of Keras 2. Of several numbers, their mean counts.
  public func addMetric(_ value: Value, name: String) { metrics.append((name, value)) }

  /// The seed for one use of random numbers, for ``GraphBuilder/random(_:shape:seed:)``.
  ///
  /// - Parameter layerSeed: the user's own, if any.
  public func randomSeed(_ layerSeed: Int? = nil) throws(KerasError) -> Value {
    if let surroundings { return captured(try surroundings.randomSeed(layerSeed)) }
    randomDraws += 1
    let stream = Int64(
      truncatingIfNeeded: randomDraws &+ (layerSeed.map { UInt64(bitPattern: Int64($0)) << 20 } ?? 0))
    guard let seed else { return graph.constant(Tensor([0, stream])) }
    return try graph.concatenate([seed, graph.constant(Tensor([stream]))], axis: 0)
  }

  // MARK: The call

  /// The mask of the input number `position`: `bool`, true where there is something; nil for none.
  public func mask(_ position: Int = 0) -> Value? {
    frame.masks.indices.contains(position) ? frame.masks[position] : nil
  }

  /// The masks of all inputs.
  public var masks: [Value?] { frame.masks }

  /// The tensors that ``takeMasksOff(_:)`` was asked for.
  private var unmasked: Set<Value> = []

  /// Takes the masks off tensors for all that reads them later, as `MultiHeadAttention` of Keras 3 does.
  package func takeMasksOff(_ values: [Value]) { unmasked.formUnion(values) }

  /// The mask that a tensor carries on its way through a model: what it was given, unless it has been taken off.
  package func remaining(_ mask: Value?, of value: Value) -> Value? { unmasked.contains(value) ? nil : mask }

  /// Gives the outputs masks of their own; otherwise a layer that supports masks passes the first input's on.
  public func setOutputMasks(_ masks: [Value?]) { frame.outputMasks = masks }

  /// The input for the parameter `name`, as Keras calls it; nil when the caller gave none.
  public func input(named name: String) -> Value? {
    frame.arguments.names.firstIndex(of: name).flatMap {
      frame.inputs.indices.contains($0) ? frame.inputs[$0] : nil
    }
  }

  /// The inputs for the parameter `name`, of which there may be several.
  public func inputs(named name: String) -> [Value] {
    zip(frame.arguments.names, frame.inputs).filter { $0.0 == name }.map(\.1)
  }

  /// The elements of a list for the parameter `name`, nil where one is missing: an element of which others are missing
  /// is the argument `name[1]`.
  package func elements(of name: String) -> [Value?] {
    var elements: [Value?] = []
    for (argument, value) in zip(frame.arguments.names, frame.inputs) where isArgument(argument, of: name) {
      let place = Int(argument.dropFirst(name.count + 1).dropLast()) ?? elements.count
      // No list is longer than what it was called with, counting what is missing.
      guard (0..<1 << 16).contains(place) else { continue }
      while elements.count <= place { elements.append(nil) }
      elements[place] = value
    }
    return elements
  }

  /// The mask of the input for the parameter `name`.
  public func mask(named name: String) -> Value? {
    frame.arguments.names.firstIndex(of: name).flatMap { mask($0) }
  }

  /// The plain settings of this call.
  public var options: JSONObject { frame.arguments.options }
  public var arguments: CallArguments { frame.arguments }

  /// Calls another layer: builds it if needed, hands masks over, and adds what it adds to the loss.
  ///
  /// - Returns: the outputs and their masks.
  public func apply(
    _ layer: Layer, to inputs: [Value], masks: [Value?]? = nil, arguments: CallArguments = .none
  ) throws(KerasError) -> (outputs: [Value], masks: [Value?]) {
    try enter(layer, with: inputs, masks: masks, arguments: arguments) { (inputs) throws(KerasError) in
      let outputs = try wrappingErrors { try layer.call(inputs, in: self) }
      if let regularizer = layer.activityRegularizer {
        for output in outputs { try addActivityLoss(regularizer, of: output) }
      }
      if layer === watchedLayer { watchedOutputs.append(outputs) }
      return (outputs, try outputMasks(of: layer, for: outputs))
    }
  }

  /// The masks of a layer's outputs, inside ``enter(_:with:masks:arguments:_:)``: those it set, else the first input's.
  package func outputMasks(of layer: Layer, for outputs: [Value]) throws(KerasError) -> [Value?] {
    if let masks = frame.outputMasks { return masks }
    guard layer.supportsMasking else { return outputs.map { _ in nil } }
    let passed =
      try input(named: "mask").map { (mask) throws(KerasError) in try graph.truth(of: mask) } ?? mask()
    return outputs.map { _ in passed }
  }

  /// Runs `body` as a call of `layer`: under its name and path, in its element type, with its masks and arguments.
  ///
  /// - Parameter body: gets the inputs in the layer's own element type.
  package func enter<Result>(
    _ layer: Layer, with inputs: [Value], masks: [Value?]? = nil, arguments: CallArguments = .none,
    _ body: (_ inputs: [Value]) throws(KerasError) -> Result
  ) throws(KerasError) -> Result {
    let outer = (frame: frame, scope: graph.scope, isTraining: isTraining)
    defer { (frame, graph.scope, isTraining) = outer }
    return try within(layer.name) { () throws(KerasError) in
      try layer.ensureBuilt(for: inputs.map(graph.spec(of:)), arguments: arguments, in: outer.frame.path)
      let inputs = try layer.casting(inputs, in: graph)
      layer.warnIfLost(calledBy: outer.frame.callers)
      frame = Frame(
        path: layer.path, computeType: layer.dataTypePolicy.computeType, arguments: arguments, inputs: inputs,
        masks: masks ?? inputs.map { _ in nil }, callers: outer.frame.callers + [layer])
      graph.scope =
        outer.scope.isEmpty || outer.frame.path.isEmpty ? layer.name : "\(outer.scope)/\(layer.name)"
      if let training = arguments.options["training"]?.bool { isTraining = training }
      return try body(inputs)
    }
  }

  /// The same for one tensor.
  public func apply(_ layer: Layer, to input: Value, mask: Value? = nil) throws(KerasError) -> Value {
    try apply(layer, to: [input], masks: [mask]).outputs[0]
  }

  // MARK: Loops

  /// Runs `step` once for each element along the first axis of `sequences`, carrying states along.
  ///
  /// The context that `step` gets stands for this one: weights are those outside, random seeds are drawn once for
  /// all steps, and what is added to the loss is added up over the steps. Other values of the graph outside come in
  /// by ``captured(_:)``.
  ///
  /// - Parameter isReversed: whether it runs from the last element to the first; outputs stand at the element they
  ///   belong to.
  /// - Returns: the states after the last step, and the outputs stacked along a first axis.
  /// - Throws: `shapeMismatch` when a state changes its shape; `unsupported` when a step assigns to a weight.
  public func scan(
    states: [Value], over sequences: [Value], isReversed: Bool = false,
    _ step: (
      _ context: CallContext, _ states: [Value], _ elements: [Value]
    ) throws(KerasError) -> (states: [Value], outputs: [Value])
  ) throws(KerasError) -> (states: [Value], outputs: [Value]) {
    let body = GraphBuilder()
    let inner = CallContext(stepIn: body, of: self)
    let carried = states.map { body.input(graph.spec(of: $0)) }
    var elements: [Value] = []
    for sequence in sequences {
      let spec = graph.spec(of: sequence)
      try require(spec.shape.rank >= 1, .shapeMismatch, "A sequence needs a time axis, found \(spec).")
      elements.append(body.input(TensorSpec(Shape(Array(spec.shape.dropFirst())), spec.dataType)))
    }
    let results = try step(inner, carried, elements)
    try require(
      results.states.count == states.count,
      "A step must return \(states.count) states, found \(results.states.count).")
    if let update = inner.updates.first {
      throw KerasError(
        .unsupported, "The step of a loop cannot change a weight, as it does \(update.variable.path).",
        remedy: "carry it along as a state.")
    }
    let added = inner.losses + inner.metrics.map(\.value)
    let operation = ScanOperation(
      body: body.finish(returning: results.states + results.outputs + added), stateCount: states.count,
      sequenceCount: sequences.count, isReversed: isReversed)
    let values = try graph.append(.scan(operation), states + sequences + inner.captures.map(\.outside))
    let outputs = Array(values.dropFirst(states.count))
    for loss in outputs.dropFirst(results.outputs.count).prefix(inner.losses.count) {
      addLoss(try graph.reduce(.sum, loss, axes: Array(graph.shape(of: loss).indices)))
    }
    for (metric, values) in zip(inner.metrics, outputs.suffix(inner.metrics.count)) {
      addMetric(values, name: metric.name)
    }
    return (Array(values.prefix(states.count)), Array(outputs.prefix(results.outputs.count)))
  }

  /// Inside a loop, what stands for `value` of the graph outside.
  public func captured(_ value: Value) -> Value {
    guard let surroundings else { return value }
    if let known = captures.first(where: { $0.outside == value }) { return known.inside }
    let inside = graph.input(surroundings.graph.spec(of: value))
    captures.append((value, inside))
    return inside
  }

  // MARK: Losses

  /// As Keras 3, a penalty of activations is divided by the number of samples.
  func addActivityLoss(_ regularizer: any Regularizer, of output: Value) throws(KerasError) {
    var loss = try wrappingErrors { try regularizer.loss(of: output, in: graph) }
    if let first = graph.shape(of: output).first {
      guard let count = first else { return addLoss(graph.placeholder(graph.spec(of: loss))) }
      loss = try graph.unary(.linear(scale: 1 / Float(max(count, 1)), offset: 0), loss)
    }
    addLoss(loss)
  }

  /// The penalties of a layer's weights, layers inside included.
  package func regularizationLosses(of layer: Layer) throws(KerasError) -> [Value] {
    var losses: [Value] = []
    for variable in layer.trainableWeights {
      guard let regularizer = variable.regularizer else { continue }
      let penalty = try wrappingErrors { try regularizer.loss(of: storedValue(of: variable), in: graph) }
      losses.append(penalty)
    }
    return losses
  }
}

/// Whether an argument is for the parameter `name`: all of it, or an element of its list, as `mask[1]`.
package func isArgument(_ argument: String, of name: String) -> Bool {
  argument == name || argument.hasPrefix(name + "[") && argument.hasSuffix("]")
}
