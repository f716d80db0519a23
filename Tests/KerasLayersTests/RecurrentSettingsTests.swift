import KerasModels
import Testing

/// Settings of recurrent layers and wrappers: written, read, and read from what older versions wrote.
@Suite struct RecurrentSettingsTests {
  static let layers: [@Sendable () -> Layer] = [
    {
      SimpleRNN(
        units: 3, activation: .relu, usesBias: false, kernelInitializer: .zeros, recurrentInitializer: .ones,
        kernelRegularizer: L2(0.1), recurrentRegularizer: L1(0.2), activityRegularizer: L1(0.3),
        kernelConstraint: MaxNorm(), dropout: 0.1, recurrentDropout: 0.2, returnsSequences: true,
        returnsState: true, goesBackwards: true, isStateful: true, isUnrolled: true, zeroesMaskedOutputs: true
      )
    },
    {
      LSTM(
        units: 3, activation: .softsign, recurrentActivation: .hardSigmoid, biasInitializer: .ones,
        unitForgetBias: false, biasRegularizer: L1(0.2), recurrentConstraint: NonNegative(), dropout: 0.25,
        recurrentDropout: 0.5, seed: 4, returnsState: true)
    },
    {
      GRU(
        units: 3, activation: .elu, recurrentActivation: .softsign, recurrentRegularizer: L2(0.5),
        biasConstraint: UnitNorm(), seed: 1, goesBackwards: true, resetsAfter: false)
    },
    { LSTMCell(units: 2, activation: .relu, unitForgetBias: false, dropout: 0.5) },
    { GRUCell(units: 2, usesBias: false, resetsAfter: false, seed: 3) },
    { SimpleRNNCell(units: 2, activation: .softplus, recurrentDropout: 0.5) },
    { RNN([LSTMCell(units: 2), LSTMCell(units: 3)], returnsSequences: true, isStateful: true) },
    {
      ConvLSTM1D(
        filters: 2, kernelSize: 3, strides: 2, padding: .same, dataFormat: .channelsFirst, activation: .relu,
        unitForgetBias: false, dropout: 0.5, returnsState: true)
    },
    {
      ConvLSTM2D(filters: 2, kernelSize: [3, 2], dilationRate: [2, 1], usesBias: false, goesBackwards: true)
    },
    { ConvLSTM3D(filters: 2, kernelSize: [1, 2, 3], recurrentActivation: .hardSigmoid, isStateful: true) },
    { ConvLSTMCell(filters: 2, kernelSize: [2, 2], padding: .same) },
    { Bidirectional(LSTM(units: 2, returnsSequences: true), mergeMode: .average) },
    { Bidirectional(LSTM(units: 2), mergeMode: nil, backwardLayer: GRU(units: 3, goesBackwards: true)) },
    { TimeDistributed(TimeDistributed(Dense(units: 2, activation: .relu))) },
  ]

  @Test(arguments: layers.indices)
  func everySettingSurvives(_ number: Int) throws {
    let layer = Self.layers[number]()
    let copy = try Layers.deserialize(layer.serialized)
    #expect(copy.serialized.config == layer.serialized.config)
    #expect(type(of: copy) == type(of: layer))
  }

  @Test func childrenAreCalledAsInFiles() throws {
    let layer = Session.withFresh {
      Bidirectional(
        RNN([LSTMCell(units: 2), GRUCell(units: 2), LSTMCell(units: 2)], name: "stack"), name: "both")
    }
    _ = try layer.outputSpecs(for: [TensorSpec([2, 3, 4])])
    #expect(layer.children.map(\.attribute) == ["forward_layer", "backward_layer"])
    #expect(layer.forwardLayer.children.map(\.attribute) == ["cell"])
    #expect(
      layer.forwardLayer.cell.children.map(\.attribute) == [
        "cells/lstm_cell", "cells/gru_cell", "cells/lstm_cell_1",
      ])
    #expect(TimeDistributed(Dense(units: 1)).children.map(\.attribute) == ["layer"])
    #expect(
      layer.weights.prefix(4).map(\.path) == [
        "both/forward_stack/stacked_rnn_cells/lstm_cell/kernel",
        "both/forward_stack/stacked_rnn_cells/lstm_cell/recurrent_kernel",
        "both/forward_stack/stacked_rnn_cells/lstm_cell/bias",
        "both/forward_stack/stacked_rnn_cells/gru_cell/kernel",
      ])
  }

  /// The forget gate starts with ones, the rest as the initializer says.
  @Test func forgetGatesStartWithOnes() throws {
    let layer = LSTM(units: 2)
    _ = try layer.outputSpecs(for: [TensorSpec([2, 3, 4])])
    #expect(try layer.cell.weight("bias").value.scalars(as: Float.self) == [0, 0, 1, 1, 0, 0, 0, 0])
    let plain = LSTM(units: 2, unitForgetBias: false)
    _ = try plain.outputSpecs(for: [TensorSpec([2, 3, 4])])
    #expect(try plain.cell.weight("bias").value.scalars(as: Float.self) == [Float](repeating: 0, count: 8))
  }

  // MARK: Older versions

  private func layer(_ json: String, _ version: KerasVersion) throws -> Layer {
    try Layers.deserialize(JSON(parsing: json), version: version)
  }

  @Test func keras1() throws {
    let lstm = try #require(
      try layer(
        """
        {"class_name": "LSTM", "config": {"name": "lstm_1", "trainable": true, "batch_input_shape": [null, 5, 4],
         "input_dtype": "float32", "return_sequences": true, "go_backwards": false, "stateful": false,
         "unroll": false, "consume_less": "cpu", "input_dim": 4, "input_length": null, "output_dim": 3,
         "init": "glorot_uniform", "inner_init": "orthogonal", "forget_bias_init": "one", "activation": "tanh",
         "inner_activation": "hard_sigmoid", "W_regularizer": null, "U_regularizer": null, "b_regularizer": null,
         "dropout_W": 0.2, "dropout_U": 0.1}}
        """, .keras1) as? LSTM)
    let cell = try #require(lstm.cell as? LSTMCell)
    #expect(cell.units == 3)
    #expect(cell.unitForgetBias)
    #expect(cell.recurrentActivation == .legacyHardSigmoid)
    #expect(lstm.config["dropout"] == 0.2)
    #expect(lstm.config["recurrent_dropout"] == 0.1)
    #expect(lstm.returnsSequences)
    let dense = try layer(
      #"{"class_name": "TimeDistributedDense", "config": {"name": "d", "output_dim": 3, "init": "uniform"}}"#,
      .keras1)
    #expect((dense as? Dense)?.units == 3)
  }

  @Test func keras2() throws {
    let gru = try #require(
      try layer(#"{"class_name": "GRU", "config": {"units": 3, "implementation": 1}}"#, .keras2) as? GRU)
    let cell = try #require(gru.cell as? GRUCell)
    #expect(cell.recurrentActivation == .legacyHardSigmoid)
    #expect(!cell.resetsAfter)
    #expect(cell.implementation == 1)
    let new = try #require(
      try layer(#"{"class_name": "GRU", "config": {"units": 3}}"#, .keras3) as? GRU)
    #expect((new.cell as? GRUCell)?.resetsAfter == true)
    let both = try #require(
      try layer(
        """
        {"class_name": "Bidirectional", "config": {"name": "bidirectional_1", "merge_mode": "concat", "layer":
         {"class_name": "GRU", "config": {"name": "gru_1", "units": 3, "go_backwards": true}}}}
        """, .keras2) as? Bidirectional)
    #expect(both.forwardLayer.name == "forward_gru_1")
    #expect(both.backwardLayer.name == "backward_gru_1")
    #expect(both.forwardLayer.goesBackwards)
    #expect(!both.backwardLayer.goesBackwards)
  }

  @Test func cuDNN() throws {
    let lstm = try layer(
      #"{"class_name": "CuDNNLSTM", "config": {"name": "l", "units": 3, "return_sequences": true}}"#, .keras2)
    let cell = try #require((lstm as? LSTM)?.cell as? LSTMCell)
    #expect(cell.recurrentActivation == .sigmoid)
    #expect(lstm.className == "LSTM")
    let gru = try layer(#"{"class_name": "CuDNNGRU", "config": {"name": "g", "units": 3}}"#, .keras2)
    #expect(((gru as? GRU)?.cell as? GRUCell)?.resetsAfter == true)
  }

  @Test func convolutionalCells() throws {
    let layer = try layer(
      """
      {"class_name": "ConvRNN2D", "config": {"name": "r", "cell": {"class_name": "ConvLSTM2DCell", "config":
       {"name": "c", "filters": 2, "kernel_size": [2, 2], "strides": [1, 1], "padding": "valid",
        "data_format": "channels_last", "dilation_rate": [1, 1], "activation": "tanh"}}}}
      """, .keras2)
    #expect(try layer.outputSpecs(for: [TensorSpec([nil, 3, 4, 4, 1])]).map(\.shape) == [[nil, 3, 3, 2]])
  }

  static let wrong: [(json: String, message: String)] = [
    (
      #"{"class_name": "LSTM", "config": {"name": "l"}}"#,
      """
      The setting `units` is missing.
        in: l › LSTM
        try: give all that Keras' get_config() returns.
      """
    ),
    (
      #"{"class_name": "RNN", "config": {"name": "r", "cell": {"class_name": "Dense", "config": {"units": 1}}}}"#,
      """
      The setting `cell` must be a recurrent cell, found {"class_name": "Dense", "config": {"units": 1}}.
        in: r › RNN
      """
    ),
    (
      #"{"class_name": "Bidirectional", "config": {"name": "b", "merge_mode": "max", "layer": {"class_name": "GRU", "config": {"units": 1}}}}"#,
      """
      The setting `merge_mode` must be one of sum, mul, ave, concat, found "max".
        in: b › Bidirectional
      """
    ),
    (
      #"{"class_name": "Bidirectional", "config": {"name": "b", "layer": {"class_name": "Dense", "config": {"units": 1}}}}"#,
      """
      The setting `layer` must be a recurrent layer, found {"class_name": "Dense", "config": {"units": 1}}.
        in: b › Bidirectional
      """
    ),
    (
      #"{"class_name": "RNN", "config": {"name": "r", "num_constants": -1, "cell": {"class_name": "GRUCell", "config": {"units": 1}}}}"#,
      """
      The setting `num_constants` must be a number from 0 up, found -1.
        in: r › RNN
      """
    ),
    (
      #"{"class_name": "Bidirectional", "config": {"name": "b", "num_constants": 1, "layer": {"class_name": "GRU", "config": {"units": 1}}}}"#,
      """
      A Bidirectional with constants of its caller's is not supported.
        in: b
      """
    ),
  ]

  @Test(arguments: wrong)
  func wrongSettings(_ json: String, _ message: String) throws {
    let error = try #require(throws: KerasError.self) { try layer(json, .keras3) }
    #expect(error.description == message)
  }
}

/// cuDNN keeps kernels transposed, gate by gate, and two biases.
@Suite struct CuDNNWeightsTests {
  private func counting(_ shape: [Int]) throws -> Tensor {
    try Tensor((0..<elementCountOf(shape)).map { Float($0) }, shape: shape)
  }

  /// Expected numbers: `tf_keras.src.saving.legacy.hdf5_format._convert_rnn_weights`.
  @Test func lstm() throws {
    let weights = try [counting([2, 12]), counting([3, 12]), counting([24])]
    let converted = try CuDNNWeights.converted(weights, of: .lstm)
    #expect(
      converted[0].scalars(as: Float.self) == [
        0, 2, 13, 3, 5, 16, 6, 8, 19, 9, 11, 22, 1, 12, 14, 4, 15, 17, 7, 18, 20, 10, 21, 23,
      ])
    #expect(
      converted[1].scalars(as: Float.self) == [
        0, 12, 24, 3, 15, 27, 6, 18, 30, 9, 21, 33, 1, 13, 25, 4, 16, 28, 7, 19, 31, 10, 22, 34, 2, 14, 26, 5,
        17, 29, 8, 20, 32, 11, 23, 35,
      ])
    let wanted: [Float] = (0..<12).map { Float(12 + 2 * $0) }
    #expect(converted[2].scalars(as: Float.self) == wanted)
  }

  @Test func gru() throws {
    let weights = try [counting([2, 9]), counting([3, 9]), counting([18])]
    let converted = try CuDNNWeights.converted(weights, of: .gru)
    #expect(converted[2].shape == [2, 9])
    #expect(converted[2].scalars(as: Float.self) == (0..<18).map(Float.init))
    #expect(
      converted[0].scalars(as: Float.self) == [0, 2, 10, 3, 5, 13, 6, 8, 16, 1, 9, 11, 4, 12, 14, 7, 15, 17])
  }

  @Test func plainWeightsAreNotConverted() throws {
    let weights = try [counting([2, 12]), counting([3, 12]), counting([12])]
    #expect(!CuDNNWeights.isLayout(weights, of: .lstm))
    let error = try #require(throws: KerasError.self) { try CuDNNWeights.converted(weights, of: .lstm) }
    #expect(
      error.description == """
        Expected a kernel, a recurrent kernel and a bias in cuDNN's layout, found float32(2, 12), float32(3, 12), \
        float32(12,).
        """)
  }
}

@Suite struct TimeDistributedTests {
  /// Mixes the samples of a batch: all become their mean.
  private final class Blending: Layer, @unchecked Sendable {
    override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
      let mean = try context.graph.reduce(.mean, input, axes: [0], keepsDimensions: true)
      return try context.graph.broadcast(mean, to: context.graph.shape(of: input))
    }
  }

  @Test func layersOfOnesOwnSeeOneStepAfterTheOther() throws {
    let layer = TimeDistributed(Blending())
    let input = try Tensor([1, 2, 3, 4] as [Float], shape: [2, 2, 1])
    let output: [Float] = try RecurrentRun(layer, on: [input]).outputs[0].scalars()
    #expect(output == [2, 3, 2, 3])
    #expect(try layer.outputSpecs(for: [TensorSpec([nil, nil, 1])]).map(\.shape) == [[nil, nil, 1]])
  }

  @Test func plainLayersRunOnce() throws {
    let graph = GraphBuilder()
    let context = CallContext(graph: graph, mode: .constants, isTraining: true)
    _ = try context.apply(TimeDistributed(Dense(units: 2)), to: graph.input(TensorSpec([2, 7, 3])))
    #expect(graph.graph.nodes.filter { $0.operation.name == "matrixMultiply" }.count == 1)
  }

  @Test func masksMustFit() throws {
    let graph = GraphBuilder()
    let context = CallContext(graph: graph, mode: .constants)
    let (x, mask) = (graph.input(TensorSpec([2, 3, 1])), graph.input(TensorSpec([2, 4], .bool)))
    let error = try #require(throws: KerasError.self) {
      try context.apply(TimeDistributed(Dense(units: 2), name: "each"), to: x, mask: mask)
    }
    #expect(
      error.description == """
        Expected a mask for the steps of (2, 3, 1), found one of (2, 4).
          in: each
        """)
  }
}
