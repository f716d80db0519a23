import KerasGraph

/// Runs a cell over sequences, carrying its states from step to step.
///
/// - Inputs: sequences `[batch, time, …]`, then, where the first step shall not start from zeros, one initial state for
///   each state of the cell.
/// - Outputs: that of the last step, `[batch, …]`, or with ``returnsSequences`` of all steps, `[batch, time, …]`; with
///   ``returnsState`` the states after the last step behind it.
///
/// The mask of the sequences, `[batch, time]`, says which steps there are: at others the states stay, and the output is
/// that of the step before (zeros before the first), or with ``zeroesMaskedOutputs`` zeros. As in Keras 3, the mask that
/// sequences carry is not used when initial states are given as `initial_state`; one given as `mask` is.
///
/// ```swift
/// let last = RNN([LSTMCell(units: 64), GRUCell(units: 32)])(sequences)
/// ```
///
/// Cells that take constants (``RecurrentCellLayer/takesConstants``) get those inputs that are called `constants`, or
/// stand last in a file of Keras 2.
///
/// A ``isStateful`` layer starts each batch with the states the last one ended with, sample by sample, until
/// ``Layer/resetStates()``; it needs a fixed batch size.
open class RNN: Layer, @unchecked Sendable {
  public let cell: RecurrentCellLayer
  var options: SequenceOptions

  /// Whether all steps' outputs are returned in place of the last one.
  public var returnsSequences: Bool { options.returnsSequences }
  /// Whether the states after the last step are returned, too.
  public var returnsState: Bool { options.returnsState }
  /// Whether time runs backwards; outputs come in the order in which they were computed.
  public var goesBackwards: Bool { options.goesBackwards }
  public var isStateful: Bool { options.isStateful }
  /// Accepted and kept for files; the numbers are the same.
  public var isUnrolled: Bool { options.isUnrolled }
  public var zeroesMaskedOutputs: Bool { options.zeroesMaskedOutputs }
  /// How many of the inputs without names are constants.
  package var constantCount: Int { options.constantCount }

  public convenience init(
    _ cell: RecurrentCellLayer, returnsSequences: Bool = false, returnsState: Bool = false,
    goesBackwards: Bool = false, isStateful: Bool = false, isUnrolled: Bool = false,
    zeroesMaskedOutputs: Bool = false, activityRegularizer: (any Regularizer)? = nil, name: String? = nil
  ) {
    self.init(
      cell,
      SequenceOptions(
        returnsSequences: returnsSequences, returnsState: returnsState, goesBackwards: goesBackwards,
        isStateful: isStateful, isUnrolled: isUnrolled, zeroesMaskedOutputs: zeroesMaskedOutputs),
      activityRegularizer: activityRegularizer, name: name)
  }

  /// Runs cells on top of each other.
  public convenience init(
    _ cells: [RecurrentCellLayer], returnsSequences: Bool = false, returnsState: Bool = false,
    goesBackwards: Bool = false, isStateful: Bool = false, isUnrolled: Bool = false,
    zeroesMaskedOutputs: Bool = false, activityRegularizer: (any Regularizer)? = nil, name: String? = nil
  ) {
    self.init(
      StackedRNNCells(cells), returnsSequences: returnsSequences, returnsState: returnsState,
      goesBackwards: goesBackwards, isStateful: isStateful, isUnrolled: isUnrolled,
      zeroesMaskedOutputs: zeroesMaskedOutputs, activityRegularizer: activityRegularizer, name: name)
  }

  init(
    _ cell: RecurrentCellLayer, _ options: SequenceOptions, activityRegularizer: (any Regularizer)?,
    name: String?
  ) {
    self.cell = cell
    self.options = options
    super.init(name: name)
    self.activityRegularizer = activityRegularizer
    addChild("cell", cell)
  }

  public convenience init(_ settings: Configuration) throws(KerasError) {
    guard let json = settings.value("cell") else { throw settings.missing("cell") }
    let cell: RecurrentCellLayer =
      if let list = json.array { StackedRNNCells(try settings.cells(list)) } else { try settings.cell(json) }
    self.init(cell, SequenceOptions(), activityRegularizer: nil, name: settings.name)
  }

  open override var config: JSONObject {
    var config = writtenSettings(of: self)
    config["cell"] = cell.serialized.json
    return config
  }

  public override final var supportsMasking: Bool { true }
  public override final var callParameters: [String] { ["sequences", "initial_state", "mask", "constants"] }
  public override final var listParameters: [String] { ["initial_state", "constants"] }

  // MARK: Building

  /// Whether the cell's element types are this layer's.
  var sharesTypesWithCell: Bool { false }

  public override final func build(for inputs: [TensorSpec], arguments: CallArguments) throws(KerasError) {
    let step = try stepSpec(of: inputs[0])
    if sharesTypesWithCell { cell.dataTypePolicy = dataTypePolicy }
    let constants =
      arguments.names.isEmpty
      ? Array(inputs.dropFirst().suffix(options.constantCount))
      : zip(arguments.names, inputs).filter { $0.0 == "constants" }.map(\.1)
    try buildChild(cell, for: [step] + constants)
    guard isStateful else { return }
    guard let batch = step.shape[0] else {
      throw KerasError(
        .shapeMismatch, "A stateful layer needs a fixed batch size, found \(inputs[0]).",
        remedy: "give the input a batch size.")
    }
    for shape in try wrappingErrors({ try cell.stateShapes(for: step) }) {
      addState("rnn_state", shape: [batch] + shape)
    }
  }

  /// One step of the sequences.
  private func stepSpec(of sequences: TensorSpec) throws(KerasError) -> TensorSpec {
    try require(
      sequences.shape.rank >= 2, .shapeMismatch,
      "Expected sequences with a batch axis, a time axis and more, found \(sequences).")
    var shape = sequences.shape
    shape.dimensions.remove(at: options.isTimeMajor ? 0 : 1)
    return TensorSpec(shape, sequences.dataType)
  }

  // MARK: Calling

  public override final func call(_ inputs: [Value], in context: CallContext) throws -> [Value] {
    let graph = context.graph
    let arguments = try SequenceArguments(inputs, constantCount: options.constantCount, in: context)
    try require(
      arguments.constants.isEmpty || cell.takesConstants, .unsupported,
      "\(cell.className) takes no constants, found \(arguments.constants.count).",
      remedy: "override takesConstants in a cell of your own.")
    let step = try stepSpec(of: graph.spec(of: arguments.sequences))
    let sequences = Sequences(
      values: try timeMajor(arguments.sequences, in: graph),
      mask: try arguments.mask.map { try timeMajorMask($0, in: graph) })
    guard graph.shape(of: sequences.values)[0] != 0 else {
      throw KerasError(.shapeMismatch, "A recurrent layer needs at least one step, found none.")
    }
    let initial = try initialStates(arguments.initialStates, for: step, in: context)
    let results = try run(sequences, from: initial, given: arguments.constants, step, in: context)
    let output = try graph.cast(results.output, to: dataTypePolicy.computeType)
    let states = try results.states.map { try graph.cast($0, to: dataTypePolicy.computeType) }
    for (variable, state) in zip(ownStates, states) { try context.assign(state, to: variable) }
    let outputMask = returnsSequences ? arguments.outputMask : nil
    context.setOutputMasks([outputMask] + (returnsState ? states.map { _ in nil } : []))
    return [output] + (returnsState ? states : [])
  }

  private func timeMajor(_ x: Value, in graph: GraphBuilder) throws(KerasError) -> Value {
    if options.isTimeMajor { return x }
    return try graph.transpose(x, [1, 0] + Array(graph.shape(of: x).indices.dropFirst(2)))
  }

  private func timeMajorMask(_ mask: Value, in graph: GraphBuilder) throws(KerasError) -> Value {
    try require(
      graph.shape(of: mask).rank == 2, .shapeMismatch,
      "A recurrent layer takes a mask with a batch and a time axis, found \(graph.spec(of: mask)).")
    return try timeMajor(mask, in: graph)
  }

  /// What the caller gave, what the last batch left, or zeros, in the cell's element type.
  private func initialStates(
    _ given: [Value], for step: TensorSpec, in context: CallContext
  ) throws -> InitialStates {
    let (graph, type) = (context.graph, cell.dataTypePolicy.computeType)
    let shapes = try cell.stateShapes(for: step).map { Shape([step.shape[0]] + $0) }
    if given.isEmpty, !isStateful {
      return InitialStates(values: try shapes.map { try graph.filled(0, $0, type) }, areZero: true)
    }
    let start = given.isEmpty ? try ownStates.map { try context.value(of: $0) } : given
    if let kept = ownStates.first?.shape[0], step.shape[0] != kept {
      let found = step.shape[0].map(String.init) ?? "any number"
      throw KerasError(
        .shapeMismatch, "A stateful layer keeps the batch size it was built for, \(kept), found \(found).")
    }
    try require(start.count == shapes.count, "Expected \(shapes.count) initial states, found \(given.count).")
    let values = try zip(start, shapes).map { try graph.cast(Self.fitting($0, to: $1, in: graph), to: type) }
    return InitialStates(values: values, areZero: false)
  }

  /// The state, after a look at its shape.
  private static func fitting(
    _ state: Value, to shape: Shape, in graph: GraphBuilder
  ) throws(KerasError) -> Value {
    let spec = graph.spec(of: state)
    if spec.shape == shape { return state }
    guard spec.shape.rank == shape.rank,
      zip(spec.shape, shape).allSatisfy({ $0 == nil || $1 == nil || $0 == $1 })
    else {
      throw KerasError(.shapeMismatch, "Expected an initial state of shape \(shape), found \(spec).")
    }
    // A length that only one of them knows: shapes alone are asked for.
    return graph.placeholder(TensorSpec(shape, spec.dataType))
  }
}
