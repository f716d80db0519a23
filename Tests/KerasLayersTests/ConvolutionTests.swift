import KerasModels
import Testing

/// What golden cases do not say of convolution layers: settings kept, shapes that are not known, errors.
@Suite struct ConvolutionTests {
  static let layers: [RoundTrip] = [
    RoundTrip(
      [nil, 9, 4],
      Conv1D(
        filters: 6, kernelSize: 3, strides: 2, padding: .causal, groups: 2, activation: .relu,
        usesBias: false,
        kernelInitializer: .heNormal, biasInitializer: .ones, kernelRegularizer: .l2(0.25),
        biasRegularizer: .l1(0.5), activityRegularizer: .l2(0.125), kernelConstraint: .maxNorm(3),
        biasConstraint: .nonNegative, name: "c")),
    RoundTrip(
      [nil, 4, 9, 8],
      Conv2D(
        filters: 2, kernelSize: [3, 2], padding: .same, dataFormat: .channelsFirst, dilationRate: [2, 1],
        activation: .leakyRelu(negativeSlope: 0.3), kernelRegularizer: .l1l2(l1: 0.5, l2: 0.25))),
    RoundTrip([nil, 5, 6, 7, 2], Conv3D(filters: 4, kernelSize: [1, 2, 3], strides: [2, 1, 2], groups: 2)),
    RoundTrip(
      [nil, 5, 3],
      Conv1DTranspose(filters: 2, kernelSize: 3, strides: 3, padding: .same, outputPadding: 2)),
    RoundTrip(
      [nil, 3, 5, 4],
      Conv2DTranspose(
        filters: 2, kernelSize: [3, 2], dataFormat: .channelsFirst, dilationRate: 2,
        kernelConstraint: .unitNorm)),
    RoundTrip(
      [nil, 3, 5, 4, 1],
      Conv3DTranspose(
        filters: 2, kernelSize: 2, strides: [1, 2, 2], outputPadding: [0, 1, 0], activation: .tanh)),
    RoundTrip(
      [nil, 9, 3],
      DepthwiseConv1D(
        kernelSize: 3, strides: 2, padding: .same, depthMultiplier: 2, dilationRate: 2,
        depthwiseInitializer: .ones, depthwiseRegularizer: .l2(0.5), depthwiseConstraint: .nonNegative)),
    RoundTrip(
      [nil, 3, 9, 8], DepthwiseConv2D(kernelSize: [1, 3], dataFormat: .channelsFirst, activation: .relu6)),
    RoundTrip(
      [nil, 9, 3],
      SeparableConv1D(
        filters: 4, kernelSize: 3, dilationRate: 2, depthMultiplier: 2, usesBias: false,
        depthwiseInitializer: .ones, pointwiseInitializer: .zeros, depthwiseRegularizer: .l1(0.5),
        pointwiseRegularizer: .l2(0.5), depthwiseConstraint: .nonNegative, pointwiseConstraint: .maxNorm(1))),
    RoundTrip([nil, 9, 8, 3], SeparableConv2D(filters: 4, kernelSize: [1, 3], strides: 2, padding: .same)),
  ]

  @Test(arguments: layers) func settingsComeBack(_ example: RoundTrip) throws {
    try expectRoundTrip(of: example.make(), on: example.shape)
  }

  @Test func theActivityRegularizerComesBack() throws {
    let layer = Conv2D(filters: 1, kernelSize: 1, activityRegularizer: .l1(0.5), name: "c")
    let again = try Layers.deserialize(layer.serialized.json)
    #expect(again.activityRegularizer?.json == layer.activityRegularizer?.json)
    #expect(again.serialized.config["activity_regularizer"]?["class_name"] == "L1")
  }

  static let shapes: [LayerCase<String>] = [
    LayerCase("sequence of any length", [nil, nil, 3], "(None, None, 5)", Conv1D(filters: 5, kernelSize: 3)),
    LayerCase(
      "causal keeps the length", [nil, 7, 3], "(None, 7, 5)",
      Conv1D(filters: 5, kernelSize: 4, padding: .causal, dilationRate: 5)),
    LayerCase(
      "channels first", [nil, 3, nil, 7], "(None, 5, None, 4)",
      Conv2D(filters: 5, kernelSize: 2, strides: 2, padding: .same, dataFormat: .channelsFirst)),
    LayerCase(
      "transposed, any length", [nil, nil, 4, 3], "(None, None, 12, 5)",
      Conv2DTranspose(filters: 5, kernelSize: 2, strides: 3)),
    LayerCase(
      "transposed, same", [nil, 4, 3], "(None, 8, 5)",
      Conv1DTranspose(filters: 5, kernelSize: 7, strides: 2, padding: .same)),
    LayerCase(
      "transposed, valid", [nil, 4, 3], "(None, 13, 5)",
      Conv1DTranspose(filters: 5, kernelSize: 7, strides: 2)),
    LayerCase(
      "transposed, holes", [nil, 4, 3], "(None, 10, 5)",
      Conv1DTranspose(filters: 5, kernelSize: 3, dilationRate: 3)),
    LayerCase(
      "transposed, output padding", [nil, 4, 3], "(None, 7, 5)",
      Conv1DTranspose(filters: 5, kernelSize: 3, strides: 2, padding: .same, outputPadding: 0)),
    LayerCase(
      "separable of any size", [2, nil, nil, 3], "(2, None, None, 5)",
      SeparableConv2D(filters: 5, kernelSize: 3)),
  ]

  @Test(arguments: shapes) func outputShape(_ example: LayerCase<String>) throws {
    let specs = try example.make().outputSpecs(for: [TensorSpec(example.shape)])
    #expect(specs.map(\.shape.description) == [example.expected])
  }

  static let errors: [LayerCase<String>] = [
    LayerCase(
      "strides and dilations", [9, 9, 3],
      "Conv2D takes no strides together with dilations, found [2, 2] and [1, 2].\n  in: layer",
      Conv2D(filters: 1, kernelSize: 3, strides: 2, dilationRate: [1, 2], name: "layer")),
    LayerCase(
      "causal over images", [9, 9, 3], "Conv2D takes no causal padding.\n  in: layer",
      Conv2D(filters: 1, kernelSize: 3, padding: .causal, name: "layer")),
    LayerCase(
      "output padding as large as the stride", [9, 3],
      "Output padding must be at least 0 and smaller than the strides [2], found [2].\n  in: layer",
      Conv1DTranspose(filters: 1, kernelSize: 3, strides: 2, outputPadding: 2, name: "layer")),
    LayerCase(
      "output padding of an even kernel, as in Keras", [4, 3],
      "6 elements along spatial axis 0 do not give 4 positions.\n  in: layer",
      Conv1DTranspose(filters: 1, kernelSize: 2, strides: 2, padding: .same, outputPadding: 0, name: "layer")),
    LayerCase(
      "no transposed filters", [9, 3],
      "Expected positive sizes, found kernel [3] and 0 filters.\n  in: layer",
      Conv1DTranspose(filters: 0, kernelSize: 3, name: "layer")),
    LayerCase(
      "transposed strides beyond any tensor", [9, 3],
      "Expected window sizes, strides and dilations from 1 to 16777216, found [3], [\(Int.max)] and [1].\n  in: layer",
      Conv1DTranspose(filters: 1, kernelSize: 3, strides: .max, name: "layer")),
    LayerCase(
      "transposed over nothing", [0, 3],
      "Conv1DTranspose takes axes of 1 to 2^32 elements, found 0.\n  in: layer",
      Conv1DTranspose(filters: 1, kernelSize: 3, name: "layer")),
    LayerCase(
      "separable without depth", [9, 3],
      "Expected positive sizes, found kernel [3], depth multiplier 0 and 4 filters.\n  in: layer",
      SeparableConv1D(filters: 4, kernelSize: 3, depthMultiplier: 0, name: "layer")),
    LayerCase(
      "unknown channels first", [nil, 9, 9],
      "Axis 1 of float32(None, None, 9, 9) must have a known length.\n  in: layer\n  try: give the input a shape with that length.",
      Conv2D(filters: 1, kernelSize: 3, dataFormat: .channelsFirst, name: "layer")),
    LayerCase(
      "a window over an endless axis", [.max / 8, 1],
      "A window cannot slide over \(Int.max / 8) elements.\n  in: layer",
      Conv1D(filters: 1, kernelSize: 3, padding: .same, name: "layer")),
  ]

  @Test(arguments: errors) func message(_ example: LayerCase<String>) {
    #expect(failure(of: example.make(), on: Input(shape: example.shape)) == example.expected)
  }

  /// As Keras 1.2 wrote it.
  @Test func settingsOfKeras1() throws {
    let text = """
      {"class_name": "Convolution2D", "config": {"name": "convolution2d_1", "trainable": true, "nb_filter": 32,
       "nb_row": 3, "nb_col": 5, "init": "glorot_uniform", "activation": "relu", "border_mode": "same",
       "subsample": [2, 1], "dim_ordering": "th", "W_regularizer": null, "b_regularizer": null,
       "activity_regularizer": null, "W_constraint": null, "b_constraint": null, "bias": false}}
      """
    let layer = try #require(
      try Layers.deserialize(JSON(parsing: text), version: .keras1) as? Conv2D)
    #expect(layer.filters == 32 && layer.kernelSize == [3, 5] && layer.strides == [2, 1])
    #expect(layer.padding == .same && layer.dataFormat == .channelsFirst && !layer.usesBias)
    #expect(layer.activation == .relu)
  }

  @Test func settingsThatMakeNoSense() {
    func message(_ config: JSONObject) -> String? {
      do {
        _ = try Layers.deserialize(.object(["class_name": "Conv2D", "config": .object(config)]))
        return nil
      } catch {
        return error.description
      }
    }
    #expect(
      message(["filters": 3, "kernel_size": [3, 3, 3]])
        == "The setting `kernel_size` must be 2 whole numbers, found [3, 3, 3].\n  in: Conv2D › Conv2D")
    #expect(
      message(["filters": 3, "kernel_size": 3, "padding": "causal"])
        == "The setting `padding` must be valid or same, found \"causal\".\n  in: Conv2D › Conv2D")
    #expect(
      message(["filters": 3, "kernel_size": 3, "data_format": "sideways"])
        == "The setting `data_format` must be channels_last or channels_first, found \"sideways\".\n  in: Conv2D › Conv2D"
    )
    #expect(message(["kernel_size": 3]) == "The setting `filters` is missing.\n  in: Conv2D › Conv2D\n  try: give all that Keras' get_config() returns.")
    #expect(message(["filters": 3, "kernel_size": 3, "padding": "SAME", "data_format": nil]) == nil)
  }
}
