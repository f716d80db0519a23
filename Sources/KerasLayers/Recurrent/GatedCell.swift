import KerasGraph

/// What ``SimpleRNNCell``, ``LSTMCell``, ``GRUCell`` and ``ConvLSTMCell`` share: a kernel for the input, one for the
/// state and perhaps a bias, in all of which the columns of the gates stand side by side.
public class GatedCell: RecurrentCellLayer, @unchecked Sendable {
  let options: CellOptions

  init(_ options: CellOptions, name: String?) {
    self.options = options
    super.init(name: name)
  }

  // MARK: For the cells

  var gateCount: Int { 1 }
  /// 1, or the number of gates where each has dropout masks of its own.
  var maskCount: Int { 1 }
  /// Whether a dropout of 1 drops everything, as only in Keras' SimpleRNN; it drops nothing in the others.
  var dropsAll: Bool { false }
  /// The columns whose bias starts with ones.
  var forgetGate: Range<Int>? { nil }

  /// The product of inputs with the kernel, of one gate or of all.
  func product(_ x: Value, _ kernel: Value, in graph: GraphBuilder) throws(KerasError) -> Value {
    try graph.matrixMultiply(x, kernel)
  }

  func inputBias(in context: CallContext) throws(KerasError) -> Value {
    try context.value(of: weight("bias"))
  }

  // MARK: Building

  /// Checks the number of units (or filters), of which a kernel has several blocks.
  final func checkCount(_ count: Int, _ noun: String) throws(KerasError) {
    try require(
      (1...1 << 32).contains(count), "\(className) needs a positive number of \(noun), found \(count).")
  }

  /// Adds `kernel`, `recurrent_kernel` and, where there is one, `bias`.
  ///
  /// - Parameter bias: its shape; nil for the columns alone.
  final func addWeights(window: [Int] = [], from inputs: Int, to outputs: Int, bias: [Int]? = nil) {
    let columns = gateCount * outputs
    addWeight("kernel", shape: window + [inputs, columns], options.kernel)
    addWeight("recurrent_kernel", shape: window + [outputs, columns], options.recurrentKernel)
    guard options.usesBias else { return }
    addWeight(
      "bias", shape: bias ?? [columns],
      options.bias.starting { initializer in
        forgetGate.map { ForgetGateInitializer(others: initializer, gate: $0) } ?? initializer
      })
  }

  // MARK: Computation

  public override func constants(for input: TensorSpec, in context: CallContext) throws -> StepConstants {
    var constants = StepConstants()
    guard context.isTraining else { return constants }
    let state = Shape([input.shape[0]] + (try stateShapes(for: input)[0]))
    constants.inputMasks = try masks(options.dropout, input.shape, in: context)
    constants.stateMasks = try masks(options.recurrentDropout, state, in: context)
    return constants
  }

  /// Dropout's masks for the steps of one sequence.
  ///
  /// Gal and Ghahramani, "A Theoretically Grounded Application of Dropout in Recurrent Neural Networks" (2016): every
  /// step of a sequence drops the same.
  private func masks(_ rate: Double, _ shape: Shape, in context: CallContext) throws(KerasError) -> [Value] {
    if rate >= 1 { return dropsAll ? [try context.graph.filled(0, shape)] : [] }
    guard rate > 0 else { return [] }
    var masks: [Value] = []
    for _ in 0..<maskCount {
      let kept = try context.graph.random(
        .bernoulli(probability: Float(1 - rate)), shape: shape, seed: context.randomSeed(options.seed))
      masks.append(try (context[kept] * (1 / (1 - rate))).value)
    }
    return masks
  }

  public override final func prepare(
    _ inputs: Value, constants: StepConstants, in context: CallContext
  ) throws(KerasError) -> Value {
    let graph = context.graph
    let projected = try graph.gated(
      inputs, context.value(of: weight("kernel")), gateCount: gateCount, masks: constants.inputMasks
    ) { (x, kernel) throws(KerasError) in try product(x, kernel, in: graph) }
    return options.usesBias ? try graph.add(projected, inputBias(in: context)) : projected
  }

  /// The product of the state with the recurrent kernel.
  final func stateProduct(
    _ h: Value, _ constants: StepConstants, in context: CallContext
  ) throws(KerasError) -> Value {
    try context.graph.gatedProduct(
      h, context.value(of: weight("recurrent_kernel")), gateCount: gateCount, masks: constants.stateMasks)
  }
}

/// A ``GatedCell`` on vectors, `[batch, features]`.
public class UnitCell: GatedCell, @unchecked Sendable {
  @Setting("units", .required) public private(set) var units: Int
  @Setting("activation") public private(set) var activation: ActivationFunction

  init(_ units: Int, _ activation: ActivationFunction, _ options: CellOptions, name: String?) {
    super.init(options, name: name)
    self.units = units
    self.activation = activation
  }

  public override func stateShapes(for input: TensorSpec) throws(KerasError) -> [[Int]] { [[units]] }

  var biasShape: [Int] { [gateCount * units] }
  /// Which fused operation computes this cell with tanh as activation; nil for none.
  var fused: RecurrentCell? { nil }
  /// What that operation adds to the state's product.
  func fusedBias(_ constants: StepConstants, in graph: GraphBuilder) throws(KerasError) -> Value? { nil }

  public override final func build(for inputs: [TensorSpec]) throws(KerasError) {
    try checkCount(units, "units")
    try expectRank(2, inputs[0])
    addWeights(from: try knownLength(-1, of: inputs[0]), to: units, bias: biasShape)
  }

  override final func fusedStates(
    _ prepared: Value, states: [Value], constants: StepConstants, mask: Value?, isReversed: Bool,
    in context: CallContext
  ) throws(KerasError) -> [Value]? {
    let (graph, type) = (context.graph, context.graph.spec(of: prepared).dataType)
    guard let fused, activation == .tanh, constants.stateMasks.isEmpty, type.isFloatingPoint, type != .float64
    else { return nil }
    // The states of a long sequence lose little in float32, much in 16 bits: they are rounded when they are all there.
    func wide(_ x: Value) throws(KerasError) -> Value { try graph.cast(x, to: .float32) }
    let bias = try fusedBias(constants, in: graph).map(wide)
    let computed = try graph.recurrent(
      fused, projections: wide(prepared), states: states.map(wide),
      kernel: wide(context.value(of: weight("recurrent_kernel"))), bias: bias, mask: mask,
      isReversed: isReversed)
    return try computed.map { (state) throws(KerasError) in try graph.cast(state, to: type) }
  }
}
