import KerasModels
import Testing

/// What golden cases do not say of locally connected layers: settings kept, errors, and that three kernels of one
/// content compute the same.
@Suite struct LocallyConnectedTests {
  static let layers: [RoundTrip] = [
    RoundTrip(
      [nil, 3, 8],
      LocallyConnected1D(
        filters: 2, kernelSize: 3, strides: 2, padding: .same, dataFormat: .channelsFirst, activation: .tanh,
        kernelRegularizer: .l2(0.5), biasConstraint: .nonNegative, implementation: .sparse)),
    RoundTrip([nil, 6, 5, 2], LocallyConnected2D(filters: 2, kernelSize: [2, 3], implementation: .masked)),
  ]

  @Test(arguments: layers) func settingsComeBack(_ example: RoundTrip) throws {
    try expectRoundTrip(of: example.make(), on: example.shape)
  }

  /// A convolution is a locally connected layer whose positions all have the same weights.
  @Test(arguments: LocallyConnectedLayer.Implementation.allCases, [ConvolutionPadding.valid, .same])
  func equalWeightsMakeAConvolution(
    _ implementation: LocallyConnectedLayer.Implementation, _ padding: ConvolutionPadding
  ) throws {
    guard padding == .valid || implementation != .patches else { return }
    let input = Input(shape: [4, 5, 1])
    let local = LocallyConnected2D(
      filters: 1, kernelSize: 3, padding: padding, kernelInitializer: .ones, implementation: implementation)
    let shared = Conv2D(filters: 1, kernelSize: 3, padding: padding, kernelInitializer: .ones)
    let model = try Model(inputs: [input], outputs: [local(input), shared(input)])
    let picture = try Tensor((0..<20).map { Float($0 % 7) }, shape: [1, 4, 5, 1])
    let results = try model.predict([picture])
    #expect(results[0].shape == results[1].shape)
    #expect(results[0].scalars(as: Float.self) == results[1].scalars(as: Float.self))
  }

  static let errors: [LayerCase<String>] = [
    LayerCase(
      "same with patches", [9, 3],
      "LocallyConnected1D takes padding valid, and same with implementations 2 and 3, found same with 1.\n  in: layer",
      LocallyConnected1D(filters: 1, kernelSize: 3, padding: .same, name: "layer")),
    LayerCase(
      "unknown length", [nil, 3],
      "Axis 1 of float32(None, None, 3) must have a known length.\n  in: layer\n  try: give the input a shape with that length.",
      LocallyConnected1D(filters: 1, kernelSize: 3, name: "layer")),
    LayerCase(
      "too small", [2, 3],
      "A window of 3 does not fit into 2 elements with padding 0+0.\n  in: layer\n  try: use a larger input, a smaller window, or padding `same`.",
      LocallyConnected1D(filters: 1, kernelSize: 3, name: "layer")),
    LayerCase(
      "more weights than memory", [1000, 1000, 3],
      "LocallyConnected2D with so many inputs, outputs and filters has 2^31 weights or more.\n  in: layer",
      LocallyConnected2D(filters: 1, kernelSize: 3, implementation: .masked, name: "layer")),
    LayerCase(
      "endless axis", [1 << 40, 3],
      "Locally connected layers take axes of 1 to 2^20 − 1 elements, found 1099511627776.\n  in: layer",
      LocallyConnected1D(filters: 1, kernelSize: 3, name: "layer")),
  ]

  @Test(arguments: errors) func message(_ example: LayerCase<String>) {
    #expect(failure(of: example.make(), on: Input(shape: example.shape)) == example.expected)
  }

  @Test func anotherLengthThanItWasBuiltFor() throws {
    let layer = LocallyConnected1D(filters: 1, kernelSize: 3, name: "layer")
    _ = layer(Input(shape: [9, 3]))
    #expect(
      failure(of: layer, on: Input(shape: [8, 3]))
        == "The layer was built for (None, 9, 3) and takes no other lengths, found (None, 8, 3).\n  in: layer"
    )
  }

  @Test func anUnknownImplementation() {
    let error = #expect(throws: KerasError.self) {
      try Layers.deserialize(
        [
          "class_name": "LocallyConnected1D",
          "config": ["name": "l", "filters": 1, "kernel_size": 2, "implementation": 4],
        ])
    }
    #expect(
      error?.description
        == "The setting `implementation` must be 1, 2 or 3, found 4.\n  in: l › LocallyConnected1D")
  }
}
