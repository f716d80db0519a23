import KerasModels
import Testing

/// What golden cases do not say of pooling layers: settings kept, shapes that are not known, errors.
@Suite struct PoolingTests {
  static let layers: [RoundTrip] = [
    RoundTrip([nil, 9, 4], MaxPooling1D(poolSize: 3, strides: 2, padding: .same)),
    RoundTrip([nil, 4, 9, 8], MaxPooling2D(poolSize: [3, 2], dataFormat: .channelsFirst)),
    RoundTrip([nil, 5, 6, 7, 2], MaxPooling3D(poolSize: [1, 2, 3], strides: [2, 1, 2])),
    RoundTrip([nil, 4, 9], AveragePooling1D(poolSize: 4, dataFormat: .channelsFirst)),
    RoundTrip([nil, 9, 8, 4], AveragePooling2D(poolSize: 3, strides: [1, 2], padding: .same)),
    RoundTrip([nil, 5, 6, 7, 2], AveragePooling3D(poolSize: 2, strides: 1)),
    RoundTrip([nil, 4, 9], GlobalMaxPooling1D(dataFormat: .channelsFirst)),
    RoundTrip([nil, 9, 8, 4], GlobalMaxPooling2D(keepsDimensions: true)),
    RoundTrip([nil, 2, 5, 6, 7], GlobalMaxPooling3D(dataFormat: .channelsFirst, keepsDimensions: true)),
    RoundTrip([nil, 9, 4], GlobalAveragePooling1D(keepsDimensions: true)),
    RoundTrip([nil, 4, 9, 8], GlobalAveragePooling2D(dataFormat: .channelsFirst)),
    RoundTrip([nil, 5, 6, 7, 2], GlobalAveragePooling3D(keepsDimensions: true)),
    RoundTrip([nil, 4, 9], AdaptiveMaxPooling1D(outputSize: 4, dataFormat: .channelsFirst)),
    RoundTrip([nil, 9, 8, 4], AdaptiveMaxPooling2D(outputSize: [4, 2])),
    RoundTrip([nil, 5, 6, 7, 2], AdaptiveMaxPooling3D(outputSize: [1, 2, 3])),
    RoundTrip([nil, 9, 4], AdaptiveAveragePooling1D(outputSize: 4)),
    RoundTrip([nil, 4, 9, 8], AdaptiveAveragePooling2D(outputSize: 3, dataFormat: .channelsFirst)),
    RoundTrip([nil, 5, 6, 7, 2], AdaptiveAveragePooling3D(outputSize: 9)),
  ]

  @Test(arguments: layers) func settingsComeBack(_ example: RoundTrip) throws {
    try expectRoundTrip(of: example.make(), on: example.shape)
  }

  static let shapes: [LayerCase<String>] = [
    LayerCase("any length", [nil, nil, 3], "(None, None, 3)", MaxPooling1D()),
    LayerCase(
      "channels first", [nil, 3, 7, nil], "(None, 3, 4, None)",
      AveragePooling2D(padding: .same, dataFormat: .channelsFirst)),
    LayerCase("global", [nil, nil, 3], "(None, 3)", GlobalAveragePooling1D()),
    LayerCase(
      "global, channels first", [nil, 3, nil, nil, nil], "(None, 3, 1, 1, 1)",
      GlobalMaxPooling3D(dataFormat: .channelsFirst, keepsDimensions: true)),
    LayerCase("adaptive", [nil, nil, 8, 3], "(None, 4, 3, 3)", AdaptiveMaxPooling2D(outputSize: [4, 3])),
    LayerCase(
      "adaptive, channels first", [nil, 3, nil], "(None, 3, 4)",
      AdaptiveAveragePooling1D(outputSize: 4, dataFormat: .channelsFirst)),
  ]

  @Test(arguments: shapes) func outputShape(_ example: LayerCase<String>) throws {
    let specs = try example.make().outputSpecs(for: [TensorSpec(example.shape)])
    #expect(specs.map(\.shape.description) == [example.expected])
  }

  static let errors: [LayerCase<String>] = [
    LayerCase(
      "causal", [9, 3], "MaxPooling1D takes no causal padding.\n  in: layer",
      MaxPooling1D(padding: .causal, name: "layer")),
    LayerCase(
      "adaptive, wrong rank", [9, 3],
      "Expected an input with 4 axes (batch first), found (None, 9, 3).\n  in: layer",
      AdaptiveMaxPooling2D(outputSize: 2, name: "layer")),
    LayerCase(
      "no parts", [9, 3], "Expected output sizes from 1 to 16777216, found [0].\n  in: layer",
      AdaptiveAveragePooling1D(outputSize: 0, name: "layer")),
    LayerCase(
      "parts of nothing", [0, 3], "0 elements along an axis cannot be pooled.\n  in: layer",
      AdaptiveAveragePooling1D(outputSize: 2, name: "layer")),
  ]

  @Test(arguments: errors) func message(_ example: LayerCase<String>) {
    #expect(failure(of: example.make(), on: Input(shape: example.shape)) == example.expected)
  }

  @Test func wholeNumbers() throws {
    func type(_ layer: Layer) throws -> DataType {
      try layer.outputSpecs(for: [TensorSpec([nil, 6, 3], .uint8)])[0].dataType
    }
    #expect(try type(MaxPooling1D()) == .uint8)
    #expect(try type(AdaptiveMaxPooling1D(outputSize: 4)) == .uint8)
    #expect(try type(GlobalMaxPooling1D()) == .uint8)
    #expect(try type(AveragePooling1D()) == .float32)
    #expect(try type(GlobalAveragePooling1D()) == .float32)
  }
}
