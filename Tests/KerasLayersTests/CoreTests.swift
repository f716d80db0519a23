import KerasModels
import Testing

/// Core layers, activations and noise: settings, names in files, and what they refuse. Values are golden cases.
@Suite struct CoreTests {
  static let roundTrips = [
    RoundTrip(
      [nil, 3, 4],
      EinsumDense(
        "abc,cd->abd", outputShape: [3, 5], activation: .tanh, biasAxes: "bd", kernelInitializer: .heNormal,
        biasInitializer: .ones, kernelRegularizer: .l1(0.1), biasRegularizer: .l2(0.2),
        activityRegularizer: .l2(0.3), kernelConstraint: .nonNegative, biasConstraint: .unitNorm, name: "e")),
    RoundTrip(
      [nil, 4],
      Embedding(
        inputDimension: 9, outputDimension: 3, embeddingsInitializer: .ones, embeddingsRegularizer: .l1(0.1),
        activityRegularizer: .l2(0.2), embeddingsConstraint: .nonNegative, masksZero: true, name: "e")),
    RoundTrip(
      [nil, 4],
      ReversibleEmbedding(
        inputDimension: 9, outputDimension: 3, tiesWeights: false, masksZero: true,
        reverseDataType: .float64, logitSoftCap: 2.5)),
    RoundTrip([nil, 4, 2], Masking(maskValue: -1.5)), RoundTrip([nil, 4], Identity()),
    RoundTrip([nil, 4], Activation(.leakyRelu(negativeSlope: 0.4))),
    RoundTrip([nil, 4], ReLU(maximum: 3, negativeSlope: 0.2, threshold: 0.1)),
    RoundTrip([nil, 4], LeakyReLU(negativeSlope: 0.7)), RoundTrip([nil, 4], ELU(alpha: 0.4)),
    RoundTrip([nil, 4], ThresholdedReLU(theta: 0.4)),
    RoundTrip(
      [nil, 4, 5],
      PReLU(
        alphaInitializer: .constant(0.2), alphaRegularizer: .l1(0.1), alphaConstraint: .nonNegative,
        sharedAxes: [1])), RoundTrip([nil, 4, 5], Softmax(axis: [1, 2])),
    RoundTrip([nil, 4, 5], Dropout(0.3, noiseShape: [nil, 1, 5], seed: 3)),
    RoundTrip([nil, 4, 5], SpatialDropout1D(0.3, seed: 3)),
    RoundTrip([nil, 3, 4, 5], SpatialDropout2D(0.3, dataFormat: .channelsFirst, seed: 3)),
    RoundTrip([nil, 2, 3, 4, 5], SpatialDropout3D(0.3, dataFormat: .channelsFirst)),
    RoundTrip([nil, 4], GaussianDropout(0.3, seed: 4)), RoundTrip([nil, 4], GaussianNoise(0.3, seed: 5)),
    RoundTrip([nil, 4], AlphaDropout(0.3, noiseShape: [nil, 1], seed: 6)),
    RoundTrip([nil, 4], ActivityRegularization(l1: 0.1, l2: 0.2)),
  ]

  @Test(arguments: roundTrips) func settingsAreReadAndWritten(_ example: RoundTrip) throws {
    try expectRoundTrip(of: example.make(), on: example.shape)
  }

  /// Keras' classes refuse what every other layer takes.
  @Test(arguments: [
    SpatialDropout1D(0.5, name: "s"), SpatialDropout2D(0.5, name: "s"), SpatialDropout3D(0.5, name: "s"),
  ])
  func spatialDropoutsAreNotTrainable(_ layer: Dropout) {
    #expect(Set(layer.serialized.config.keys).subtracting(["data_format"]) == ["rate", "seed", "name", "dtype"])
  }

  @Test(arguments: [
    #"{"batch_shape": [null, 3], "dtype": "int32", "name": "i"}"#,
    #"{"batch_input_shape": [null, 3], "dtype": "int32", "sparse": false, "ragged": false, "name": "i"}"#,
    #"{"shape": [3], "dtype": {"class_name": "DTypePolicy", "config": {"name": "int32"}}, "name": "i"}"#,
    #"{"input_shape": [3], "batch_size": null, "input_dtype": "float32", "dtype": "int32", "name": "i"}"#,
  ])
  func inputsOfAllGenerations(_ text: String) throws {
    let config = try #require(try JSON(parsing: text).object)
    let object = SerializedObject(module: nil, className: "InputLayer", config: config)
    let layer = try #require(try Layers.deserialize(object) as? InputLayer)
    #expect(layer.spec == TensorSpec([nil, 3], .int32))
    #expect(
      JSON.object(layer.config).text()
        == #"{"batch_shape": [null, 3], "dtype": "int32", "sparse": false, "ragged": false, "name": "i", "optional": false}"#
    )
  }

  @Test(arguments: ["sparse", "ragged"]) func inputsThatAreNotDense(_ kind: String) {
    let object = SerializedObject(
      module: nil, className: "InputLayer",
      config: ["batch_shape": [nil, 3], "name": "i", .init(kind): true])
    let error = #expect(throws: KerasError.self) { try Layers.deserialize(object) }
    #expect(
      error?.description == """
        The input is \(kind), and tensors here are dense.
          in: i
          try: make the model with `\(kind)=False`; a ragged batch can be padded and masked.
        """)
  }

  // MARK: Functions by name

  @Test func aFunctionOfTheUsersOwn() throws {
    let layer = Lambda { x, graph throws(KerasError) in try graph.concatenate([x, x], axis: -1) }
    #expect(try layer.outputSpecs(for: [TensorSpec([nil, 3])])[0].shape == [nil, 6])
  }

  @Test(arguments: [
    (
      #"{"module": "builtins", "class_name": "function", "config": "twice_in_python", "registered_name": "function"}"#,
      "twice_in_python"
    ),
    (#""twice_in_keras_2""#, "twice_in_keras_2"),
    (
      #"{"class_name": "__lambda__", "config": {"code": "4wEAAA==", "defaults": null, "closure": null}}"#,
      "doubling"
    ),
    (#"["4wEAAA==", null, null]"#, "doubling"),
  ])
  func functionsOfFiles(_ function: String, _ name: String) throws {
    let object = SerializedObject(
      module: "keras.layers", className: "Lambda",
      config: ["name": "doubling", "function": try JSON(parsing: function), "arguments": [:]])
    if name != "doubling" {
      let error = #expect(throws: KerasError.self) { try Layers.deserialize(object) }
      #expect(
        error?.description == """
          The function `\(name)` of a Lambda layer is not registered, and code in files is not run.
            in: doubling
            try: write it in Swift and register it before: Lambda.register("\(name)") { x, graph in … }.
          """)
    }
    Lambda.register(name) { x, graph throws(KerasError) in try graph.concatenate([x, x], axis: -1) }
    let layer = try Layers.deserialize(object)
    #expect(try layer.outputSpecs(for: [TensorSpec([nil, 3])])[0].shape == [nil, 6])
    #expect(layer.config["function"] == object.config["function"])
  }

  // MARK: Errors

  typealias Case = LayerCase<String>
  static let errors = [
    Case(
      "no table", [3], "Embedding needs a table with rows and columns, found 0 × 2.\n  in: layer",
      Embedding(inputDimension: 0, outputDimension: 2, name: "layer")),
    Case(
      "weights of another shape", [3],
      "Expected float32(3, 2), found float32(2, 2).\n  in: layer › layer/embeddings",
      Embedding(
        inputDimension: 3, outputDimension: 2, weights: Tensor(zeros: [2, 2]), name: "layer")),
    Case(
      "equation", [3],
      "The equation `ab->ac` is not of the form X,Y->Z, ...X,Y->...Z or X...,Y->Z....\n  in: layer",
      EinsumDense("ab->ac", outputShape: [2], name: "layer")),
    Case(
      "too few axes", [3],
      "The equation `abc,cd->abd` names 3 axes of the input, found (None, 3).\n  in: layer",
      EinsumDense("abc,cd->abd", outputShape: [nil, 2], name: "layer")),
    Case(
      "too few lengths", [3, 4],
      "The equation `abc,cd->abd` gives 3 axes, found 2 lengths with the batch: (2,).\n  in: layer",
      EinsumDense("abc,cd->abd", outputShape: [2], name: "layer")),
    Case(
      "unknown kernel", [3, 4],
      """
      Axis `d` of the kernel in the equation `abc,cd->abd` must have a known length.
        in: layer
        try: give it in outputShape, or the input a shape with that length.
      """, EinsumDense("abc,cd->abd", outputShape: [3, nil], name: "layer")),
    Case(
      "other length", [3, 4],
      "Axis `b` of the equation `abc,cd->abd` has length 3 in the input and 5 in the output.\n  in: layer",
      EinsumDense("abc,cd->abd", outputShape: [5, 2], name: "layer")),
    Case(
      "bias of nothing", [3, 4],
      "The bias is for axes of the output, found `x` and the equation `abc,cd->abd`.\n  in: layer",
      EinsumDense("abc,cd->abd", outputShape: [3, 2], biasAxes: "x", name: "layer")),
    Case(
      "slope", [3], "LeakyReLU takes a slope from 0 up, found -1.0.\n  in: layer",
      LeakyReLU(negativeSlope: -1, name: "layer")),
    Case(
      "maximum", [3], "ReLU takes a maximum from 0 up, found nan.\n  in: layer",
      ReLU(maximum: .nan, name: "layer")),
    Case(
      "shared batch", [3],
      "PReLU shares numbers along axes behind the batch, found [0] for float32(None, 3).\n  in: layer",
      PReLU(sharedAxes: [0], name: "layer")),
    Case(
      "rank", [3], "Expected an input with 3 axes (batch first), found (None, 3).\n  in: layer",
      SpatialDropout1D(0.1, name: "layer")),
    Case(
      "deviation", [3], "GaussianNoise takes a deviation from 0 to 1, found 2.0.\n  in: layer",
      GaussianNoise(2, name: "layer")),
    Case(
      "all of it", [3], "GaussianDropout takes a rate below 1, where its noise is infinite.\n  in: layer",
      GaussianDropout(1, name: "layer")),
  ]

  @Test(arguments: errors) func message(_ example: Case) {
    #expect(failure(of: example.make(), on: Input(shape: example.shape)) == example.expected)
  }

  @Test func noiseThatDoesNotFit() {
    let layer = Dropout(0.5, noiseShape: [nil, 2], name: "d")
    let error = #expect(throws: KerasError.self) {
      try layer.outputSpecs(
        for: [TensorSpec([nil, 3])], arguments: CallArguments(options: ["training": true]))
    }
    #expect(error?.description == "Noise of shape (None, 2) does not broadcast to (None, 3).\n  in: d")
  }
}
