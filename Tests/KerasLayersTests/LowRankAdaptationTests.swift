import Foundation
import KerasBackendTestSupport
import KerasModels
import Testing

/// Large weights with two thin ones beside them. The numbers are Keras 3.15.1's, of weights and inputs that are
/// `pattern`s: 0, 1, … in the order of `weights`, 9 for the input.
@Suite struct LowRankAdaptationTests {
  struct Example: Sendable, CustomStringConvertible {
    let description: String
    let input: Tensor
    var arguments = CallArguments.none
    let weights: [String]
    let expected: [Float]
    let make: @Sendable () throws -> Layer
  }

  static let examples = [
    Example(
      description: "Dense", input: pattern([2, 4], 9),
      weights: ["kernel [4, 3]", "bias [3]", "lora_kernel_a [4, 2]", "lora_kernel_b [2, 3]"],
      expected: [-0.42856258, 0.12494829, 0.16209421, -0.18997444, -0.11755565, 0.26536283],
      make: { Dense(units: 3, activation: .tanh, loraRank: 2, loraAlpha: 3) }),
    Example(
      description: "Dense, adapted later", input: pattern([2, 4], 9),
      weights: ["kernel [4, 3]", "bias [3]", "lora_kernel_a [4, 2]", "lora_kernel_b [2, 3]"],
      expected: [-0.42856258, 0.12494829, 0.16209421, -0.18997444, -0.11755565, 0.26536283],
      make: {
        let layer = Dense(units: 3, activation: .tanh)
        _ = layer(Input(shape: [4]))
        try layer.enableLoRA(rank: 2, alpha: 3)
        return layer
      }),
    Example(
      description: "EinsumDense", input: pattern([1, 2, 3], 9),
      weights: ["kernel [3, 2]", "bias [2]", "lora_kernel_a [3, 2]", "lora_kernel_b [2, 2]"],
      expected: [-0.31323636, 0.082101278, -0.57939136, 0.13143112],
      make: { EinsumDense("abc,cd->abd", outputShape: [nil, 2], biasAxes: "d", loraRank: 2, loraAlpha: 3) }),
    Example(
      description: "Embedding",
      input: Tensor(uninitialized: [1, 3], Int32.self) { for i in 0..<3 { $0[i] = [4, 0, 2][i] } },
      weights: ["embeddings [5, 3]", "lora_embeddings_a [5, 2]", "lora_embeddings_b [2, 3]"],
      expected: [
        0.30375171, -0.43277711, -0.30074927, -0.23769796, -0.033212878, 0.11714849, -0.075220533, 0.15875755,
        0.049952149,
      ],
      make: { Embedding(inputDimension: 5, outputDimension: 3, loraRank: 2, loraAlpha: 3) }),
    Example(
      description: "ReversibleEmbedding, back", input: pattern([1, 2, 3], 9),
      arguments: CallArguments(options: ["reverse": true]),
      weights: ["embeddings [4, 3]", "lora_embeddings_a [4, 2]", "lora_embeddings_b [2, 3]"],
      expected: [
        -0.038068537, 0.068424009, 0.046648413, 0.30063272, -0.027048163, -0.10085703, -0.092842661,
        -0.21407956,
      ],
      make: { ReversibleEmbedding(inputDimension: 4, outputDimension: 3, loraRank: 2, loraAlpha: 3) }),
    Example(
      description: "Conv1D", input: pattern([1, 4, 2], 9),
      weights: ["kernel [2, 2, 2]", "bias [2]", "lora_kernel_a [2, 2, 1]", "lora_kernel_b [1, 2]"],
      expected: [-0.16784352, 0.068312794, -0.16168195, 0.16733895, -0.37815294, -0.049848076],
      make: { Conv1D(filters: 2, kernelSize: 2, loraRank: 1, loraAlpha: 3) }),
    Example(
      description: "Conv2D in groups", input: pattern([1, 2, 3, 4], 9),
      weights: ["kernel [2, 2, 2, 4]", "bias [4]", "lora_kernel_a [2, 2, 2, 3]", "lora_kernel_b [3, 4]"],
      expected: [
        0.14729097, -0.31937668, 0.74798381, -0.23593353, -0.057064414, -0.20913312, 0.10650691, -0.37621707,
      ],
      make: { Conv2D(filters: 4, kernelSize: 2, groups: 2, loraRank: 3, loraAlpha: 2) }),
  ]

  @Test(arguments: examples, Backends.all.map(\.name))
  func numbersOfKeras(_ example: Example, _ backend: String) throws {
    let layer = try example.make()
    _ = try layer.outputSpecs(for: [example.input.spec], arguments: example.arguments)
    #expect(layer.weights.map { "\($0.name) \($0.shape)" } == example.weights)
    for (number, weight) in layer.weights.enumerated() { try weight.assign(pattern(weight.shape, number)) }
    let run = try RecurrentRun(
      layer, on: [example.input], arguments: example.arguments, backend: Backends.backend(named: backend))
    let found = run.outputs[0].scalars(as: Float.self)
    #expect(found.count == example.expected.count)
    for (found, expected) in zip(found, example.expected) { #expect(abs(found - expected) < 1e-6) }
  }

  @Test(arguments: examples) func gradients(_ example: Example) throws {
    let layer = try example.make()
    let graph = GraphBuilder()
    let context = CallContext(graph: graph, mode: .inputs)
    let outputs = try context.apply(
      layer, to: [graph.input(example.input.spec)], arguments: example.arguments
    )
    .outputs
    for (number, weight) in layer.weights.enumerated() { try weight.assign(pattern(weight.shape, number)) }
    let found = try checkGradient(
      of: graph.finish(returning: outputs), at: [example.input] + context.parameters.map(\.variable.value))
    #expect(found == nil)
  }

  @Test(arguments: examples) func theLargeWeightStopsTraining(_ example: Example) throws {
    let layer = try example.make()
    _ = try layer.outputSpecs(for: [example.input.spec], arguments: example.arguments)
    #expect(layer.nonTrainableWeights.map(\.name) == [layer.weights[0].name])
    #expect(layer.trainableWeights.map(\.name) == layer.weights.dropFirst().map(\.name))
    // Freezing and thawing the layer leaves it so.
    layer.isTrainable = false
    #expect(layer.nonTrainableWeights.map(\.name) == layer.weights.map(\.name))
    layer.isTrainable = true
    #expect(layer.nonTrainableWeights.count == 1)
  }

  @Test func settingsComeBack() throws {
    for example in Self.examples {
      let layer = try example.make()
      _ = try layer.outputSpecs(for: [example.input.spec], arguments: example.arguments)
      let again = try Layers.deserialize(JSON(parsing: layer.serialized.json.text()))
      #expect(again.serialized.config == layer.serialized.config)
      #expect(again.serialized.config["lora_rank"] != nil && again.serialized.config["lora_alpha"] != nil)
    }
    #expect(Dense(units: 2, loraRank: 3).config["lora_alpha"] == 3)
    #expect(Dense(units: 2, loraRank: 3, loraAlpha: 0.5).config["lora_alpha"] == 0.5)
    #expect(Dense(units: 2, loraRank: 0).config["lora_rank"] == nil)
    #expect(Dense(units: 2).config["lora_rank"] == nil)
  }

  /// A file of Keras 3 holds the sum; the older layout every weight.
  @Test(arguments: ["keras", "weights.h5", "h5"]) func filesHoldTheSum(_ ending: String) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "lora-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "model.\(ending)").path
    func model(rank: Int?) throws -> Model {
      let image = Input(shape: [5, 5, 2])
      let x = Conv2D(filters: 3, kernelSize: 2, loraRank: rank, loraAlpha: 3)(image)
      return try Model(inputs: image, outputs: Dense(units: 2, loraRank: rank)(Flatten()(x)))
    }
    let saved = try model(rank: 2)
    for (number, weight) in saved.weights.enumerated() { try weight.assign(pattern(weight.shape, number)) }
    let x = pattern([2, 5, 5, 2], 9)
    let expected = try saved.predict(x).scalars(as: Float.self)
    func expectSame(_ model: Model) throws {
      let found = try model.predict(x).scalars(as: Float.self)
      for (found, expected) in zip(found, expected) { #expect(abs(found - expected) < 1e-5) }
    }
    if ending == "weights.h5" {
      try saved.saveWeights(to: path)
      let (adapted, plain) = (try model(rank: 1), try model(rank: nil))
      for model in [adapted, plain] {
        try model.loadWeights(from: path)
        try expectSame(model)
      }
      // What was read is the sum, and training can go on.
      let layer = try #require(adapted.layers[1] as? Conv2D)
      #expect(layer.weights[3].value.scalars(as: Float.self).allSatisfy { $0 == 0 })
      #expect(layer.weights[2].value.scalars(as: Float.self).contains { $0 != 0 })
    } else {
      try saved.save(to: path)
      let read = try Model.load(from: path)
      try expectSame(read)
      let sums = ending == "keras"
      #expect((numbers(read.weights[0].value) == numbers(saved.weights[0].value)) != sums)
      #expect((numbers(read.weights[3].value) == numbers(saved.weights[3].value)) != sums)
    }
  }

  @Test func preparedProgramsSeeTheAdaptation() throws {
    let dense = Dense(units: 3)
    let x = Input(shape: [4])
    let model = try Model(inputs: x, outputs: dense(x))
    let input = pattern([2, 4], 9)
    let before = numbers(try model.predict(input))
    try dense.enableLoRA(rank: 2)
    #expect(numbers(try model.predict(input)) == before)
    try dense.weights[3].assign(pattern([2, 3], 3))
    #expect(numbers(try model.predict(input)) != before)
  }

  // MARK: Errors

  private func message(_ body: () throws(KerasError) -> Void) -> String? {
    do throws(KerasError) {
      try body()
      return nil
    } catch {
      return error.description
    }
  }

  @Test func whatCannotBeAdapted() {
    let dense = Dense(units: 3, name: "d")
    #expect(
      message { () throws(KerasError) in try dense.enableLoRA(rank: 2) } == """
        The layer has no weights to adapt yet.
          in: d
          try: call it first, or give its initializer a loraRank.
        """)
    _ = dense(Input(shape: [4]))
    #expect(
      message { () throws(KerasError) in try dense.enableLoRA(rank: 0) } == """
        The rank of an adaptation is positive, found 0.
          in: d
        """)
    #expect(
      message { () throws(KerasError) in try dense.enableLoRA(rank: .max) } == """
        No memory holds an adaptation of rank \(Int.max).
          in: d
        """)
    #expect(message { () throws(KerasError) in try dense.enableLoRA(rank: 2) } == nil)
    #expect(
      message { () throws(KerasError) in try dense.enableLoRA(rank: 2) } == """
        The layer is adapted already, at rank 2.
          in: d
        """)
    #expect(
      failure(
        of: Dense(units: 3, kernelConstraint: .nonNegative, loraRank: 2, name: "d"), on: Input(shape: [4]))
          == """
          A weight with a constraint cannot be adapted: its sum with A · B need not fulfil it.
            in: d
            try: remove the constraint of `kernel`.
          """)
    #expect(
      failure(of: Conv2D(filters: 3, kernelSize: 1, loraRank: -1, name: "c"), on: Input(shape: [4, 4, 1]))
        == """
        The rank of an adaptation is positive, found -1.
          in: c
        """)
    #expect(
      failure(of: Dense(units: 3, loraRank: .max / 2, name: "d"), on: Input(shape: [4])) == """
        No memory holds a weight of shape [4, \(Int.max / 2)].
          in: d
        """)
  }

  /// As Keras writes layers that `quantize` has changed.
  @Test(arguments: [
    (
      #"{"quantization_config": {"class_name": "Int8QuantizationConfig", "config": {}}}"#,
      """
      Quantized layers are not supported, found quantization_config {"class_name": "Int8QuantizationConfig", "config": {}}.
        in: d › Dense
        try: save the model before it is quantized.
      """
    ),
    (
      #"{"dtype": {"class_name": "QuantizedDTypePolicy", "config": {"mode": "int8", "source_name": "float32"}}}"#,
      """
      Quantized layers are not supported, found the policy `int8`.
        in: d
        try: save the model before it is quantized.
      """
    ),
    (
      #"{"dtype": "float8_from_float32"}"#,
      """
      Quantized layers are not supported, found the policy `float8_from_float32`.
        in: d
        try: save the model before it is quantized.
      """
    ),
    (
      #"{"dtype": "int8"}"#,
      """
      Quantized layers are not supported, found the policy `int8`.
        in: d
        try: save the model before it is quantized.
      """
    ),
    (
      #"{"dtype": {"class_name": "DTypePolicyMap", "config": {"default_policy": null, "policy_map": {"a": "float16"}}}}"#,
      """
      Policies that differ from layer to layer are not supported, found {"class_name": "DTypePolicyMap", "config": {"default_poli….
        in: d
      """
    ),
  ])
  func quantizedLayers(_ settings: String, _ expected: String) throws {
    var config = try #require(try JSON(parsing: settings).object)
    (config["name"], config["units"]) = ("d", 3)
    let object = SerializedObject(module: "keras.layers", className: "Dense", config: config)
    #expect(message { () throws(KerasError) in _ = try Layers.deserialize(object) } == expected)
  }

  @Test func aMapOfNoLayersIsOnePolicy() throws {
    let dtype: JSON = [
      "class_name": "DTypePolicyMap", "config": ["default_policy": "mixed_bfloat16", "policy_map": [:]],
    ]
    let object = SerializedObject(module: nil, className: "Dense", config: ["units": 3, "dtype": dtype])
    #expect(try Layers.deserialize(object).dataTypePolicy.name == "mixed_bfloat16")
  }
}

private func numbers(_ tensor: Tensor) -> [Float] { tensor.scalars(as: Float.self) }
