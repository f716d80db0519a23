import Foundation
import KerasBackendTestSupport
import KerasModels
import Testing

/// Classes that only Keras 1 had, against their formulas in double precision.
@Suite struct Keras1LayersTests {
  struct Example: Sendable, CustomStringConvertible {
    let description: String
    let shape: [Int]
    let weights: [String]
    let make: @Sendable () -> Layer
    /// Output number `i` of sample `n`, of the input and the weights.
    let formula: @Sendable (_ x: Numbers, _ w: [Numbers]) -> [Double]
  }

  /// A tensor's numbers by position.
  struct Numbers {
    let shape: [Int]
    let all: [Double]

    init(_ tensor: Tensor) { (shape, all) = (tensor.shape, tensor.scalars()) }

    subscript(position: Int...) -> Double {
      all[zip(position, shape).reduce(0) { $0 * $1.1 + $1.0 }]
    }
  }

  static let examples = [
    Example(
      description: "MaxoutDense", shape: [3, 4], weights: ["W [5, 4, 2]", "b [5, 2]"],
      make: { MaxoutDense(units: 2, pieces: 5, name: "layer") }
    ) { x, w in
      (0..<3).flatMap { n in
        (0..<2).map { unit in
          (0..<5).map { piece in
            (0..<4).reduce(w[1][piece, unit]) { $0 + x[n, $1] * w[0][piece, $1, unit] }
          }.max() ?? .nan
        }
      }
    },
    Example(
      description: "MaxoutDense without bias", shape: [2, 3], weights: ["W [4, 3, 1]"],
      make: { MaxoutDense(units: 1, usesBias: false, name: "layer") }
    ) { x, w in
      (0..<2).map { n in
        (0..<4).map { piece in (0..<3).reduce(0) { $0 + x[n, $1] * w[0][piece, $1, 0] } }.max() ?? .nan
      }
    },
    Example(
      description: "Highway", shape: [3, 4], weights: ["W [4, 4]", "W_carry [4, 4]", "b [4]", "b_carry [4]"],
      make: { Highway(activation: .tanh, name: "layer") }
    ) { x, w in
      (0..<3).flatMap { n in
        (0..<4).map { unit in
          let gate = 1 / (1 + exp(-(0..<4).reduce(w[3][unit]) { $0 + x[n, $1] * w[1][$1, unit] }))
          return gate * tanh((0..<4).reduce(w[2][unit]) { $0 + x[n, $1] * w[0][$1, unit] }) + (1 - gate)
            * x[n, unit]
        }
      }
    },
    Example(
      description: "Highway without bias", shape: [2, 3], weights: ["W [3, 3]", "W_carry [3, 3]"],
      make: { Highway(usesBias: false, name: "layer") }
    ) { x, w in
      (0..<2).flatMap { n in
        (0..<3).map { unit in
          let gate = 1 / (1 + exp(-(0..<3).reduce(0) { $0 + x[n, $1] * w[1][$1, unit] }))
          return gate * (0..<3).reduce(0) { $0 + x[n, $1] * w[0][$1, unit] } + (1 - gate) * x[n, unit]
        }
      }
    },
    Example(
      description: "SReLU", shape: [4, 3, 2],
      weights: ["t_left [1, 2]", "a_left [1, 2]", "t_right [1, 2]", "a_right [1, 2]"],
      make: { SReLU(sharedAxes: [1], name: "layer") }
    ) { x, w in
      x.all.indices.map { i in
        let (x, c) = (x.all[i], i % 2)
        let (left, right) = (w[0][0, c], w[0][0, c] + abs(w[2][0, c]))
        return x >= right ? right + w[3][0, c] * (x - right) : x > left ? x : left + w[1][0, c] * (x - left)
      }
    },
    Example(
      description: "ParametricSoftplus", shape: [2, 3, 2], weights: ["alphas [3, 2]", "betas [3, 2]"],
      make: { ParametricSoftplus(name: "layer") }
    ) { x, w in
      x.all.indices.map { i in w[0].all[i % 6] * log(1 + exp(w[1].all[i % 6] * x.all[i])) }
    },
  ]

  /// The layer with numbers as weights, and the graph of it on its input and weights.
  private func prepared(_ example: Example) throws -> (layer: Layer, graph: Graph, inputs: [Tensor]) {
    let layer = example.make()
    let x = seeded(example.shape, 1)
    let graph = GraphBuilder()
    let context = CallContext(graph: graph, mode: .inputs)
    let outputs = try context.apply(layer, to: [graph.input(x.spec)]).outputs
    #expect(layer.weights.map { "\($0.name) \($0.shape)" } == example.weights)
    for (number, weight) in layer.weights.enumerated() { try weight.assign(seeded(weight.shape, 2 + number)) }
    return (layer, graph.finish(returning: outputs), [x] + context.parameters.map(\.variable.value))
  }

  @Test(arguments: examples, Backends.all.map(\.name))
  func values(_ example: Example, _ backend: String) throws {
    let (layer, graph, inputs) = try prepared(example)
    let program = try Backends.backend(named: backend).prepare(graph, options: ProgramOptions())
    let found: [Double] = try program.run(inputs)[0].scalars()
    let expected = example.formula(Numbers(inputs[0]), layer.weights.map { Numbers($0.value) })
    #expect(found.count == expected.count)
    for (found, expected) in zip(found, expected) { #expect(abs(found - expected) < 1e-5) }
  }

  @Test(arguments: examples) func gradients(_ example: Example) throws {
    let (_, graph, inputs) = try prepared(example)
    if let found = try checkGradient(of: graph, at: inputs) { Issue.record("\(found)") }
  }

  @Test func firstValues() throws {
    let highway = Highway()
    _ = highway(Input(shape: [2]))
    #expect(highway.weights.suffix(2).map { $0.value.scalars(as: Float.self) } == [[0, 0], [1, 1]])
    let softplus = ParametricSoftplus()
    _ = softplus(Input(shape: [1]))
    #expect(softplus.weights.map { $0.value.scalars(as: Float.self) } == [[0.2], [5]])
    let bent = SReLU()
    _ = bent(Input(shape: [3]))
    #expect(bent.weights[0].value.scalars(as: Float.self) == [0, 0, 0])
    #expect(bent.weights[3].value.scalars(as: Float.self) == [1, 1, 1])
  }

  static let roundTrips = [
    RoundTrip(
      [nil, 4],
      MaxoutDense(
        units: 3, pieces: 2, usesBias: false, kernelInitializer: .ones, kernelRegularizer: .l2(0.1),
        biasRegularizer: .l1(0.2), activityRegularizer: .l1(0.3), kernelConstraint: .maxNorm(2),
        biasConstraint: .nonNegative)),
    RoundTrip(
      [nil, 4],
      Highway(
        activation: .relu, usesBias: false, kernelInitializer: .ones, kernelRegularizer: .l2(0.1),
        biasRegularizer: .l1(0.2), activityRegularizer: .l1(0.3), kernelConstraint: .maxNorm(2),
        biasConstraint: .nonNegative)),
    RoundTrip(
      [nil, 4, 2],
      SReLU(
        leftBendInitializer: .ones, leftSlopeInitializer: .zeros, rightBendInitializer: .constant(2),
        rightSlopeInitializer: .heNormal, sharedAxes: [1])),
    RoundTrip([nil, 4, 2], ParametricSoftplus(alpha: 0.5, beta: 2.5, sharedAxes: [2])),
  ]

  @Test(arguments: roundTrips) func settingsComeBack(_ example: RoundTrip) throws {
    try expectRoundTrip(of: example.make(), on: example.shape)
  }

  /// An architecture without a version is told by its arguments.
  @Test func architectureOfKeras1() throws {
    let text = #"""
      {"class_name": "Sequential", "config": [
        {"class_name": "Highway", "config": {"name": "highway_1", "trainable": true, "batch_input_shape": [null, 5],
          "init": "one", "activation": "hard_sigmoid", "bias": false, "input_dim": null, "activity_regularizer": null,
          "W_regularizer": {"name": "WeightRegularizer", "l1": 0.0, "l2": 0.5}, "b_regularizer": null,
          "W_constraint": null, "b_constraint": null}},
        {"class_name": "MaxoutDense", "config": {"name": "maxoutdense_1", "trainable": false, "output_dim": 3,
          "nb_feature": 2, "init": "uniform", "bias": true, "input_dim": null, "activity_regularizer": null,
          "W_regularizer": null, "b_regularizer": null, "W_constraint": {"name": "MaxNorm", "m": 2, "axis": 0},
          "b_constraint": null}},
        {"class_name": "TimeDistributedDense", "config": {"name": "d", "output_dim": 2, "init": "uniform",
          "activation": "linear", "bias": true, "input_dim": null, "input_length": null, "W_regularizer": null}}]}
      """#
    let model = try Model.fromJSON(text)
    #expect(model.layers.map(\.className) == ["Highway", "MaxoutDense", "Dense"])
    #expect(model.weights.map(\.shape) == [[5, 5], [5, 5], [2, 5, 3], [2, 3], [3, 2], [2]])
    let highway = try #require(model.layers[0] as? Highway)
    #expect(!highway.usesBias && highway.config["kernel_regularizer"]?["config"]?["l2"]?.number == 0.5)
    #expect(!model.layers[1].isTrainable)
    #expect(model.layers[1].config["kernel_constraint"]?["config"]?["max_value"]?.number == 2)
  }

  typealias Case = LayerCase<String>
  static let errors = [
    Case(
      "no pieces", [4], "MaxoutDense needs units and pieces, found 3 and 0.\n  in: layer",
      MaxoutDense(units: 3, pieces: 0, name: "layer")),
    Case(
      "shared batch", [4],
      "SReLU shares numbers along axes behind the batch, found [0] for float32(None, 4).\n  in: layer",
      SReLU(sharedAxes: [0], name: "layer")),
  ]

  @Test(arguments: errors) func whatIsRefused(_ example: Case) {
    #expect(failure(of: example.make(), on: Input(shape: example.shape)) == example.expected)
  }
}
