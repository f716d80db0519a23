import KerasModels
import Testing

@Suite struct ActivationFunctionTests {
  /// What a file holds, and what it stands for in a file of that version.
  static let spellings: [(json: JSON, version: KerasVersion, function: ActivationFunction)] = [
    ("relu", .keras3, .relu), (.null, .keras3, .linear), ("swish", .keras2, .silu),
    ("hard_swish", .keras3, .hardSilu),
    ("hard_sigmoid", .keras3, .hardSigmoid), ("hard_sigmoid", .keras2, .legacyHardSigmoid),
    ("hard_sigmoid", .keras1, .legacyHardSigmoid), ("keras2>hard_sigmoid", .keras3, .legacyHardSigmoid),
    (["class_name": "function", "config": "relu"], .keras3, .relu),
    (["class_name": "LeakyReLU", "config": ["alpha": 0.1]], .keras2, .leakyRelu(negativeSlope: 0.1)),
    (["class_name": "LeakyReLU", "config": [:]], .keras2, .leakyRelu(negativeSlope: 0.3)),
    (["class_name": "ReLU", "config": ["max_value": 6.0]], .keras2, .relu(maximum: 6)),
    (["class_name": "ELU", "config": ["alpha": 0.5]], .keras3, .elu(alpha: 0.5)),
    (["class_name": "Softmax", "config": ["axis": [1, 2]]], .keras3, .softmax(axis: [1, 2])),
    (["class_name": "ThresholdedReLU", "config": ["theta": 0.7]], .keras2, .threshold(0.7, otherwise: 0)),
    (["class_name": "Activation", "config": ["activation": "tanh"]], .keras3, .tanh),
  ]

  @Test(arguments: spellings.indices) func readsEverySpelling(index: Int) throws {
    let (json, version, function) = Self.spellings[index]
    #expect(try ActivationFunction(json, version: version) == function)
  }

  static let parametrised: [ActivationFunction] =
    ActivationFunction.allCases + [
      .legacyHardSigmoid, .relu(negativeSlope: 0.1, maximum: 3, threshold: 0.5),
      .leakyRelu(negativeSlope: 0.3),
      .elu(alpha: 2), .celu(alpha: 0.5), .gelu(isApproximate: true), .softShrink(threshold: 1),
      .hardShrink(threshold: 1), .threshold(1, otherwise: 2), .squareplus(b: 1), .glu(axis: 1),
      .softmax(axis: 1),
      .softmax(axis: [1, 2]), .logSoftmax(axis: 0), .sparsemax(axis: 0),
    ]

  @Test(arguments: parametrised) func isReadAsItWasWritten(function: ActivationFunction) throws {
    #expect(try ActivationFunction(JSON(parsing: function.json.text())) == function)
  }

  @Test func aLayerInPlaceOfAFunctionIsWrittenAsItWas() throws {
    let json: JSON = [
      "module": "keras.layers", "class_name": "LeakyReLU",
      "config": ["name": "mine", "trainable": true, "dtype": "float32", "negative_slope": 0.25],
      "registered_name": nil,
    ]
    #expect(try ActivationFunction(json).json == json)
  }

  @Test func aFunctionOfTheUsersHasItsNameInFiles() throws {
    ActivationFunction.register("tests>doubled") { x, graph throws(KerasError) in try graph.add(x, x) }
    let function = ActivationFunction.custom("tests>doubled")
    #expect(
      function.json == [
        "module": "builtins", "class_name": "function", "config": "tests>doubled",
        "registered_name": "function",
      ])
    #expect(try ActivationFunction(function.json) == function)
    #expect(try ActivationFunction("tests>doubled", version: .keras2) == function)
    let output = Dense(units: 1, activation: function)(Input(shape: [2]))
    #expect(output.shape == [nil, 1])
  }

  @Test func saysWhatIsWrong() {
    func message(_ json: JSON) -> String? {
      #expect(throws: KerasError.self) { try ActivationFunction(json) }?.description
    }
    #expect(
      message("rellu") == "There is no activation called `rellu`.\n  try: did you mean relu, relu6, elu?")
    #expect(
      failure(of: SimpleRNN(units: 2, activation: .layer(PReLU(name: "p")), name: "r"), on: Input(shape: [3, 2]))
        == "A layer with weights (PReLU) cannot be this layer's activation.\n  in: r › simple_rnn_cell\n"
        + "  try: let it follow as a layer of its own.")
    #expect(message(3) == "Expected an object with a class_name, found 3.")
    #expect(
      failure(of: Activation(.custom("nobody>nothing"), name: "b"), on: Input(shape: [2]))
        == "There is no activation called `nobody>nothing`.\n  in: b\n"
        + "  try: register it before: ActivationFunction.register(\"nobody>nothing\") { x, graph in … }.")
    #expect(
      failure(of: Activation(.glu, name: "a"), on: Input(shape: [3]))
        == "glu halves axis -1, which must have an even length, found (None, 3).\n  in: a")
  }
}
