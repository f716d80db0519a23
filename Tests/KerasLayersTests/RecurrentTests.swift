#if canImport(Glibc)
  import Glibc
#endif
import KerasModels
import Testing

/// One fused operation and a loop over the cell's steps are two ways to the same numbers.
@Suite struct FusedRecurrentTests {
  struct Problem: Sendable, CustomTestStringConvertible {
    let seed: Int
    let isLSTM: Bool
    let steps: Int
    let batch: Int
    let features: Int
    let units: Int
    let usesBias: Bool
    let hasMask: Bool
    let hasStates: Bool
    let options: SequenceChoice
    var testDescription: String { "\(self)" }
  }

  struct SequenceChoice: Sendable {
    let returnsSequences: Bool
    let goesBackwards: Bool
    let zeroesMaskedOutputs: Bool
  }

  static let problems: [Problem] = (0..<48).map { seed in
    let generator = CounterRandom(seed: UInt64(seed))
    func pick(_ count: Int, _ question: UInt64) -> Int {
      min(count - 1, Int(generator.uniform(stream: 3, at: question) * Double(count)))
    }
    return Problem(
      seed: seed, isLSTM: pick(2, 0) == 0, steps: 1 + pick(7, 1), batch: 1 + pick(4, 2),
      features: 1 + pick(5, 3), units: 1 + pick(9, 4), usesBias: pick(3, 5) > 0, hasMask: pick(2, 6) == 0,
      hasStates: pick(2, 7) == 0,
      options: SequenceChoice(
        returnsSequences: pick(2, 8) == 0, goesBackwards: pick(2, 9) == 0,
        zeroesMaskedOutputs: pick(3, 10) == 0))
  }

  @Test(arguments: problems)
  func fusedEqualsScanned(_ problem: Problem) throws {
    func cell() -> RecurrentCellLayer {
      problem.isLSTM
        ? LSTMCell(units: problem.units, usesBias: problem.usesBias)
        : GRUCell(units: problem.units, usesBias: problem.usesBias)
    }
    let choice = problem.options
    // A stack of one cell is the same cell, and is run step by step.
    let layers = [cell(), StackedRNNCells([cell()])].map { cell in
      RNN(
        cell, returnsSequences: choice.returnsSequences, returnsState: true,
        goesBackwards: choice.goesBackwards, zeroesMaskedOutputs: choice.zeroesMaskedOutputs)
    }
    var inputs = [seeded([problem.batch, problem.steps, problem.features], problem.seed)]
    if problem.hasStates {
      for number in 0..<(problem.isLSTM ? 2 : 1) {
        inputs.append(seeded([problem.batch, problem.units], problem.seed + 100 + number))
      }
    }
    let chances: [Float] = seeded([problem.batch * problem.steps], problem.seed + 200).scalars()
    let mask =
      problem.hasMask
      ? try Tensor(chances.map { $0 > -0.2 }, shape: [problem.batch, problem.steps]) : nil
    for backend in Backends.all {
      var runs: [RecurrentRun] = []
      for layer in layers {
        _ = try layer.outputSpecs(for: inputs.map(\.spec))
        try seedWeights(of: layer, problem.seed)
        runs.append(
          try RecurrentRun(layer, on: inputs, masks: [mask], differentiating: true, backend: backend))
      }
      let outputs = try #require(largestDifference(runs[0].outputs, runs[1].outputs))
      let gradients = try #require(largestDifference(runs[0].gradients, runs[1].gradients))
      #expect(outputs < 2e-6, "\(backend.name)")
      #expect(gradients < 2e-5, "\(backend.name)")
    }
  }

  @Test func onlyTheFusedOperationIsRecorded() throws {
    func operations(_ layer: Layer) throws -> [String] {
      let graph = GraphBuilder()
      let context = CallContext(graph: graph, mode: .constants)
      _ = try context.apply(layer, to: graph.input(TensorSpec([2, 5, 3])))
      return graph.graph.nodes.map(\.operation.name)
    }
    let narrow = LSTM(units: 4)
    narrow.dataTypePolicy = try DataTypePolicy(named: "mixed_bfloat16")
    for layer in [LSTM(units: 4), GRU(units: 4), narrow] {
      let names = try operations(layer)
      #expect(names.filter { $0 == "recurrent" }.count == 1)
      #expect(!names.contains("scan"))
      #expect(names.filter { $0 == "matrixMultiply" }.count == 1)
    }
    #expect(try operations(LSTM(units: 4, recurrentActivation: .hardSigmoid)).contains("scan"))
    #expect(try operations(GRU(units: 4, resetsAfter: false)).contains("scan"))
  }
}

/// A cell of a user's own: h = tanh(x · kernel + h), after which half of h is forgotten.
private final class Fading: RecurrentCellLayer, @unchecked Sendable {
  let units: Int

  init(units: Int, name: String? = nil) {
    self.units = units
    super.init(name: name)
  }

  override var config: JSONObject { ["units": .integer(units)] }

  override func stateShapes(for input: TensorSpec) throws(KerasError) -> [[Int]] { [[units]] }

  override func build(for inputs: [TensorSpec]) throws(KerasError) {
    addWeight(
      "kernel", shape: [try knownLength(-1, of: inputs[0]), units], initializer: .glorotUniform)
  }

  override func step(
    _ input: Value, states: [Value], in context: CallContext
  ) throws(KerasError) -> (output: Value, states: [Value]) {
    let graph = context.graph
    let product = try graph.matrixMultiply(input, context.value(of: weight("kernel")))
    let h = try graph.unary(.tanh, graph.add(product, states[0]))
    return (h, [try graph.unary(.linear(scale: 0.5, offset: 0), h)])
  }
}

@Suite struct CustomCellTests {
  @Test func runsOverSequences() throws {
    let layer = RNN(Fading(units: 1), returnsSequences: true, returnsState: true)
    let specs = try layer.outputSpecs(for: [TensorSpec([2, nil, 1])])
    #expect(specs == [TensorSpec([2, nil, 1]), TensorSpec([2, 1])])
    try layer.setWeights([Tensor([1 as Float], shape: [1, 1])])
    let input = try Tensor([1, 0, 0, 2, 0, 0] as [Float], shape: [2, 3, 1])
    let run = try RecurrentRun(layer, on: [input])
    var expected: [Double] = []
    for first in [1.0, 2.0] {
      var h = first
      for _ in 0..<3 {
        h = tanh(h)
        expected.append(h)
        h /= 2
      }
    }
    let got: [Double] = run.outputs[0].scalars()
    #expect(zip(got, expected).allSatisfy { abs($0 - $1) < 1e-6 })
    let states: [Double] = run.outputs[1].scalars()
    #expect(zip(states, [expected[2] / 2, expected[5] / 2]).allSatisfy { abs($0 - $1) < 1e-6 })
  }

  @Test func goesIntoBothDirectionsOnceItIsRegistered() throws {
    let unknown = Bidirectional(RNN(Fading(units: 2)))
    #expect(throws: KerasError.self) { try unknown.outputSpecs(for: [TensorSpec([2, 3, 1])]) }
    Layers.register("Custom>Fading") { (settings) throws(KerasError) in
      Fading(units: try settings.requiredInteger("units"), name: settings.name)
    }
    let known = Bidirectional(RNN(Fading(units: 2)))
    #expect(try known.outputSpecs(for: [TensorSpec([2, 3, 1])]) == [TensorSpec([2, 4])])
    let copy = try Layers.deserialize(known.serialized)
    #expect(copy.serialized.config == known.serialized.config)
  }

  @Test func anIncompleteCellSaysWhatIsMissing() {
    final class Empty: RecurrentCellLayer, @unchecked Sendable {}
    #expect(
      failure(of: RNN(Empty(name: "cell"), name: "rnn"), on: Input(shape: [3, 2])) == """
        Empty does not say what its states are.
          in: rnn
          try: override stateShapes(for:).
        """)
  }

  /// What a cell adds to the loss counts at every step.
  @Test func lossesOfStepsAddUp() throws {
    final class Costly: RecurrentCellLayer, @unchecked Sendable {
      override func stateShapes(for input: TensorSpec) throws(KerasError) -> [[Int]] { [[1]] }
      override func step(
        _ input: Value, states: [Value], in context: CallContext
      ) throws(KerasError) -> (output: Value, states: [Value]) {
        context.addLoss(try context.graph.reduce(.sum, input, axes: [0, 1]))
        return (input, [input])
      }
    }
    let graph = GraphBuilder()
    let context = CallContext(graph: graph, mode: .inputs)
    let input = graph.input(TensorSpec([2, 3, 1]))
    _ = try context.apply(RNN(Costly()), to: input)
    let program = try Backends.all[1].prepare(
      graph.finish(returning: context.losses), options: ProgramOptions())
    let losses = try program.run([Tensor([1, 2, 3, 4, 5, 6] as [Float], shape: [2, 3, 1])])
    #expect(losses.count == 1)
    #expect(losses[0].scalars(as: Float.self) == [21])
  }

  @Test func aStepCannotChangeWeights() {
    final class Learning: RecurrentCellLayer, @unchecked Sendable {
      override func build(for inputs: [TensorSpec]) throws(KerasError) {
        addWeight("count", shape: [2, 1], initializer: .zeros)
      }
      override func stateShapes(for input: TensorSpec) throws(KerasError) -> [[Int]] { [[1]] }
      override func step(
        _ input: Value, states: [Value], in context: CallContext
      ) throws(KerasError) -> (output: Value, states: [Value]) {
        try context.assign(input, to: weight("count"))
        return (input, [input])
      }
    }
    #expect(
      failure(of: RNN(Learning(name: "cell"), name: "rnn"), on: Input(shape: [3, 1], batchSize: 2)) == """
        The step of a loop cannot change a weight, as it does rnn/cell/count.
          in: rnn › cell
          try: carry it along as a state.
        """)
  }
}

@Suite struct RecurrentStateTests {
  @Test func statefulLayersGoOnWhereTheyEnded() throws {
    let stateful = LSTM(units: 3, isStateful: true, name: "lstm")
    let whole = LSTM(units: 3)
    let input = seeded([2, 6, 2], 5)
    let halves = try [0, 3].map { try Tensor(rows(of: input, from: $0, count: 3), shape: [2, 3, 2]) }
    _ = try stateful.outputSpecs(for: [TensorSpec([2, 3, 2])])
    _ = try whole.outputSpecs(for: [TensorSpec([2, 6, 2])])
    for layer in [stateful, whole] { try seedWeights(of: layer, 9) }
    #expect(stateful.states.map(\.path) == ["lstm/rnn_state", "lstm/rnn_state"])
    let first = try RecurrentRun(stateful, on: [halves[0]]).outputs
    let second = try RecurrentRun(stateful, on: [halves[1]]).outputs
    #expect(try largestDifference(second, RecurrentRun(whole, on: [input]).outputs) ?? 1 < 1e-6)
    try stateful.resetStates()
    #expect(try largestDifference(first, RecurrentRun(stateful, on: [halves[0]]).outputs) == 0)
  }

  /// Steps of every sample, one after the other.
  private func rows(of tensor: Tensor, from start: Int, count: Int) -> [Float] {
    let numbers: [Float] = tensor.scalars()
    let (steps, features) = (tensor.shape[1], tensor.shape[2])
    var rows: [Float] = []
    for sample in 0..<tensor.shape[0] {
      let first = (sample * steps + start) * features
      rows += numbers[first..<first + count * features]
    }
    return rows
  }

  @Test(arguments: ["float16", "mixed_bfloat16", "float64"])
  func otherElementTypes(_ policy: String) throws {
    for layer in [
      LSTM(units: 3), GRU(units: 3, returnsSequences: true), SimpleRNN(units: 3, isStateful: true),
    ] {
      let exact = try Layers.deserialize(layer.serialized)
      layer.dataTypePolicy = try DataTypePolicy(named: policy)
      let input = seeded([2, 4, 2], 3).converted(to: layer.dataTypePolicy.computeType)
      for each in [layer, exact] {
        _ = try each.outputSpecs(for: [input.spec])
        for weight in each.weights {
          try weight.assign(seeded(weight.shape, 17 + weight.elementCount).converted(to: weight.dataType))
        }
      }
      let output = try RecurrentRun(layer, on: [input]).outputs[0]
      #expect(output.dataType == layer.dataTypePolicy.computeType)
      let expected = try RecurrentRun(exact, on: [input.converted(to: .float32)]).outputs
      #expect(try #require(largestDifference([output], expected)) < 0.02)
    }
  }

  /// As `LSTM(…)(words, initial_state=…, mask=…)`: the mask that words carry is not used beside initial states.
  @Test func statesAndMasksAreArguments() throws {
    let layer = GRU(units: 2, returnsSequences: true, name: "gru")
    let words = Input(shape: [4, 3])
    let outputs = layer.apply(
      to: words, initialState: [Input(shape: [2])], mask: Input(shape: [4], dataType: .bool))
    #expect(outputs.map(\.shape) == [[nil, 4, 2]])
    try seedWeights(of: layer, 1)
    let inputs = [seeded([1, 4, 3], 2), seeded([1, 2], 3)]
    let mask = try Tensor([true, false, false, true], shape: [1, 4])
    let names = ["sequences", "initial_state", "mask"]
    func run(_ inputs: [Tensor], _ mask: Tensor?) throws -> [Tensor] {
      let arguments = CallArguments(names: Array(names.prefix(inputs.count)))
      return try RecurrentRun(layer, on: inputs, masks: [mask], arguments: arguments).outputs
    }
    let plain = try run(inputs, nil)
    #expect(try largestDifference(plain, run(inputs, mask)) == 0)
    #expect(try #require(largestDifference(plain, run(inputs + [mask], nil))) > 1e-3)
  }

  @Test func unknownLengthsStayUnknown() throws {
    let sequences = TensorSpec([nil, nil, 4])
    let shapes: [(Layer, [Shape])] = [
      (SimpleRNN(units: 3), [[nil, 3]]),
      (LSTM(units: 3, returnsSequences: true, returnsState: true), [[nil, nil, 3], [nil, 3], [nil, 3]]),
      (LSTM(units: 3, activation: .relu, returnsState: true), [[nil, 3], [nil, 3], [nil, 3]]),
      (GRU(units: 3, returnsSequences: true, goesBackwards: true), [[nil, nil, 3]]),
      (
        RNN([GRUCell(units: 2), LSTMCell(units: 3)], returnsState: true),
        [[nil, 3], [nil, 2], [nil, 3], [nil, 3]]
      ),
      (Bidirectional(GRU(units: 3, returnsSequences: true)), [[nil, nil, 6]]),
      (Bidirectional(GRU(units: 3), mergeMode: nil), [[nil, 3], [nil, 3]]),
      (TimeDistributed(Dense(units: 2)), [[nil, nil, 2]]),
    ]
    for (layer, expected) in shapes {
      #expect(try layer.outputSpecs(for: [sequences]).map(\.shape) == expected, "\(layer.className)")
    }
    let clips = TensorSpec([nil, nil, 5, 5, 1])
    let images = ConvLSTM2D(filters: 2, kernelSize: 3, returnsSequences: true)
    #expect(try images.outputSpecs(for: [clips]).map(\.shape) == [[nil, nil, 3, 3, 2]])
  }

  /// A sequence drops the same at every step, and another one something else.
  @Test(arguments: ["input", "state"])
  func dropoutKeepsItsMaskThroughASequence(_ place: String) throws {
    let (batch, steps, units) = (8, 4, 16)
    let layer = SimpleRNN(
      units: units, activation: .linear, usesBias: false, dropout: place == "input" ? 0.5 : 0,
      recurrentDropout: place == "state" ? 0.5 : 0, returnsSequences: true)
    _ = try layer.outputSpecs(for: [TensorSpec([batch, steps, units])])
    let identity = try Tensor(
      (0..<units * units).map { $0 / units == $0 % units ? 1 : 0 as Float }, shape: [units, units])
    let zeros = Tensor(zeros: [units, units])
    try layer.setWeights(place == "input" ? [identity, zeros] : [zeros, identity])
    // Either the inputs are ones at every step, or the state starts with ones and is handed on.
    let ones = Tensor(repeating: 1 as Float, shape: [batch, steps, units])
    let inputs =
      place == "input"
      ? [ones]
      : [Tensor(zeros: [batch, steps, units]), Tensor(repeating: 1 as Float, shape: [batch, units])]
    let outputs: [Float] = try RecurrentRun(layer, on: inputs, isTraining: true).outputs[0].scalars()
    var patterns: Set<[Bool]> = []
    for sample in 0..<batch {
      let rows = (0..<steps).map { step in
        Array(outputs[(sample * steps + step) * units..<(sample * steps + step + 1) * units])
      }
      let kept = rows[0].map { $0 != 0 }
      patterns.insert(kept)
      for (step, row) in rows.enumerated() {
        let scale: Float = place == "input" ? 2 : Float(1 << (step + 1))
        #expect(row == kept.map { $0 ? scale : 0 })
      }
    }
    #expect(patterns.count > 1)
    let resting: [Float] = try RecurrentRun(layer, on: inputs).outputs[0].scalars()
    #expect(resting.allSatisfy { $0 == 1 })
  }

  /// With recurrent dropout every gate has masks of its own, and no fused operation is used.
  @Test func recurrentDropoutRuns() throws {
    let sequences = seeded([3, 4, 2], 1)
    let layers: [Layer] = [
      LSTM(units: 2, dropout: 0.3, recurrentDropout: 0.3), GRU(units: 2, dropout: 0.3, recurrentDropout: 0.3),
      GRU(units: 2, dropout: 0.3, recurrentDropout: 0.3, resetsAfter: false),
      RNN([LSTMCell(units: 2, recurrentDropout: 0.2), GRUCell(units: 3, dropout: 0.4)]),
      LSTM(units: 2, dropout: 0.5, implementation: 1),
    ]
    for layer in layers {
      let trained = try RecurrentRun(layer, on: [sequences], isTraining: true, differentiating: true)
      let resting = try RecurrentRun(layer, on: [sequences])
      #expect(try #require(largestDifference(trained.outputs, resting.outputs)) > 1e-4, "\(layer.className)")
      let numbers = trained.gradients.flatMap { $0.scalars(as: Float.self) }
      #expect(numbers.allSatisfy { $0.isFinite })
    }
    let images = ConvLSTM2D(filters: 2, kernelSize: 2, dropout: 0.3, recurrentDropout: 0.3)
    let clips = seeded([2, 3, 4, 4, 1], 2)
    let trained = try RecurrentRun(images, on: [clips], isTraining: true)
    #expect(
      try #require(largestDifference(trained.outputs, RecurrentRun(images, on: [clips]).outputs)) > 1e-4)
  }
}

@Suite struct RecurrentErrorTests {
  static let cases: [LayerCase<String>] = [
    LayerCase(
      "no units", [3, 2],
      """
      LSTMCell needs a positive number of units, found 0.
        in: lstm › lstm_cell
      """, LSTM(units: 0, name: "lstm")),
    LayerCase(
      "no time", [2],
      """
      Expected an input with 2 axes (batch first), found (None,).
        in: gru › gru_cell
      """, GRU(units: 2, name: "gru")),
    LayerCase(
      "a batch that may have any size", [3, 2],
      """
      A stateful layer needs a fixed batch size, found float32(None, 3, 2).
        in: gru
        try: give the input a batch size.
      """, GRU(units: 2, isStateful: true, name: "gru")),
    LayerCase(
      "images of unknown size", [3, nil, 5, 1],
      """
      ConvLSTM2DCell needs spatial axes of known lengths, found float32(None, None, 5, 1).
        in: clips › conv_lstm_cell
        try: give the input a shape with those lengths.
      """, ConvLSTM2D(filters: 2, kernelSize: 2, name: "clips")),
    LayerCase(
      "strides with dilations", [3, 5, 5, 1],
      """
      ConvLSTM2DCell takes no strides together with dilations, found [2, 2] and [2, 2].
        in: clips › conv_lstm_cell
      """, ConvLSTM2D(filters: 2, kernelSize: 2, strides: 2, dilationRate: 2, name: "clips")),
    LayerCase(
      "sizes for other axes", [3, 5, 5, 1],
      """
      Expected one size, stride and dilation rate for each of 1 to 3 spatial axes, found [2, 2], [1] and [1, 1].
        in: rnn › cell
      """, RNN(ConvLSTMCell(filters: 2, kernelSize: [2, 2], strides: [1], name: "cell"), name: "rnn")),
    LayerCase(
      "windows of nothing", [3, 5, 5, 1],
      """
      Expected window sizes, strides and dilations from 1 to 16777216, found [0, 2], [1, 1] and [1, 1].
        in: clips › conv_lstm_cell
      """, ConvLSTM2D(filters: 2, kernelSize: [0, 2], name: "clips")),
    LayerCase(
      "no cells", [3, 2],
      """
      StackedRNNCells needs at least one cell, found none.
        in: rnn › stack
      """, RNN(StackedRNNCells([], name: "stack"), name: "rnn")),
    LayerCase(
      "no steps", [0, 2],
      """
      A recurrent layer needs at least one step, found none.
        in: gru
      """, GRU(units: 2, name: "gru")),
    LayerCase(
      "two forward layers", [3, 2],
      """
      The layers of a Bidirectional go in different directions; found that both go forwards.
        in: both
      """, Bidirectional(GRU(units: 2), backwardLayer: GRU(units: 2), name: "both")),
    LayerCase(
      "layers that return different things", [3, 2],
      """
      The layers of a Bidirectional must agree in return_state; found false for the forward layer and true for the backward one.
        in: both
      """,
      Bidirectional(
        GRU(units: 2), backwardLayer: GRU(units: 2, returnsState: true, goesBackwards: true), name: "both")),
    LayerCase(
      "no axis to distribute over", [2],
      """
      TimeDistributed takes sequences with a batch axis, a time axis and more, found float32(None, 2).
        in: each
      """, TimeDistributed(Dense(units: 2), name: "each")),
    LayerCase(
      "several outputs", [3, 4, 2],
      """
      TimeDistributed takes a layer with one output, found 2.
        in: each › gru
      """, TimeDistributed(GRU(units: 2, returnsState: true, name: "gru"), name: "each")),
  ]

  @Test(arguments: cases)
  func message(_ each: LayerCase<String>) {
    #expect(failure(of: each.make(), on: Input(shape: each.shape)) == each.expected)
  }

  @Test func aStatefulLayerKeepsItsBatchSize() throws {
    let layer = GRU(units: 2, isStateful: true, name: "gru")
    _ = try layer.outputSpecs(for: [TensorSpec([2, 3, 1])])
    for (batch, words) in [(3, "3"), (nil, "any number")] as [(Int?, String)] {
      let error = try #require(throws: KerasError.self) {
        try layer.outputSpecs(for: [TensorSpec([batch, 3, 1])])
      }
      #expect(
        error.description == """
          A stateful layer keeps the batch size it was built for, 2, found \(words).
            in: gru
          """)
    }
  }

  @Test func initialStatesAreChecked() throws {
    let (x, h) = (Input(shape: [3, 2]), Input(shape: [4]))
    #expect(
      failure(of: GRU(units: 3, name: "gru"), on: x, h) == """
        Expected an initial state of shape (None, 3), found float32(None, 4).
          in: gru
        """)
    let half = [TensorSpec([nil, 3, 2]), TensorSpec([5, 4])]
    #expect(try GRU(units: 4).outputSpecs(for: half).map(\.shape) == [[nil, 4]])
    #expect(
      failure(of: LSTM(units: 4, name: "lstm"), on: x, h) == """
        Expected 2 initial states, found 1.
          in: lstm
        """)
    #expect(
      failure(of: Bidirectional(GRU(units: 4), name: "both"), on: x, h) == """
        Bidirectional takes the initial states of both layers, found 1 of them.
          in: both
        """)
    #expect(
      failure(of: LSTMCell(units: 4, name: "cell"), on: Input(shape: [2]), h) == """
        LSTMCell takes an input and 2 states, found 1 states.
          in: cell
        """)
  }
}
