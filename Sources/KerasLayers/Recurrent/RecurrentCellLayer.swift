import KerasGraph

/// One step of a recurrent layer: from an input and states to an output and new states.
///
/// ``RNN`` runs a cell over sequences. A cell is a layer, too: called with an input and its states it computes one
/// step and returns the output and the new states.
///
/// A cell of one's own says what its states are and what a step does:
///
/// ```swift
/// /// h = tanh(x · kernel + h), after which half of h is forgotten.
/// final class Fading: RecurrentCellLayer, @unchecked Sendable {
///   let units: Int
///   init(units: Int, name: String? = nil) {
///     self.units = units
///     super.init(name: name)
///   }
///   override var config: JSONObject { ["units": .integer(units)] }
///   override func stateShapes(for input: TensorSpec) throws -> [[Int]] { [[units]] }
///   override func build(for inputs: [TensorSpec]) throws {
///     let features = try knownLength(-1, of: inputs[0])
///     addWeight("kernel", shape: [features, units], initializer: .glorotUniform)
///   }
///   override func step(
///     _ input: Value, states: [Value], in context: CallContext
///   ) throws -> (output: Value, states: [Value]) {
///     let graph = context.graph
///     let product = try graph.matrixMultiply(input, context.value(of: weight("kernel")))
///     let h = try graph.unary(.tanh, graph.add(product, states[0]))
///     return (h, [try graph.unary(.linear(scale: 0.5, offset: 0), h)])
///   }
/// }
/// let last = RNN(Fading(units: 16))(sequences)
/// ```
open class RecurrentCellLayer: Layer, @unchecked Sendable {
  // MARK: For subclasses

  /// The shapes of the states without their batch axis, for a step's input `[batch, …]`; at least one.
  open func stateShapes(for input: TensorSpec) throws -> [[Int]] {
    throw KerasError(
      .unsupported, "\(className) does not say what its states are.", remedy: "override stateShapes(for:).")
  }

  /// The shape of a step's output without its batch axis; by default that of the first state.
  open func outputShape(for input: TensorSpec) throws -> [Int] {
    guard let first = try stateShapes(for: input).first else {
      throw KerasError(.invalidArgument, "A cell needs at least one state, found none.", path: [name])
    }
    return first
  }

  /// Records one step.
  ///
  /// - Parameters:
  ///   - input: `[batch, …]`.
  ///   - states: in the order of ``stateShapes(for:)``, each `[batch, …]`.
  /// - Returns: the output, and the new states, which have the shapes of the old ones.
  open func step(
    _ input: Value, states: [Value], in context: CallContext
  ) throws -> (output: Value, states: [Value]) {
    throw KerasError(
      .unsupported, "\(className) does not say what a step computes.", remedy: "override step(_:states:in:).")
  }

  // MARK: For cells that do part of their work outside of the loop

  /// Whether the cell reads ``StepConstants/given``, what the layer's caller gives for all steps. `build` gets their
  /// specs behind that of the input.
  open var takesConstants: Bool { false }

  /// What every step of a sequence reads alike, such as dropout's masks; by default nothing.
  ///
  /// - Parameter input: one step's input, `[batch, …]`.
  open func constants(for input: TensorSpec, in context: CallContext) throws -> StepConstants {
    StepConstants()
  }

  /// The part of a step that needs no states, for one step `[batch, …]` or for all, `[steps, batch, …]`; by default
  /// the inputs themselves.
  open func prepare(_ inputs: Value, constants: StepConstants, in context: CallContext) throws -> Value {
    inputs
  }

  /// Records one step on what ``prepare(_:constants:in:)`` made of its input.
  open func step(
    _ input: Value, states: [Value], constants: StepConstants, in context: CallContext
  ) throws -> (output: Value, states: [Value]) {
    try step(input, states: states, in: context)
  }

  /// The states after every step, `[steps, batch, …]`, by one fused operation; nil where none computes this cell.
  ///
  /// The first of them are the outputs as well.
  func fusedStates(
    _ prepared: Value, states: [Value], constants: StepConstants, mask: Value?, isReversed: Bool,
    in context: CallContext
  ) throws(KerasError) -> [Value]? {
    nil
  }

  // MARK: A cell as a layer

  open override var callParameters: [String] { ["inputs", "states"] }

  public final override func call(_ inputs: [Value], in context: CallContext) throws -> [Value] {
    let spec = context.graph.spec(of: inputs[0])
    let shapes = try stateShapes(for: spec)
    let states = Array(inputs.dropFirst())
    try require(
      states.count == shapes.count,
      "\(className) takes an input and \(shapes.count) states, found \(states.count) states.")
    let constants = try constants(for: spec, in: context)
    let prepared = try prepare(inputs[0], constants: constants, in: context)
    let (output, new) = try step(prepared, states: states, constants: constants, in: context)
    return [output] + new
  }
}

/// What every step of a sequence reads alike, computed before the first.
public struct StepConstants: Sendable {
  /// Of the cell's own choice.
  public var values: [Value]
  /// What the caller of the layer gave, for cells that take it.
  public internal(set) var given: [Value] = []
  /// Dropout's masks of the input and of the state: none, one, or one for each gate.
  var inputMasks: [Value] = []
  var stateMasks: [Value] = []
  /// Those of the cells inside.
  var cells: [StepConstants] = []

  public init(_ values: [Value] = []) { self.values = values }

  /// The same with what the caller gave, for all cells.
  func giving(_ values: [Value]) -> StepConstants {
    var all = self
    all.given = values
    all.cells = cells.map { $0.giving(values) }
    return all
  }

  /// The same inside of a loop.
  func captured(in context: CallContext) -> StepConstants {
    var inside = self
    inside.values = values.map(context.captured)
    inside.given = given.map(context.captured)
    inside.inputMasks = inputMasks.map(context.captured)
    inside.stateMasks = stateMasks.map(context.captured)
    inside.cells = cells.map { $0.captured(in: context) }
    return inside
  }
}
