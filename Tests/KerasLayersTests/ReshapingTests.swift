import KerasModels
import Testing

/// What golden cases do not say of reshaping layers: settings kept, shapes that are not known, errors.
@Suite struct ReshapingTests {
  static let layers: [RoundTrip] = [
    RoundTrip([nil, 4, 9], Flatten(dataFormat: .channelsFirst)),
    RoundTrip([nil, 4, 9], Reshape([2, -1, 3])),
    RoundTrip([nil, 4, 9, 2], Permute([3, 1, 2])),
    RoundTrip([nil, 4], RepeatVector(5)),
    RoundTrip([nil, 4, 9], UpSampling1D(3)),
    RoundTrip(
      [nil, 4, 3, 2], UpSampling2D([2, 3], dataFormat: .channelsFirst, interpolation: .lanczos3)),
    RoundTrip([nil, 4, 3, 2, 1], UpSampling3D([1, 2, 3], dataFormat: .channelsFirst)),
    RoundTrip([nil, 4, 9], ZeroPadding1D(steps: AxisPadding(2, 0), dataFormat: .channelsFirst)),
    RoundTrip(
      [nil, 4, 9, 2], ZeroPadding2D(vertical: AxisPadding(1, 2), horizontal: .none)),
    RoundTrip(
      [nil, 2, 4, 9, 2],
      ZeroPadding3D(depth: .none, vertical: AxisPadding(1, 2), horizontal: AxisPadding(0, 4))),
    RoundTrip([nil, 4, 9], Cropping1D(steps: AxisPadding(2, 0))),
    RoundTrip(
      [nil, 2, 4, 9], Cropping2D(vertical: AxisPadding(0, 2), dataFormat: .channelsFirst)),
    RoundTrip(
      [nil, 3, 4, 9, 2],
      Cropping3D(depth: AxisPadding(1, 1), vertical: .none, horizontal: AxisPadding(0, 4))),
  ]

  @Test(arguments: layers) func settingsComeBack(_ example: RoundTrip) throws {
    try expectRoundTrip(of: example.make(), on: example.shape)
  }

  static let shapes: [LayerCase<String>] = [
    LayerCase("Flatten unknown lengths", [nil, nil, 3], "(None, None)", Flatten()),
    LayerCase(
      "Reshape of unknown lengths", [nil, nil, 3], "(None, None, 6)", Reshape([-1, 6])),
    LayerCase("Reshape to known lengths", [nil, nil, 3], "(None, 2, 6)", Reshape([2, 6])),
    LayerCase("Permute", [nil, nil, 3], "(None, 3, None)", Permute([2, 1])),
    LayerCase("RepeatVector", [nil, nil], "(None, 4, None)", RepeatVector(4)),
    LayerCase("UpSampling1D", [nil, nil, 3], "(None, None, 3)", UpSampling1D()),
    LayerCase("UpSampling2D", [nil, nil, 4, 3], "(None, None, 12, 3)", UpSampling2D([2, 3])),
    LayerCase(
      "UpSampling2D bilinear", [nil, 3, nil, 4], "(None, 3, None, 12)",
      UpSampling2D([2, 3], dataFormat: .channelsFirst, interpolation: .bilinear)),
    LayerCase(
      "Cropping2D", [nil, nil, 7, 3], "(None, None, 4, 3)",
      Cropping2D(
        vertical: AxisPadding(1, 1), horizontal: AxisPadding(1, 2))),
    LayerCase(
      "ZeroPadding2D", [nil, 3, nil, 7], "(None, 3, None, 9)",
      ZeroPadding2D(1, dataFormat: .channelsFirst)),
  ]

  @Test(arguments: shapes) func outputShape(_ example: LayerCase<String>) throws {
    let specs = try example.make().outputSpecs(for: [TensorSpec(example.shape)])
    #expect(specs.map(\.shape.description) == [example.expected])
  }

  static let errors: [LayerCase<String>] = [
    LayerCase(
      "cropping everything", [4, 3],
      "Cropping 2+2 leaves nothing of 4 elements along axis 1 of (None, 4, 3).\n  in: layer",
      Cropping1D(2, name: "layer")),
    LayerCase(
      "cropping to more", [4, 3], "Expected cropping from 0 to 16777216, found [-1, -1].\n  in: layer",
      Cropping1D(-1, name: "layer")),
    LayerCase(
      "Reshape of known lengths", [12],
      "The elements of (None, 12) do not fill the shape [5, 2].\n  in: layer", Reshape([5, 2], name: "layer")),
    LayerCase(
      "Reshape to less than nothing", [12],
      "A shape to reshape to has at most one -1 and no other negative length, found [-2, 6].\n  in: layer",
      Reshape([-2, 6], name: "layer")),
    LayerCase(
      "Permute counts from 1", [4, 3], "Permute takes each axis from 1 on once, found [0, 1].\n  in: layer",
      Permute([0, 1], name: "layer")),
    LayerCase(
      "Permute of more axes", [4, 3, 2],
      "Expected an input with 3 axes (batch first), found (None, 4, 3, 2).\n  in: layer",
      Permute([2, 1], name: "layer")),
    LayerCase(
      "RepeatVector never", [4], "RepeatVector takes a positive number, found 0.\n  in: layer",
      RepeatVector(0, name: "layer")),
    LayerCase(
      "UpSampling to nothing", [4, 3], "Expected factors from 1 to 16777216, found [0].\n  in: layer",
      UpSampling1D(0, name: "layer")),
    LayerCase(
      "UpSampling beyond any tensor", [1 << 30, 3],
      "1073741824 elements cannot be made 16777216 times as many.\n  in: layer",
      UpSampling1D(1 << 24, name: "layer")),
    LayerCase(
      "bilinear of nothing", [0, 4, 3],
      "Cannot resize 0 pixels to 0; both must be from 1 to 2^20 − 1.\n  in: layer",
      UpSampling2D(interpolation: .bilinear, name: "layer")),
  ]

  @Test(arguments: errors) func message(_ example: LayerCase<String>) {
    #expect(failure(of: example.make(), on: Input(shape: example.shape)) == example.expected)
  }

  static let amountCases: [(stored: JSON, meant: [[Int]])] = [
    (2, [[2, 2], [2, 2]]), ([1, 2], [[1, 1], [2, 2]]), ([[1, 2], [3, 4]], [[1, 2], [3, 4]]),
    ([1, [3, 4]], [[1, 1], [3, 4]]), ([1, 2, 3, 4], [[1, 2], [3, 4]]), (.null, [[1, 1], [1, 1]]),
  ]
  static let senselessAmounts: [JSON] = [[1], [1, 2, 3], [[1, 2, 3], [4, 5, 6]], "two", [[1, 2], "x"]]

  /// Amounts as Keras' versions write them, and what they mean.
  @Test(arguments: amountCases)
  func amounts(_ stored: JSON, _ meant: [[Int]]) throws {
    let layer = try Layers.deserialize(
      ["class_name": "ZeroPadding2D", "config": ["name": "p", "padding": stored]])
    #expect(layer.config["padding"] == .array(meant.map { JSON($0) }))
  }

  @Test(arguments: senselessAmounts)
  func amountsThatMakeNoSense(_ stored: JSON) {
    let error = #expect(throws: KerasError.self) {
      try Layers.deserialize(["class_name": "ZeroPadding2D", "config": ["name": "p", "padding": stored]])
    }
    #expect(
      error?.description
        == "The setting `padding` must be a number, or a pair for each of 2 axes, found \(stored.text()).\n"
        + "  in: p › ZeroPadding2D")
  }

  /// Bit by bit Keras' own, with TensorFlow 2.21 on a CPU.
  @Test(arguments: Backends.all.map(\.name)) func bilinearRoundsAsKeras(_ backend: String) throws {
    let expected: [Float] = [
      -0.22164948284626007, -0.12628865242004395, 0.06443299353122711, 0.005154639482498169,
      -0.3041236996650696,
      -0.45876288414001465, -0.22164948284626007, -0.12628865242004395, 0.06443299353122711,
      0.005154639482498169,
      -0.3041236996650696, -0.45876288414001465, -0.17353950440883636, -0.07817868143320084,
      0.11254296451807022,
      0.05326461046934128, -0.2560137212276459, -0.41065290570259094, -0.12542954087257385,
      -0.030068710446357727,
      0.16065293550491333, 0.10137458145618439, -0.20790374279022217, -0.36254292726516724,
      -0.07731958478689194,
      0.01804123818874359, 0.20876288414001465, 0.1494845300912857, -0.15979379415512085, -0.3144329786300659,
      -0.07731958478689194, 0.01804123818874359, 0.20876288414001465, 0.1494845300912857,
      -0.15979379415512085,
      -0.3144329786300659,
    ]
    let run = try RecurrentRun(
      UpSampling2D([3, 2], interpolation: .bilinear), on: [pattern([1, 2, 3, 1], 4)],
      backend: Backends.backend(named: backend))
    #expect(run.outputs[0].scalars(as: Float.self) == expected)
  }

  /// Rows of numbers that add up to one leave a plain picture plain.
  @Test(arguments: [ImageResampling.bilinear, .bicubic, .lanczos3, .lanczos5])
  func plainPicturesStayPlain(_ method: ImageResampling) throws {
    let input = Input(shape: [3, 5, 1])
    let model = try Model(inputs: input, outputs: UpSampling2D([4, 3], interpolation: method)(input))
    let picture = Tensor(repeating: 2 as Float, shape: [1, 3, 5, 1])
    let result = try model.predict([picture])[0]
    #expect(result.shape == [1, 12, 15, 1])
    #expect(result.scalars(as: Float.self).allSatisfy { abs($0 - 2) < 1e-5 })
  }
}
