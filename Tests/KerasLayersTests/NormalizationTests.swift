import KerasModels
import Testing

/// Normalizations: settings, weights, refusals, and graphs. Values are golden cases.
@Suite struct NormalizationTests {
  static let roundTrips = [
    RoundTrip(
      [nil, 3, 4],
      BatchNormalization(
        axis: 1, momentum: 0.7, epsilon: 0.1, centers: false, betaInitializer: .ones,
        gammaInitializer: .constant(2), movingMeanInitializer: .ones, movingVarianceInitializer: .constant(3),
        betaRegularizer: .l1(0.1), gammaRegularizer: .l2(0.2), betaConstraint: .nonNegative,
        gammaConstraint: .unitNorm,
        renormalization: BatchRenormalization(
          smallestRatio: 0.5, largestRatio: 2, largestShift: 1, momentum: 0.6),
        isSynchronized: true, name: "b")),
    RoundTrip(
      [nil, 3, 4],
      LayerNormalization(
        axis: [1, 2], epsilon: 0.1, scales: false, betaRegularizer: .l1(0.1), betaConstraint: .nonNegative)),
    RoundTrip(
      [nil, 3, 4],
      GroupNormalization(groups: 2, axis: -1, epsilon: 0.1, centers: false, gammaRegularizer: .l1(0.1))),
    RoundTrip([nil, 3, 4], RMSNormalization(axis: [1, 2], epsilon: 0.1)),
    RoundTrip([nil, 3, 4], UnitNormalization(axis: [1, 2])),
    RoundTrip([nil, 4], SpectralNormalization(Dense(units: 2, name: "inner"), powerIterations: 3)),
  ]

  @Test(arguments: roundTrips) func settingsAreReadAndWritten(_ example: RoundTrip) throws {
    try expectRoundTrip(of: example.make(), on: example.shape)
  }

  /// Keras' numbers: weights are not rounded to the 16 bits that the layer computes in, where this variance is infinite.
  @Test(
    arguments: [
      ("mixed_float16", [1.0478515625, -211.875, -0.2181396484375, 1273]),
      ("mixed_bfloat16", [1.0390625, -212, -0.2177734375, 1272]),
    ] as [(String, [Float])])
  func weightsKeepTheirDigits(policy: String, expected: [Float]) throws {
    let layer = BatchNormalization()
    layer.dataTypePolicy = try DataTypePolicy(named: policy)
    let type = layer.dataTypePolicy.computeType
    let x = try Tensor([1300, -3, 900, 4] as [Float], shape: [2, 2]).converted(to: type)
    _ = try layer.outputSpecs(for: [x.spec])
    let weights: [[Float]] = [[1.0009765625, 300], [0.1, 0.2], [1000.5, -2], [1e5, 2]]
    for (weight, numbers) in zip(layer.weights, weights) { try weight.assign(Tensor(numbers)) }
    #expect(try RecurrentRun(layer, on: [x]).outputs[0].scalars(as: Float.self) == expected)
  }

  @Test func weightsInFileOrder() throws {
    let layer = BatchNormalization(renormalization: BatchRenormalization(), name: "b")
    _ = layer(Input(shape: [3]))
    #expect(
      layer.weights.map(\.name) == [
        "gamma", "beta", "moving_mean", "moving_variance", "moving_stddev", "renorm_mean", "renorm_stddev",
      ])
    #expect(layer.weights[4].value.scalars(as: Float.self) == [1, 1, 1])
    let spectral = SpectralNormalization(Dense(units: 2, name: "inner"), name: "s")
    _ = spectral(Input(shape: [3]))
    #expect(spectral.weights.map(\.path) == ["s/inner/kernel", "s/vector_u", "s/inner/bias"])
    #expect(spectral.trainableWeights.map(\.path) == ["s/inner/kernel", "s/inner/bias"])
    #expect(spectral.ownWeights.map(\.name) == ["kernel", "vector_u"])
  }

  @Test func oldSettings() throws {
    let config: JSONObject = [
      "name": "b", "axis": [3], "mode": 0, "beta_init": "one", "gamma_init": "zero", "momentum": 0.9,
      "epsilon": 1e-6,
    ]
    let object = SerializedObject(module: nil, className: "BatchNormalization", config: config)
    let layer = try #require(try Layers.deserialize(object, version: .keras1) as? BatchNormalization)
    #expect(layer.axis == 3 && layer.epsilon == 1e-6)
    #expect(layer.weightSettings.betaInitializer.className == "Ones")
  }

  /// Channels in front are moved to the back and again to the front, where a pass cancels meeting moves.
  @Test func predictionAlongTheLastAxisIsOneOperation() throws {
    for (axis, expected) in [(-1, 1), (3, 1), (1, 3)] {
      let layer = BatchNormalization(axis: axis)
      let graph = GraphBuilder()
      let input = graph.input(TensorSpec([2, 3, 4, 5]))
      let context = CallContext(graph: graph, mode: .constants)
      _ = try context.apply(layer, to: input)
      let operations = graph.graph.nodes.filter {
        switch $0.operation {
        case .input, .constant: false
        default: true
        }
      }
      #expect(operations.count == expected, "axis \(axis)")
    }
  }

  typealias Case = LayerCase<String>
  static let errors = [
    Case(
      "groups", [3, 6], "Groups divide the channels, or -1 for one each; found 4 for 6.\n  in: layer",
      GroupNormalization(groups: 4, name: "layer")),
    Case(
      "no groups", [3, 6], "Groups divide the channels, or -1 for one each; found 0 for 6.\n  in: layer",
      GroupNormalization(groups: 0, name: "layer")),
    Case(
      "groups of samples", [6], "Channels are not along the batch's axis, found axis 0.\n  in: layer",
      GroupNormalization(groups: 1, axis: 0, name: "layer")),
    Case(
      "axis", [6], "Axis 2 is outside a tensor of rank 2.\n  in: layer",
      LayerNormalization(axis: 2, name: "layer")),
    Case(
      "axis twice", [6], "Axes [1, -1] name one axis twice.\n  in: layer",
      LayerNormalization(axis: [1, -1], name: "layer")),
    Case(
      "no kernel", [6],
      "SpectralNormalization needs a layer with a kernel or embeddings, found Activation.\n  in: layer",
      SpectralNormalization(Activation(.relu), name: "layer")),
    Case(
      "no iterations", [6], "SpectralNormalization takes at least one power iteration, found 0.\n  in: layer",
      SpectralNormalization(Dense(units: 1), powerIterations: 0, name: "layer")),
  ]

  @Test(arguments: errors) func message(_ example: Case) {
    let batchShape =
      example.description == "groups of samples" ? Shape([6, 6]) : Shape([nil] + example.shape.dimensions)
    #expect(failure(of: example.make(), on: Input(batchShape: batchShape)) == example.expected)
  }
}
