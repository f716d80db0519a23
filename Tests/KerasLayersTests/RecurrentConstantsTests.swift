import KerasModels
import Testing

/// A cell of a user's own that reads something alike at every step: h = tanh(x · kernel + constant · mix + h).
private final class Mixing: RecurrentCellLayer, @unchecked Sendable {
  let units: Int

  init(units: Int, name: String? = nil) {
    self.units = units
    super.init(name: name)
  }

  override var config: JSONObject { ["units": .integer(units)] }
  override var takesConstants: Bool { true }
  override func stateShapes(for input: TensorSpec) throws(KerasError) -> [[Int]] { [[units]] }

  override func build(for inputs: [TensorSpec]) throws(KerasError) {
    for (input, name) in zip(inputs, ["kernel", "mix"]) {
      addWeight(name, shape: [try knownLength(-1, of: input), units], initializer: .glorotUniform)
    }
  }

  override func step(
    _ input: Value, states: [Value], constants: StepConstants, in context: CallContext
  ) throws(KerasError) -> (output: Value, states: [Value]) {
    let graph = context.graph
    let product = try graph.matrixMultiply(input, context.value(of: weight("kernel")))
    let mixed = try graph.matrixMultiply(constants.given[0], context.value(of: weight("mix")))
    let h = try graph.unary(.tanh, graph.add(graph.add(product, mixed), states[0]))
    return (h, [h])
  }
}

/// What TF-Keras calls `constants` and Keras 3 has no more. Numbers are TF-Keras 2.21's, of `pattern`s: 0 and 1 for the
/// weights, 8 for the sequences, 7 for the state, 9 for the constant.
@Suite struct RecurrentConstantsTests {
  private static let withConstant: [Float] = [
    0.3156294524669647, 0.16913868486881256, 0.5543814301490784, -0.5946940779685974,
  ]
  private static let withStateAndConstant: [Float] = [
    0.2444068193435669, 0.4095071256160736, 0.30475926399230957, -0.5694003105163574,
  ]

  private func expect(_ model: Model, _ inputs: [Tensor], gives expected: [Float]) throws {
    for (number, weight) in model.weights.enumerated() { try weight.assign(pattern(weight.shape, number)) }
    for backend in Backends.all {
      let found = try model.predict(inputs, options: ComputeOptions(backend: backend.name))[0]
      for (found, expected) in zip(found.scalars(as: Float.self), expected) {
        #expect(abs(found - expected) < 1e-6, "\(backend.name)")
      }
    }
  }

  /// The architecture as TF-Keras writes it.
  private func architecture(inputs: [(name: String, shape: String)]) -> String {
    let layers = inputs.map {
      #"{"class_name": "InputLayer", "config": {"batch_input_shape": \#($0.shape), "dtype": "float32", "name": "\#($0.name)"}, "name": "\#($0.name)", "inbound_nodes": []}"#
    }
    let calls = inputs.map { #"["\#($0.name)", 0, 0, {}]"# }.joined(separator: ", ")
    let places = inputs.map { #"["\#($0.name)", 0, 0]"# }.joined(separator: ", ")
    return #"""
      {"class_name": "Functional", "keras_version": "2.15.0", "config": {"name": "m", "layers": [
        \#(layers.joined(separator: ", ")),
        {"class_name": "RNN", "config": {"name": "r", "trainable": true, "dtype": "float32",
          "return_sequences": false, "return_state": false, "go_backwards": false, "stateful": false, "unroll": false,
          "time_major": false, "num_constants": 1, "cell": {"module": null, "class_name": "Mixing",
          "config": {"name": "cell", "trainable": true, "dtype": "float32", "units": 2}, "registered_name": "Mixing"}},
          "name": "r", "inbound_nodes": [[\#(calls)]]}],
        "input_layers": [\#(places)], "output_layers": [["r", 0, 0]]}}
      """#
  }

  @Test func filesOfKeras2() throws {
    Layers.register("Mixing") { (settings) throws(KerasError) in
      Mixing(units: try settings.requiredInteger("units"), name: settings.name)
    }
    let (x, c) = (pattern([2, 3, 2], 8), pattern([2, 4], 9))
    let first = try Model.fromJSON(architecture(inputs: [("x", "[null, 3, 2]"), ("c", "[null, 4]")]))
    try expect(first, [x, c], gives: Self.withConstant)
    let second = try Model.fromJSON(
      architecture(inputs: [("x", "[null, 3, 2]"), ("s", "[null, 2]"), ("c", "[null, 4]")]))
    try expect(second, [x, pattern([2, 2], 7), c], gives: Self.withStateAndConstant)
    // As written here, by names.
    try expect(second.clone(), [x, pattern([2, 2], 7), c], gives: Self.withStateAndConstant)
    #expect(second.layers.last?.config["num_constants"] == 1)
  }

  @Test func theyAreGivenByName() throws {
    let (x, s, c) = (Input(shape: [3, 2]), Input(shape: [2]), Input(shape: [4]))
    let y = RNN(Mixing(units: 2)).apply(to: x, initialState: [s], constants: [c])[0]
    try expect(
      Model(inputs: [x, s, c], outputs: [y]),
      [pattern([2, 3, 2], 8), pattern([2, 2], 7), pattern([2, 4], 9)],
      gives: Self.withStateAndConstant)
  }

  @Test func stackedCellsShareThem() throws {
    let (x, c) = (Input(shape: [3, 2]), Input(shape: [4]))
    let stack = RNN([Mixing(units: 2), GRUCell(units: 3), Mixing(units: 2)])
    let model = try Model(inputs: [x, c], outputs: stack.apply(to: x, initialState: [], constants: [c]))
    #expect(model.weights.map(\.shape) == [[2, 2], [4, 2], [2, 9], [3, 9], [2, 9], [3, 2], [4, 2]])
    for (number, weight) in model.weights.enumerated() { try weight.assign(pattern(weight.shape, number)) }
    let sequences = pattern([2, 3, 2], 8)
    let one = try model.predict([sequences, pattern([2, 4], 9)])[0].scalars(as: Float.self)
    let another = try model.predict([sequences, pattern([2, 4], 10)])[0].scalars(as: Float.self)
    #expect(one != another)
  }

  @Test func mostCellsTakeNone() {
    let (x, c) = (Input(shape: [3, 2]), Input(shape: [4]))
    let y = GRU(units: 2, name: "gru").apply(to: x, initialState: [], constants: [c])[0]
    #expect(
      y.error?.description == """
        GRUCell takes no constants, found 1.
          in: gru
          try: override takesConstants in a cell of your own.
        """)
  }

  /// Keras before 2.2.3 had the states of the last cell first.
  @Test(arguments: Backends.all.map(\.name)) func statesInReverseOrder(_ backend: String) throws {
    func layer(_ cell: RecurrentCellLayer) -> RNN { RNN(cell, returnsState: true) }
    func cells() -> [RecurrentCellLayer] { [LSTMCell(units: 3), GRUCell(units: 2)] }
    let natural = layer(StackedRNNCells(cells()))
    let reversed = layer(StackedRNNCells(cells(), reversesStateOrder: true))
    let x = pattern([2, 4, 2], 8)
    let (h, c, g) = (pattern([2, 3], 1), pattern([2, 3], 2), pattern([2, 2], 3))
    let shapes = try reversed.outputSpecs(for: [x.spec]).map(\.shape)
    #expect(shapes == [[2, 2], [2, 2], [2, 3], [2, 3]])
    _ = try natural.outputSpecs(for: [x.spec])
    for layer in [natural, reversed] {
      for (number, weight) in layer.weights.enumerated() { try weight.assign(pattern(weight.shape, number)) }
    }
    let first = try RecurrentRun(natural, on: [x, h, c, g], backend: Backends.backend(named: backend)).outputs
    let second = try RecurrentRun(reversed, on: [x, g, h, c], backend: Backends.backend(named: backend))
      .outputs
    let moved = [second[0], second[2], second[3], second[1]]
    #expect(first.map { $0.scalars(as: Float.self) } == moved.map { $0.scalars(as: Float.self) })
    let again = try Layers.deserialize(reversed.serialized.json)
    #expect(again.serialized.config == reversed.serialized.config)
    #expect(reversed.cell.config["reverse_state_order"] == true)
    #expect(natural.cell.config["reverse_state_order"] == nil)
  }
}
