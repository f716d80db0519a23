@_exported import KerasGraph
import Synchronization

/// A piece of a model: weights, and what they do to tensors.
///
/// A layer writes its computation once, in graph operations (``call(_:in:)``); shapes, prediction, training
/// and every backend read that. Weights are made in ``build(for:)``, when the first input's shape is known.
/// Calling a layer twice shares its weights.
/// What a subclass overrides may throw any error; one of another type becomes a ``KerasError`` of kind `custom`.
///
/// ```swift
/// final class Scale: Layer, @unchecked Sendable {
///   override func build(for inputs: [TensorSpec]) throws {
///     addWeight("scale", shape: [try knownLength(-1, of: inputs[0])], initializer: .ones)
///   }
///   override func call(_ x: Value, in context: CallContext) throws -> Value {
///     try context.graph.multiply(x, context.value(of: weight("scale")))
///   }
/// }
/// ```
///
/// Building and changing a layer is for one thread at a time; predicting is for any number.
open class Layer: CustomStringConvertible, @unchecked Sendable {
  /// Unique within a model; part of the weight files' format.
  public package(set) var name: String
  /// The names from the outermost layer that holds this one down to it; known once built.
  public private(set) var path: String
  /// Whether training changes the weights. A frozen ``BatchNormalization`` also predicts in training.
  open var isTrainable = true {
    didSet { for child in children { child.layer.isTrainable = isTrainable } }
  }
  /// The element types of weights and computation; at first what ``Session/dataTypePolicy`` says.
  public var dataTypePolicy: DataTypePolicy { didSet { structureDidChange() } }
  /// A penalty on the outputs that training adds to its loss.
  public var activityRegularizer: (any Regularizer)?
  /// In the order they were added.
  public private(set) var ownWeights: [Variable] = []
  /// What predictions change; not stored in files.
  public private(set) var ownStates: [Variable] = []
  /// Layers inside this one, under the names that files of Keras 3 give them.
  public private(set) var children: [(attribute: String, layer: Layer)] = []
  /// Every call whose result somebody still holds, in order.
  public var calls: [LayerCall] { recordedCalls.compactMap(\.call) }
  /// Weak, because a call holds its layer: otherwise no model would ever be freed.
  private var recordedCalls: [WeakCall] = []
  private var callCount = 0
  /// When it was made or last changed in what it computes, values of weights apart, by ``Variable/now``.
  package private(set) var structureTick = Variable.tick()
  public private(set) var isBuilt = false
  /// The shapes the layer was built for.
  package private(set) var builtInputs: [TensorSpec] = []
  /// The parameters these were for, where the call named them.
  package private(set) var builtNames: [String] = []

  /// - Parameter name: nil for an automatic one: the class name in snake case, numbered.
  public init(name: String? = nil) {
    self.name = name ?? Session.current.uniqueName(snakeCase(Self.ownName))
    path = self.name
    dataTypePolicy = Session.current.dataTypePolicy
  }

  /// Keras' name of the class, as files and summaries show it.
  open var className: String { Self.ownName }

  /// The same for the class; those that are generic say it themselves.
  package class var ownName: String { "\(Self.self)" }

  /// Makes programs stale that were prepared before. To be called by what changes the computation of a layer, other
  /// than by adding weights and layers or assigning weights.
  public final func structureDidChange() { structureTick = Variable.tick() }

  /// One line for people: `Dense dense: 40 parameters`.
  open var description: String {
    "\(className) \(name): " + (isBuilt ? "\(parameterCount) parameters" : "not built yet")
  }

  // MARK: For subclasses

  /// The layer's own configuration: its constructor's arguments under Keras' names, by default every ``Setting``.
  ///
  /// What every layer has (`name`, `trainable`, `dtype`) is added in ``serialized``, of whose `config` this is a part.
  open var config: JSONObject { writtenSettings(of: self) }

  /// What of that is added; a few classes of Keras take less.
  open var commonSettings: CommonSettings { .all }

  /// The layer as files hold it: its class and its whole configuration.
  open var serialized: SerializedObject {
    var object = commonConfig.merging(config)
    if let activityRegularizer, object["activity_regularizer"] == nil {
      object["activity_regularizer"] = activityRegularizer.json
    }
    for key in nullSettings where object[key] == nil { object[key] = .null }
    // A user's class is in no module, and known by the name it is registered under.
    let registeredName = Layers.isKeras(className) ? nil : "Custom>\(className)"
    var serialized = SerializedObject(
      module: registeredName == nil ? Layers.modulesOfApplications[className] ?? "keras.layers" : nil,
      className: className, config: object, registeredName: registeredName)
    serialized.sharedNumber = SharedLayers.number(of: self)
    return serialized
  }

  private var commonConfig: JSONObject {
    switch commonSettings {
    case .none: [:]
    case .name: ["name": .string(name)]
    case .nameAndType: ["name": .string(name), "dtype": .string(dataTypePolicy.name)]
    case .all: ["name": .string(name), "trainable": .bool(isTrainable), "dtype": dataTypePolicy.json]
    }
  }

  /// Called when a file's settings have replaced those the layer was made with: for what depends on several, and for
  /// what is not a ``Setting``.
  open func settingsWereRead(from configuration: Configuration) throws(KerasError) {}

  /// Settings that files hold as null where there is nothing to say.
  package var nullSettings: [String] { [] }

  /// What the layer keeps beside settings and weights, such as a vocabulary it learnt, by file name in an archive.
  open var assets: [String: [UInt8]] { [:] }

  /// Takes back what ``assets`` gave.
  open func loadAssets(_ files: [String: [UInt8]]) throws {}

  /// Arrays that Keras 3's files hold beside the weights under names of their own; taken back before the assets.
  open var namedArrays: [String: Tensor] { [:] }
  /// The names such arrays may have.
  open var arrayNames: [String] { [] }
  open func loadArrays(_ arrays: [String: Tensor]) throws {}

  /// Whether masks of inputs are passed on to the outputs.
  open var supportsMasking: Bool { false }

  /// The parameters of the call that take tensors, in Keras' order.
  open var callParameters: [String] { ["inputs"] }

  /// Those of ``callParameters`` that take a list even of one tensor.
  open var listParameters: [String] { [] }

  /// Makes the weights for inputs of these specs. Called once, before the first call.
  open func build(for inputs: [TensorSpec]) throws {}

  /// The same where it matters which parameter each input is for.
  open func build(for inputs: [TensorSpec], arguments: CallArguments) throws {
    try build(for: inputs)
  }

  /// Records the computation for one input.
  open func call(_ input: Value, in context: CallContext) throws -> Value {
    throw KerasError(
      .unsupported, "\(className) does not say what it computes.", remedy: "override call(_:in:).")
  }

  /// Records the computation for any number of inputs and outputs; by default, one of each.
  open func call(_ inputs: [Value], in context: CallContext) throws -> [Value] {
    guard inputs.count == 1 else {
      throw KerasError(
        .invalidArgument, "\(className) takes one input, found \(inputs.count).",
        remedy: "join them first, with a layer such as Concatenate or Add.")
    }
    return [try call(inputs[0], in: context)]
  }

  /// Adds a weight called `name`.
  ///
  /// - Parameter dataType: nil for the layer's own.
  @discardableResult
  public final func addWeight(
    _ weightName: String, shape: [Int], initializer: any Initializer, regularizer: (any Regularizer)? = nil,
    constraint: (any Constraint)? = nil, isTrainable: Bool = true, dataType: DataType? = nil
  ) -> Variable {
    let variable = Variable(
      name: weightName, path: "\(path)/\(weightName)", shape: shape,
      dataType: dataType ?? dataTypePolicy.variableType, initializer: initializer, isTrainable: isTrainable,
      regularizer: regularizer, constraint: constraint, stream: Session.current.nextRandomStream())
    ownWeights.append(variable)
    structureDidChange()
    return variable
  }

  /// Lets a weight of a layer inside count as this one's own, too, as Keras' files have it for wrappers.
  public final func adoptWeight(_ variable: Variable) { ownWeights.append(variable) }

  /// Adds a tensor of zeros that predictions change and files do not hold.
  @discardableResult
  public final func addState(_ stateName: String, shape: [Int], dataType: DataType? = nil) -> Variable {
    let variable = Variable(
      name: stateName, path: "\(path)/\(stateName)", shape: shape,
      dataType: dataType ?? dataTypePolicy.computeType,
      initializer: .zeros, isTrainable: false, isState: true, stream: Session.current.nextRandomStream())
    ownStates.append(variable)
    return variable
  }

  /// Says that `layer` is part of this one: its weights count as this layer's.
  ///
  /// - Parameter attribute: what the attribute is called in Keras; `.weights.h5` files name groups by it. An element
  ///   of a list is `attribute/class_name`.
  @discardableResult
  public final func addChild<Child: Layer>(_ attribute: String, _ layer: Child) -> Child {
    children.append((attribute, layer))
    structureDidChange()
    return layer
  }

  /// Layers whose weights are saved and trained with this one's.
  open var heldLayers: [Layer] { children.map(\.layer) }

  private var hasWarned = false

  /// Says once that the layer has weights that none of its callers, outermost first, holds.
  final func warnIfLost(calledBy callers: [Layer]) {
    guard let caller = callers.last, !hasWarned, !(ownWeights.isEmpty && children.isEmpty), !weights.isEmpty,
      !callers.contains(where: { $0.holds(self) })
    else { return }
    hasWarned = true
    Warnings.report(
      "`\(name)` is called inside `\(caller.name)` but is no part of it: its weights are neither saved nor trained. "
        + "Make it one with addChild(_:_:), or keep it as a property of a Model.")
  }

  private func holds(_ layer: Layer) -> Bool {
    heldLayers.contains { $0 === layer } || heldLayers.contains { $0.holds(layer) }
  }

  /// Makes the layer with weights that an activation may be a part of this one.
  final func adopt(_ activation: ActivationFunction) {
    if let layer = activation.weightedLayer { addChild("activation", layer) }
  }

  /// Makes the weights of a layer inside this one, whose names begin with this one's path.
  public final func buildChild(
    _ layer: Layer, for inputs: [TensorSpec], arguments: CallArguments = .none
  ) throws(KerasError) {
    try within(layer.name) { () throws(KerasError) in
      try layer.ensureBuilt(for: inputs, arguments: arguments, in: path)
    }
  }

  /// The weight called `name`, which ``build(for:)`` has added.
  public final func weight(_ name: String) throws(KerasError) -> Variable {
    guard let variable = ownWeights.first(where: { $0.name == name }) else {
      throw KerasError(.unknownName, "The layer has no weight called `\(name)`.", path: [self.name])
    }
    return variable
  }

  // MARK: Weights

  /// The weights in Keras' order: this layer's trainable ones, its others, then those of the layers inside.
  open var weights: [Variable] {
    unique(orderedOwnWeights + children.flatMap(\.layer.weights))
  }

  /// This layer's own in Keras' order: those made for training first.
  package final var orderedOwnWeights: [Variable] {
    ownWeights.filter(\.isMadeForTraining) + ownWeights.filter { !$0.isMadeForTraining }
  }

  /// Those that training changes.
  open var trainableWeights: [Variable] {
    guard isTrainable else { return [] }
    return unique(ownWeights.filter(\.isTrainable) + children.flatMap(\.layer.trainableWeights))
  }
  open var nonTrainableWeights: [Variable] {
    let trainable = Set(trainableWeights.map(ObjectIdentifier.init))
    return weights.filter { !trainable.contains(ObjectIdentifier($0)) }
  }

  /// What predictions change, of this layer and those inside.
  open var states: [Variable] { unique(ownStates + children.flatMap(\.layer.states)) }

  /// Sets what predictions changed back to zero, as `layer.reset_states()`.
  public final func resetStates() throws(KerasError) {
    for state in states { try state.assign(Tensor(zeros: state.shape, state.dataType)) }
  }

  /// The number of single numbers in all weights.
  public final var parameterCount: Int { saturatedSum(weights.lazy.map(\.elementCount)) }

  /// The values of all weights, in order.
  public final func getWeights() -> [Tensor] { weights.map(\.value) }

  /// Replaces the values of all weights, or of none.
  ///
  /// - Throws: `weightsMismatch` when the number, a shape or a type differs.
  public final func setWeights(_ tensors: [Tensor]) throws(KerasError) {
    let variables = weights
    guard tensors.count == variables.count else {
      throw KerasError(
        .weightsMismatch, "The layer has \(variables.count) weights, found \(tensors.count).", path: [name],
        remedy: isBuilt || !variables.isEmpty
          ? "give them in the order of getWeights()."
          : "call the layer first: it makes its weights for the input it sees.")
    }
    for (variable, tensor) in zip(variables, tensors)
    where variable.shape != tensor.shape || variable.dataType != tensor.dataType {
      throw KerasError(
        .weightsMismatch, "Expected \(variable.spec), found \(tensor.spec).", path: [variable.path],
        remedy: "give them in the order of getWeights(), in their shapes and types.")
    }
    for (variable, tensor) in zip(variables, tensors) { try variable.assign(tensor) }
  }

  // MARK: Calling

  /// Applies the layer to one tensor.
  public final func callAsFunction(_ input: SymbolicTensor) -> SymbolicTensor {
    apply(to: [input])[0]
  }

  /// Applies the layer to several tensors.
  public final func callAsFunction(_ inputs: [SymbolicTensor]) -> SymbolicTensor {
    apply(to: inputs)[0]
  }

  /// Applies the layer and returns every output; an error comes back as a single failed tensor.
  public final func apply(
    to inputs: [SymbolicTensor], arguments: CallArguments = .none
  ) -> [SymbolicTensor] {
    apply(to: inputs, arguments: arguments, in: Session.nameScope)
  }

  /// The same for a layer inside another, with whose path the names of its weights begin.
  package final func apply(
    to inputs: [SymbolicTensor], arguments: CallArguments = .none, in parentPath: String
  ) -> [SymbolicTensor] {
    if let failed = inputs.first(where: { $0.error != nil }) { return [failed] }
    do {
      let specs = try outputSpecs(for: inputs.map(\.spec), arguments: arguments, in: parentPath)
      let call = record(inputs: inputs, arguments: arguments, outputSpecs: specs)
      return specs.indices.map { SymbolicTensor(spec: specs[$0], origin: call, output: $0) }
    } catch {
      return [SymbolicTensor(error: error)]
    }
  }

  /// The specs of the outputs; builds the layer if it is not built yet.
  ///
  /// The computation itself is recorded on unknown numbers and its shape rules asked: shapes have no
  /// second description.
  public final func outputSpecs(
    for inputs: [TensorSpec], arguments: CallArguments = .none
  ) throws(KerasError) -> [TensorSpec] {
    try outputSpecs(for: inputs, arguments: arguments, in: "")
  }

  private func outputSpecs(
    for inputs: [TensorSpec], arguments: CallArguments, in parentPath: String
  ) throws(KerasError) -> [TensorSpec] {
    try require(
      !inputs.isEmpty, .invalidArgument, "A layer takes at least one input, found none.", path: [name])
    let graph = GraphBuilder()
    let values = inputs.map { graph.input($0) }
    let context = CallContext(graph: graph, mode: .shapes, path: parentPath)
    return try context.apply(self, to: values, arguments: arguments).outputs.map(graph.spec(of:))
  }

  package final func ensureBuilt(
    for inputs: [TensorSpec], arguments: CallArguments = .none, in parentPath: String = ""
  ) throws(KerasError) {
    guard !isBuilt else { return }
    path = parentPath.isEmpty ? name : "\(parentPath)/\(name)"
    try wrappingErrors { try build(for: inputs, arguments: arguments) }
    for weight in ownWeights + ownStates
    where checkedElementCount(weight.shape + [weight.dataType.byteCount]) == nil {
      let shape = weight.shape
      (ownWeights, ownStates) = ([], [])
      throw KerasError(.invalidArgument, "No memory holds a weight of shape \(shape).")
    }
    for weight in ownWeights { try weight.checkInitializer() }
    builtInputs = inputs
    builtNames = arguments.names
    isBuilt = true
  }

  /// The inputs in the layer's own element type: floating-point ones only, the others stay.
  final func casting(_ inputs: [Value], in graph: GraphBuilder) throws(KerasError) -> [Value] {
    guard dataTypePolicy.computeType.isFloatingPoint, castsInputs else { return inputs }
    var cast: [Value] = []
    for input in inputs {
      let isReal = graph.spec(of: input).dataType.isFloatingPoint
      cast.append(isReal ? try graph.cast(input, to: dataTypePolicy.computeType) : input)
    }
    return cast
  }

  /// Whether floating-point inputs are converted to the layer's type first; containers leave that to what they hold.
  open var castsInputs: Bool { true }

  package final func record(
    inputs: [SymbolicTensor], arguments: CallArguments = .none, outputSpecs: [TensorSpec]
  ) -> LayerCall {
    let call = LayerCall(
      layer: self, index: callCount, inputs: inputs, arguments: arguments, outputSpecs: outputSpecs)
    callCount += 1
    recordedCalls.removeAll { $0.call == nil }
    recordedCalls.append(WeakCall(call: call))
    return call
  }

  /// The tensor (or the first of them) the layer made when it was first called.
  ///
  /// - Throws: `invalidArgument` when it has not been called yet.
  public final func output() throws(KerasError) -> SymbolicTensor {
    guard let call = calls.first, let spec = call.outputSpecs.first else {
      throw KerasError(
        .invalidArgument, "The layer has not been called yet, so it has no output.", path: [name])
    }
    return SymbolicTensor(spec: spec, origin: call)
  }
}

private struct WeakCall {
  weak var call: LayerCall?
}

/// The sum of sizes, or the largest integer: files may ask for more than can be counted.
package func saturatedSum(_ sizes: some Sequence<Int>) -> Int {
  sizes.reduce(0) { sum, size in
    let (result, overflow) = sum.addingReportingOverflow(size)
    return overflow ? .max : result
  }
}

/// Each variable once, where it first appears.
package func unique(_ variables: [Variable]) -> [Variable] {
  var seen: Set<ObjectIdentifier> = []
  return variables.filter { seen.insert(ObjectIdentifier($0)).inserted }
}

/// The length of an axis (negative: counted from the back) that a layer must know to make its weights.
///
/// - Throws: `shapeMismatch` when the axis is not there or its length is unknown.
public func knownLength(_ axis: Int, of spec: TensorSpec) throws(KerasError) -> Int {
  guard let length = spec.shape[try resolvedAxis(axis, rank: spec.shape.rank)] else {
    throw KerasError(
      .shapeMismatch, "Axis \(axis) of \(spec) must have a known length.",
      remedy: "give the input a shape with that length.")
  }
  return length
}

/// The same of several axes.
func knownLengths(_ axes: some Sequence<Int>, of spec: TensorSpec) throws(KerasError) -> [Int] {
  try axes.map { (axis) throws(KerasError) in try knownLength(axis, of: spec) }
}

/// Checks the number of axes of a layer's input.
package func expectRank(_ rank: Int, _ spec: TensorSpec) throws(KerasError) {
  try require(
    spec.shape.rank == rank, .shapeMismatch,
    "Expected an input with \(rank) axes (batch first), found \(spec.shape).")
}

/// Layers of a list under the names that files of Keras 3 give them: `conv2d`, `conv2d_1`, `dense`.
package func numberedByClass<Element: Layer>(_ layers: [Element]) -> [(key: String, layer: Element)] {
  var uses: [String: Int] = [:]
  return layers.map { layer in
    let base = snakeCase(layer.className)
    let count = uses[base, default: 0]
    uses[base] = count + 1
    return (count == 0 ? base : "\(base)_\(count)", layer)
  }
}
