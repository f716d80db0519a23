@_exported import KerasGraph
import Synchronization

/// A piece of a model: weights, and what they do to tensors.
///
/// A layer writes its computation once, in graph operations (``call(_:in:)``); shapes, prediction, training
/// and every backend read that. Weights are made in ``build(for:)``, when the first input's shape is known.
/// Calling a layer twice shares its weights.
///
/// ```swift
/// final class Scale: Layer, @unchecked Sendable {
///   override func build(for inputs: [TensorSpec]) throws(KerasError) {
///     addWeight("scale", shape: [try knownLength(-1, of: inputs[0])], initializer: .ones)
///   }
///   override func call(_ x: Value, in context: CallContext) throws(KerasError) -> Value {
///     try context.graph.multiply(x, context.value(of: weight("scale")))
///   }
/// }
/// ```
///
/// Building and changing a layer is for one thread at a time; predicting is for any number.
open class Layer: @unchecked Sendable {
  /// Unique within a model; part of the weight files' format.
  public let name: String
  /// Whether training changes the weights. A frozen ``BatchNormalization`` also predicts in training.
  open var isTrainable = true
  /// In the order they were added.
  public private(set) var ownWeights: [Variable] = []
  /// Every call whose result somebody still holds, in order.
  public var calls: [LayerCall] { recordedCalls.compactMap(\.call) }
  /// Weak, because a call holds its layer: otherwise no model would ever be freed.
  private var recordedCalls: [WeakCall] = []
  private var callCount = 0
  public private(set) var isBuilt = false

  /// - Parameter name: nil for an automatic one: the class name in snake case, numbered.
  public init(name: String? = nil) {
    self.name = name ?? Session.current.uniqueName(snakeCase("\(Self.self)"))
  }

  /// Keras' name of the class, as files and summaries show it.
  open var className: String { "\(Self.self)" }

  // MARK: For subclasses

  /// Makes the weights for inputs of these specs. Called once, before the first call.
  open func build(for inputs: [TensorSpec]) throws(KerasError) {}

  /// Records the computation for one input.
  open func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    throw KerasError(
      .unsupported, "\(className) does not say what it computes.", remedy: "override call(_:in:).")
  }

  /// Records the computation for any number of inputs and outputs; by default, one of each.
  open func call(_ inputs: [Value], in context: CallContext) throws(KerasError) -> [Value] {
    guard inputs.count == 1 else {
      throw KerasError(.invalidArgument, "\(className) takes one input, found \(inputs.count).")
    }
    return [try call(inputs[0], in: context)]
  }

  /// Adds a weight called `name`.
  @discardableResult
  public final func addWeight(
    _ weightName: String, shape: [Int], initializer: any Initializer, isTrainable: Bool = true
  ) -> Variable {
    let variable = Variable(
      name: weightName, path: "\(name)/\(weightName)", shape: shape, initializer: initializer,
      isTrainable: isTrainable, stream: Session.current.nextRandomStream())
    ownWeights.append(variable)
    return variable
  }

  /// The weight called `name`, which ``build(for:)`` has added.
  public final func weight(_ name: String) throws(KerasError) -> Variable {
    guard let variable = ownWeights.first(where: { $0.name == name }) else {
      throw KerasError(.unknownName, "The layer has no weight called `\(name)`.", path: [self.name])
    }
    return variable
  }

  // MARK: Weights

  /// The weights in Keras' order: trainable ones first.
  open var weights: [Variable] { ownWeights.filter(\.isTrainable) + ownWeights.filter { !$0.isTrainable } }

  /// Those that training changes.
  open var trainableWeights: [Variable] { isTrainable ? weights.filter(\.isTrainable) : [] }
  open var nonTrainableWeights: [Variable] { isTrainable ? weights.filter { !$0.isTrainable } : weights }

  /// The number of single numbers in all weights.
  public final var parameterCount: Int { weights.reduce(0) { $0 + $1.elementCount } }

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
  public final func apply(to inputs: [SymbolicTensor]) -> [SymbolicTensor] {
    if let failed = inputs.first(where: { $0.error != nil }) { return [failed] }
    do {
      let specs = try within(name) { () throws(KerasError) in try outputSpecs(for: inputs.map(\.spec)) }
      let call = record(inputs: inputs, outputSpecs: specs)
      return specs.indices.map { SymbolicTensor(spec: specs[$0], origin: call, output: $0) }
    } catch {
      return [SymbolicTensor(error: error)]
    }
  }

  /// The specs of the outputs; builds the layer if it is not built yet.
  ///
  /// The computation itself is recorded on unknown numbers and its shape rules asked: shapes have no
  /// second description.
  public final func outputSpecs(for inputs: [TensorSpec]) throws(KerasError) -> [TensorSpec] {
    guard !inputs.isEmpty else {
      throw KerasError(.invalidArgument, "A layer takes at least one input, found none.")
    }
    try ensureBuilt(for: inputs)
    let graph = GraphBuilder()
    let values = inputs.map { graph.input($0) }
    let context = CallContext(graph: graph, mode: .shapes)
    return try call(values, in: context).map(graph.spec(of:))
  }

  package final func ensureBuilt(for inputs: [TensorSpec]) throws(KerasError) {
    guard !isBuilt else { return }
    try build(for: inputs)
    for weight in ownWeights where checkedElementCount(weight.shape + [weight.dataType.byteCount]) == nil {
      let shape = weight.shape
      ownWeights = []
      throw KerasError(.invalidArgument, "No memory holds a weight of shape \(shape).")
    }
    isBuilt = true
  }

  package final func record(inputs: [SymbolicTensor], outputSpecs: [TensorSpec]) -> LayerCall {
    let call = LayerCall(layer: self, index: callCount, inputs: inputs, outputSpecs: outputSpecs)
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

/// What a layer's `call` works with.
public final class CallContext {
  package enum Mode {
    /// Only shapes are wanted: weights are stand-ins, so that none is computed.
    case shapes
    /// The graph is to be run: weights are constants.
    case prediction
  }

  /// Where the computation is recorded.
  public let graph: GraphBuilder
  /// Whether layers that behave differently in training (dropout, batch normalization) should.
  public let isTraining = false
  private let mode: Mode
  private var values: [ObjectIdentifier: Value] = [:]

  package init(graph: GraphBuilder, mode: Mode) {
    self.graph = graph
    self.mode = mode
  }

  /// The graph's value for a weight; the same one each time.
  public func value(of variable: Variable) -> Value {
    if let known = values[ObjectIdentifier(variable)] { return known }
    let value =
      switch mode {
      case .shapes: graph.input(variable.spec, name: variable.path)
      case .prediction: graph.constant(variable.value, name: variable.path)
      }
    values[ObjectIdentifier(variable)] = value
    return value
  }
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

/// Checks the number of axes of a layer's input.
package func expectRank(_ rank: Int, _ spec: TensorSpec) throws(KerasError) {
  guard spec.shape.rank == rank else {
    throw KerasError(
      .shapeMismatch, "Expected an input with \(rank) axes (batch first), found \(spec.shape).")
  }
}
