import KerasModels
import Testing

/// Output shapes; the numbers are those of Keras 3.15's `compute_output_shape`.
@Suite struct ShapesTests {
  typealias Case = LayerCase<String>

  static let cases = [
    Case("Conv2D 3, valid", [nil, 28, 29, 3], "(None, 26, 27, 8)", Conv2D(filters: 8, kernelSize: 3)),
    Case(
      "Conv2D 3, valid, unknown", [nil, nil, nil, 3], "(None, None, None, 8)",
      Conv2D(filters: 8, kernelSize: 3)),
    Case("Conv2D known batch", [2, nil, 9, 3], "(2, None, 7, 8)", Conv2D(filters: 8, kernelSize: 3)),
    Case(
      "Conv2D 5 × 2, strides 2 × 3, same", [nil, 7, 8, 3], "(None, 4, 3, 8)",
      Conv2D(filters: 8, kernelSize: [5, 2], strides: [2, 3], padding: .same)),
    Case(
      "Conv2D dilated", [nil, 11, 11, 3], "(None, 5, 5, 4)",
      Conv2D(filters: 4, kernelSize: 3, dilationRate: 3)),
    Case(
      "Conv2D dilated, same", [nil, 11, nil, 3], "(None, 11, None, 4)",
      Conv2D(filters: 4, kernelSize: 3, padding: .same, dilationRate: 2)),
    Case(
      "Conv2D in groups", [nil, 5, 5, 6], "(None, 5, 5, 9)", Conv2D(filters: 9, kernelSize: 1, groups: 3)),
    Case(
      "DepthwiseConv2D", [nil, 9, 10, 3], "(None, 5, 5, 6)",
      DepthwiseConv2D(kernelSize: 3, strides: 2, padding: .same, depthMultiplier: 2)),
    Case("DepthwiseConv2D unknown", [nil, nil, 10, 3], "(None, None, 8, 3)", DepthwiseConv2D(kernelSize: 3)),
    Case("MaxPooling2D", [nil, 7, 8, 3], "(None, 3, 4, 3)", MaxPooling2D()),
    Case("MaxPooling2D same", [nil, 7, 8, 3], "(None, 4, 4, 3)", MaxPooling2D(padding: .same)),
    Case(
      "MaxPooling2D 3, stride 2", [nil, nil, 112, nil], "(None, None, 55, None)",
      MaxPooling2D(poolSize: 3, strides: 2)),
    Case(
      "MaxPooling2D 1, stride 2", [nil, 7, 7, 3], "(None, 4, 4, 3)", MaxPooling2D(poolSize: 1, strides: 2)),
    Case(
      "AveragePooling2D", [nil, 7, 8, nil], "(None, 7, 3, None)",
      AveragePooling2D(poolSize: [1, 2], strides: [1, 3])),
    Case("GlobalAveragePooling2D", [nil, nil, nil, 3], "(None, 3)", GlobalAveragePooling2D()),
    Case(
      "GlobalMaxPooling2D kept", [nil, 4, nil, 3], "(None, 1, 1, 3)",
      GlobalMaxPooling2D(keepsDimensions: true)),
    Case("ZeroPadding2D", [nil, 4, nil, 3], "(None, 10, None, 3)", ZeroPadding2D(3)),
    Case(
      "ZeroPadding2D uneven", [nil, 4, 5, nil], "(None, 5, 10, None)",
      ZeroPadding2D(vertical: AxisPadding(0, 1), horizontal: AxisPadding(2, 3))),
    Case("Flatten", [nil, 4, 5, 3], "(None, 60)", Flatten()),
    Case("Flatten of a vector", [nil, 4], "(None, 4)", Flatten()),
    Case("Flatten of scalars", [nil], "(None, 1)", Flatten()),
    Case("Flatten unknown, known batch", [2, nil, 3], "(2, None)", Flatten()),
    Case("Reshape", [nil, 1, 1, 12], "(None, 3, 4)", Reshape([3, 4])),
    Case("Reshape with a free length", [nil, 2, 6], "(None, 3, 4)", Reshape([3, -1])),
    Case("Reshape, known batch", [5, 12], "(5, 2, 6)", Reshape([-1, 6])),
    Case("Dense", [nil, 4], "(None, 7)", Dense(units: 7)),
    Case("Dense on more axes", [nil, nil, 3, 4], "(None, None, 3, 7)", Dense(units: 7)),
    Case("BatchNormalization", [nil, nil, 5, 3], "(None, None, 5, 3)", BatchNormalization()),
    Case("Activation", [nil, nil, 3], "(None, None, 3)", Activation(.softmax)),
    Case("ReLU", [nil, 3], "(None, 3)", ReLU(maximum: 6)),
    Case("Dropout", [3, nil], "(3, None)", Dropout(0.5)),
  ]

  @Test(arguments: cases) func outputShape(_ example: Case) throws {
    let specs = try example.make().outputSpecs(for: [TensorSpec(example.shape)])
    #expect(specs.map(\.description) == ["float32" + example.expected])
  }

  static let sums: [(Shape, Shape, String)] = [
    ([nil, 4, 5], [nil, 4, 5], "(None, 4, 5)"), ([nil, 4, 5], [nil, 1, 5], "(None, 4, 5)"),
    ([nil, nil, 5], [nil, 4, 1], "(None, 4, 5)"), ([nil, 5], [nil, nil], "(None, 5)"),
  ]

  @Test(arguments: sums) func addBroadcasts(_ a: Shape, _ b: Shape, _ expected: String) throws {
    let specs = try Add().outputSpecs(for: [TensorSpec(a), TensorSpec(b), TensorSpec(a)])
    #expect(specs.map(\.shape.description) == [expected])
  }
}
