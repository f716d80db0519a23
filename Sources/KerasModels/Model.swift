@_exported import KerasLayers

/// A graph of layers from inputs to outputs, itself a layer.
///
/// ```swift
/// let image = Input(shape: [224, 224, 3])
/// let scores = Dense(units: 10, activation: .softmax)(Flatten()(image))
/// let model = try Model(inputs: image, outputs: scores)
/// ```
///
/// Models share layers, and so weights: `Model(inputs: base.input, outputs: base.layer(named: "conv1").output())`.
/// A tensor in the middle may be an input, too; an ``InputLayer`` stands for it then.
///
/// A subclass may keep its layers as properties and say in `call` what they do; its shapes are known once it has
/// been called.
///
/// ```swift
/// final class Classifier: Model, @unchecked Sendable {
///   let hidden = Dense(units: 64, activation: .relu)
///   let scores = Dense(units: 10, activation: .softmax)
///   override func call(_ x: Value, in context: CallContext) throws -> Value {
///     try context.apply(scores, to: context.apply(hidden, to: x))
///   }
/// }
/// ```
open class Model: Layer, @unchecked Sendable {
  /// Empty for a model that says in `call` what it does.
  public package(set) var inputs: [SymbolicTensor] = []
  public package(set) var outputs: [SymbolicTensor] = []
  /// How inputs were given, where that was not one tensor or a list; nil otherwise.
  package var inputStructure: TensorStructure?
  /// How outputs were given, where that was not one tensor or a list; nil otherwise.
  package var outputStructure: TensorStructure?
  /// Whether calls that were recorded with `training` keep it, as in Keras 1 and 2. In Keras 3, whoever calls the model
  /// decides: `predict` says false, and training true.
  package final var keepsTrainingOfCalls = false
  /// The layers from inputs to outputs; nil for a model that says in `call` what it does.
  package var network: LayerNetwork?
  let programs = ProgramCache()
  /// How it was compiled, as a file told; nil once ``trainer`` knows better.
  package var trainingState: TrainingState?
  /// What trains it, since it was compiled.
  package final var trainer: (any ModelTrainer)?
  /// What only this package knows of the model, such as the names of its classes: kept in files beside what Keras
  /// writes, and passed over by Python's Keras.
  package final var supplement: JSON?

  /// - Throws: the first error of the symbolic calls that led here; `invalidArgument` when an output does
  ///   not depend on the inputs alone, or two layers share a name.
  public init(inputs: [SymbolicTensor], outputs: [SymbolicTensor], name: String? = nil) throws(KerasError) {
    for tensor in inputs + outputs {
      if let error = tensor.error { throw name.map(error.within) ?? error }
    }
    super.init(name: name ?? Session.current.uniqueName("functional"))
    try connect(inputs: inputs, outputs: outputs)
  }

  public convenience init(inputs: SymbolicTensor, outputs: SymbolicTensor, name: String? = nil)
    throws(KerasError)
  {
    try self.init(inputs: [inputs], outputs: [outputs], name: name)
  }

  /// For subclasses that keep layers as properties and override `call`.
  public override init(name: String? = nil) { super.init(name: name) }

  /// Makes the model what leads from inputs to outputs.
  package final func connect(inputs: [SymbolicTensor], outputs: [SymbolicTensor]) throws(KerasError) {
    for tensor in inputs + outputs {
      if let error = tensor.error { throw error }
    }
    guard !inputs.isEmpty, !outputs.isEmpty else {
      throw KerasError(.invalidArgument, "A model needs at least one input and one output.")
    }
    let (inputs, outputs) = try LayerNetwork.detached(inputs, outputs)
    let network = try LayerNetwork(from: inputs, to: outputs)
    try checkNames(of: network.layers)
    (self.inputs, self.outputs, self.network) = (inputs, outputs, network)
    // It was about other layers.
    supplement = nil
  }

  open override var className: String {
    type(of: self) == Model.self || network != nil ? "Functional" : "\(Self.self)"
  }

  /// Of connected models with every layer and its calls.
  open override var serialized: SerializedObject {
    var object = super.serialized
    guard let connectedConfig else { return object }
    object.config = connectedConfig
    (object.module, object.registeredName) =
      self is Sequential ? ("keras", nil) : ("keras.src.models.functional", "Functional")
    return object
  }

  /// One line for people: `Functional functional: (None, 3) → (None, 10), 2 layers, 40 parameters`.
  open override var description: String {
    guard network != nil else { return super.description }
    let shapes = [inputs, outputs].map { $0.map { "\($0.shape)" }.joined(separator: ", ") }
    return "\(className) \(name): \(shapes[0]) → \(shapes[1]), \(layers.count) layers, \(parameterCount) parameters"
  }

  /// The layers in Keras' order: by falling distance from the outputs, ties in the order of a walk from them; of a
  /// model that keeps them as properties, in the order of those.
  open var layers: [Layer] { network?.layers ?? propertyLayers.map(\.layer) }

  open override var heldLayers: [Layer] { layers + children.map(\.layer) }

  /// The calls that lead from inputs to outputs, each after those it needs.
  package var networkCalls: [LayerCall] { network?.calls ?? [] }

  /// The first input.
  ///
  /// A model that says in `call` what it does has none: asking fails as using a failed tensor does.
  public var input: SymbolicTensor { inputs.first ?? SymbolicTensor(error: unconnected("input")) }
  /// The first output.
  public var output: SymbolicTensor { outputs.first ?? SymbolicTensor(error: unconnected("output")) }

  private func unconnected(_ what: String) -> KerasError {
    KerasError(
      .invalidArgument, "The model has no symbolic \(what): its layers are not connected yet.", path: [name],
      remedy: "call it on Input(shape:), and make a model of the result.")
  }

  // MARK: Layers by name

  /// The layer called `name`; `outer/inner` reaches into a nested model.
  ///
  /// - Throws: `unknownName`, listing the nearest names.
  public func layer(named name: String) throws(KerasError) -> Layer {
    if let layer = layers.first(where: { $0.name == name }) { return layer }
    for case let nested as Model in layers where name.hasPrefix(nested.name + "/") {
      return try within(self.name) { () throws(KerasError) in
        try nested.layer(named: String(name.dropFirst(nested.name.count + 1)))
      }
    }
    let names = nearestNames(to: name, among: layers.map(\.name))
    throw KerasError(
      .unknownName, "There is no layer called `\(name)`.", path: [self.name],
      remedy: names.isEmpty ? nil : "did you mean " + names.joined(separator: ", ") + "?")
  }

  // MARK: Weights

  open override var isTrainable: Bool {
    didSet { for layer in layers { layer.isTrainable = isTrainable } }
  }

  open override var weights: [Variable] { unique(ownWeights + layers.flatMap(\.weights)) }

  open override var trainableWeights: [Variable] {
    guard isTrainable else { return [] }
    let frozen = frozenWeights
    return weights.filter { $0.isTrainable && !frozen.contains(ObjectIdentifier($0)) }
  }

  open override var states: [Variable] { unique(ownStates + layers.flatMap(\.states)) }

  /// Those their own layer keeps from training. As in Keras, freezing a model inside this one freezes its
  /// layers, and one thawed again afterwards trains.
  private var frozenWeights: Set<ObjectIdentifier> {
    layers.reduce(into: []) { frozen, layer in
      if let model = layer as? Model {
        frozen.formUnion(model.frozenWeights)
      } else {
        frozen.formUnion(layer.nonTrainableWeights.map(ObjectIdentifier.init))
      }
    }
  }

  // MARK: Computing

  open override var callParameters: [String] { ["inputs", "mask"] }

  /// Records every layer's computation, from inputs to outputs.
  open override func call(_ inputs: [Value], in context: CallContext) throws -> [Value] {
    guard network != nil else { return try super.call(inputs, in: context) }
    let results = try replay(on: inputsWithMasks(inputs, in: context), in: context)
    context.setOutputMasks(outputs.map { results[$0]?.mask })
    return outputs.compactMap { results[$0]?.value }
  }

  /// Records what predictions compute: by default the model itself. A subclass that predicts something else than it is
  /// trained for overrides it, as `predict_step` in Keras.
  ///
  /// ```swift
  /// final class Classifier: Model, @unchecked Sendable {
  ///   let logits = Dense(units: 10)
  ///   override func call(_ x: Value, in context: CallContext) throws -> Value {
  ///     try context.apply(logits, to: x)
  ///   }
  ///   override func predictStep(_ inputs: [Value], in context: CallContext) throws -> [Value] {
  ///     [try Ops.softmax(context[context.apply(self, to: inputs[0])]).value]
  ///   }
  /// }
  /// ```
  open func predictStep(_ inputs: [Value], in context: CallContext) throws -> [Value] {
    try context.apply(self, to: inputs).outputs
  }

  /// The inputs and their masks: those of the call's arguments, which files of Keras 3 hold, else what tensors carry.
  private func inputsWithMasks(
    _ inputs: [Value], in context: CallContext
  ) throws(KerasError) -> [(value: Value, mask: Value?)] {
    let isMask = context.arguments.names.map { isArgument($0, of: "mask") }
    let given = context.elements(of: "mask")
    var found: [(value: Value, mask: Value?)] = []
    for (position, value) in inputs.enumerated() where !isMask.indices.contains(position) || !isMask[position] {
      let mask = given.indices.contains(found.count) ? given[found.count] : nil
      let bits = try mask.map { (mask) throws(KerasError) in try context.graph.truth(of: mask) }
      found.append((value, bits ?? context.mask(position)))
    }
    return found
  }

  /// What each tensor of a connected model becomes when its calls are made again.
  private func replay(
    on inputs: [(value: Value, mask: Value?)], in context: CallContext
  ) throws(KerasError) -> [SymbolicTensor: (value: Value, mask: Value?)] {
    guard inputs.count == self.inputs.count else {
      let (count, noun) = (self.inputs.count, self.inputs.count == 1 ? "input" : "inputs")
      throw KerasError(
        .invalidArgument, "Expected \(count) \(noun), found \(inputs.count).",
        remedy: "give a tensor for each of: \(inputNames.joined(separator: ", ")).")
    }
    var results: [SymbolicTensor: (value: Value, mask: Value?)] = [:]
    for (tensor, input) in zip(self.inputs, inputs) {
      let spec = context.graph.spec(of: input.value)
      guard tensor.shape.allows(spec.shape) else {
        throw KerasError(
          .shapeMismatch, "Expected \(tensor.spec), found \(spec).",
          path: [tensor.origin?.layer.name ?? "input"])
      }
      // Layers convert floating-point types themselves.
      let isReal = tensor.dataType.isFloatingPoint && spec.dataType.isFloatingPoint
      let value = isReal ? input.value : try context.graph.cast(input.value, to: tensor.dataType)
      results[tensor] = (value, input.mask)
    }
    for call in network?.calls ?? [] where !call.inputs.isEmpty {
      let arguments = call.inputs.compactMap { results[$0] }
      precondition(arguments.count == call.inputs.count, "a call before those it needs")
      let (outputs, masks) = try context.apply(
        call.layer, to: arguments.map(\.value),
        masks: arguments.map { context.remaining($0.mask, of: $0.value) },
        arguments: keepsTrainingOfCalls ? call.arguments : call.arguments.withoutTraining)
      for (output, result) in outputs.enumerated() {
        let tensor = SymbolicTensor(spec: call.outputSpecs[output], origin: call, output: output)
        results[tensor] = (result, masks[output])
      }
    }
    return results
  }

  /// The tensors that carry masks, when those the model is called with carry none.
  func maskedTensors() throws(KerasError) -> Set<SymbolicTensor> {
    let graph = GraphBuilder()
    let context = CallContext(graph: graph, mode: .shapes, path: "")
    let results = try replay(on: inputs.map { (graph.input($0.spec), nil) }, in: context)
    return Set(results.filter { $0.value.mask != nil }.keys)
  }

  /// What a model holds converts its inputs itself.
  open override var castsInputs: Bool { false }

  /// A sentence for people when inputs look wrong although they fit, such as pixels nobody preprocessed.
  open func inputWarning(for inputs: [Tensor]) -> String? { nil }

  private func checkNames(of layers: [Layer]) throws(KerasError) {
    var seen: Set<String> = []
    for layer in layers where !seen.insert(layer.name).inserted {
      throw KerasError(
        .invalidArgument, "Two layers are called `\(layer.name)`.", path: [name],
        remedy: "give one of them another name.")
    }
  }
}

extension CallArguments {
  fileprivate var withoutTraining: CallArguments {
    guard options["training"] != nil else { return self }
    var arguments = self
    arguments.options["training"] = nil
    return arguments
  }
}

extension Shape {
  /// Whether a tensor of the shape `other` may be what this one describes: no length that both know differs.
  fileprivate func allows(_ other: Shape) -> Bool {
    rank == other.rank && zip(self, other).allSatisfy { $0 == nil || $1 == nil || $0 == $1 }
  }
}
