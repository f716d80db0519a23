import KerasModels
import Testing

/// What layers say of inputs and settings they cannot take. Messages are compared whole.
@Suite struct ErrorsTests {
  typealias Case = LayerCase<String>

  static let cases = [
    Case(
      "Conv2D wrong rank", [9, 3],
      "Expected an input with 4 axes (batch first), found (None, 9, 3).\n  in: layer",
      Conv2D(filters: 1, kernelSize: 3, name: "layer")),
    Case(
      "DepthwiseConv2D wrong rank", [9],
      "Expected an input with 4 axes (batch first), found (None, 9).\n  in: layer",
      DepthwiseConv2D(kernelSize: 3, name: "layer")),
    Case(
      "MaxPooling2D wrong rank", [9, 3],
      "Expected an input with 4 axes (batch first), found (None, 9, 3).\n  in: layer",
      MaxPooling2D(name: "layer")),
    Case(
      "GlobalMaxPooling2D wrong rank", [3],
      "Expected an input with 4 axes (batch first), found (None, 3).\n  in: layer",
      GlobalMaxPooling2D(name: "layer")),
    Case(
      "ZeroPadding2D wrong rank", [3],
      "Expected an input with 4 axes (batch first), found (None, 3).\n  in: layer",
      ZeroPadding2D(name: "layer")),
    Case(
      "Conv2D unknown channels", [9, 9, nil],
      "Axis -1 of float32(None, 9, 9, None) must have a known length.\n  in: layer\n  try: give the input a shape with that length.",
      Conv2D(filters: 1, kernelSize: 3, name: "layer")),
    Case(
      "Dense unknown features", [nil],
      "Axis -1 of float32(None, None) must have a known length.\n  in: layer\n  try: give the input a shape with that length.",
      Dense(units: 1, name: "layer")),
    Case(
      "BatchNormalization unknown channels", [4, nil],
      "Axis -1 of float32(None, 4, None) must have a known length.\n  in: layer\n  try: give the input a shape with that length.",
      BatchNormalization(name: "layer")),
    Case(
      "Conv2D window too large", [4, 5, 3],
      "A window of 5 does not fit into 4 elements with padding 0+0.\n  in: layer\n  try: use a larger input, a smaller window, or padding `same`.",
      Conv2D(filters: 1, kernelSize: 5, name: "layer")),
    Case(
      "dilated window too large", [6, 9, 3],
      "A window of 7 does not fit into 6 elements with padding 0+0.\n  in: layer\n  try: use a larger input, a smaller window, or padding `same`.",
      DepthwiseConv2D(kernelSize: 3, dilationRate: 3, name: "layer")),
    Case(
      "MaxPooling2D window too large", [1, 9, 3],
      "A window of 2 does not fit into 1 elements with padding 0+0.\n  in: layer\n  try: use a larger input, a smaller window, or padding `same`.",
      MaxPooling2D(name: "layer")),
    Case(
      "groups do not divide filters", [9, 9, 4],
      "Expected positive sizes and groups that divide filters and channels, found kernel [3, 3], 2 groups, 3 filters, 4 channels.\n  in: layer",
      Conv2D(filters: 3, kernelSize: 3, groups: 2, name: "layer")),
    Case(
      "groups do not divide channels", [9, 9, 3],
      "Expected positive sizes and groups that divide filters and channels, found kernel [3, 3], 2 groups, 4 filters, 3 channels.\n  in: layer",
      Conv2D(filters: 4, kernelSize: 3, groups: 2, name: "layer")),
    Case(
      "no filters", [9, 9, 3],
      "Expected positive sizes and groups that divide filters and channels, found kernel [3, 3], 1 groups, 0 filters, 3 channels.\n  in: layer",
      Conv2D(filters: 0, kernelSize: 3, name: "layer")),
    Case(
      "no groups", [9, 9, 3],
      "Expected positive sizes and groups that divide filters and channels, found kernel [3, 3], 0 groups, 4 filters, 3 channels.\n  in: layer",
      Conv2D(filters: 4, kernelSize: 3, groups: 0, name: "layer")),
    Case(
      "no kernel", [9, 9, 3],
      "Expected positive sizes and groups that divide filters and channels, found kernel [0, 3], 1 groups, 4 filters, 3 channels.\n  in: layer",
      Conv2D(filters: 4, kernelSize: [0, 3], name: "layer")),
    Case(
      "no stride", [9, 9, 3],
      "Expected window sizes, strides and dilations from 1 to 16777216, found [3, 3], [0, 1] and [1, 1].\n  in: layer",
      Conv2D(filters: 4, kernelSize: 3, strides: [0, 1], padding: .same, name: "layer")),
    Case(
      "endless dilation", [9, 9, 3],
      "Expected window sizes, strides and dilations from 1 to 16777216, found [3, 3], [1, 1] and [\(Int.max), \(Int.max)].\n  in: layer",
      DepthwiseConv2D(kernelSize: 3, dilationRate: Size2D(.max, .max), name: "layer")),
    Case(
      "no pool", [9, 9, 3],
      "Expected window sizes, strides and dilations from 1 to 16777216, found [0, 0], [0, 0] and [1, 1].\n  in: layer",
      MaxPooling2D(poolSize: 0, padding: .same, name: "layer")),
    Case(
      "pool going backwards", [9, 9, 3],
      "Expected window sizes, strides and dilations from 1 to 16777216, found [2, 2], [-1, -1] and [1, 1].\n  in: layer",
      AveragePooling2D(strides: -1, padding: .same, name: "layer")),
    Case(
      "no depth", [9, 9, 3],
      "Expected a positive depth multiplier and kernel, found 0 and [3, 3].\n  in: layer",
      DepthwiseConv2D(kernelSize: 3, depthMultiplier: 0, name: "layer")),
    Case(
      "endless depth", [9, 9, 3],
      "Expected a positive depth multiplier and kernel, found \(Int.max) and [3, 3].\n  in: layer",
      DepthwiseConv2D(kernelSize: 3, depthMultiplier: .max, name: "layer")),
    Case(
      "Dense without units", [3], "Dense needs a positive number of units, found 0.\n  in: layer",
      Dense(units: 0, name: "layer")),
    Case(
      "Dense beyond memory", [3], "No memory holds a weight of shape [3, \(Int.max)].\n  in: layer",
      Dense(units: .max, name: "layer")),
    Case(
      "Dropout of more than all", [3], "Dropout takes a rate from 0 to 1, found 2.0.\n  in: layer",
      Dropout(2, name: "layer")),
    Case(
      "Dropout of nothing known", [3], "Dropout takes a rate from 0 to 1, found nan.\n  in: layer",
      Dropout(.nan, name: "layer")),
    Case(
      "negative padding", [9, 9, 3],
      "Expected padding from 0 to 16777216, found [-1, -1, -1, -1].\n  in: layer",
      ZeroPadding2D(-1, name: "layer")),
    Case(
      "endless padding", [9, 9, 3],
      "Expected padding from 0 to 16777216, found [0, \(Int.max), 0, 0].\n  in: layer",
      ZeroPadding2D(vertical: AxisPadding(0, .max), horizontal: .none, name: "layer")),
    Case(
      "Reshape to another size", [12],
      "The elements of (None, 12) do not fill the shape [5, -1].\n  in: layer",
      Reshape([5, -1], name: "layer")),
    Case(
      "Reshape with two free lengths", [12],
      "A shape to reshape to has at most one -1 and no other negative length, found [-1, -1].\n  in: layer",
      Reshape([-1, -1], name: "layer")),
    Case(
      "Reshape to endless", [12],
      "The elements of (None, 12) do not fill the shape [\(Int.max), 2, -1].\n  in: layer",
      Reshape([.max, 2, -1], name: "layer")),
    Case(
      "Subtract of one", [3], "Subtract takes exactly two inputs, found 1.\n  in: layer", Subtract(name: "layer")),
  ]

  @Test(arguments: cases) func message(_ example: Case) {
    #expect(failure(of: example.make(), on: Input(shape: example.shape)) == example.expected)
  }

  @Test func wrongNumbersOfInputs() {
    let (a, b) = (Input(shape: [3]), Input(shape: [3]))
    #expect(
      failure(of: Dense(units: 1, name: "d"), on: a, b) == """
        Dense takes one input, found 2.
          in: d
          try: join them first, with a layer such as Concatenate or Add.
        """)
    let result = Dense(units: 1, name: "d")([])
    #expect(result.error?.description == "A layer takes at least one input, found none.\n  in: d")
  }

  @Test func addOfShapesThatDoNotMatch() {
    #expect(
      failure(of: Add(name: "sum"), on: Input(shape: [3]), Input(shape: [4]))
        == "Shapes (None, 3) and (None, 4) do not broadcast to a common one.\n  in: sum")
  }

  @Test func aSharedLayerOnAnotherShape() {
    let dense = Dense(units: 2, name: "d")
    _ = dense(Input(shape: [3]))
    #expect(
      failure(of: dense, on: Input(shape: [4]))
        == """
        Expected matrices that can be multiplied, found float32(None, 4) and float32(3, 2).
          in: d
          try: the first's last length is the second's last but one, and stacks have equal leading lengths; \
        transpose or reshape one of them.
        """)
    let convolution = Conv2D(filters: 2, kernelSize: 1, name: "c")
    _ = convolution(Input(shape: [5, 5, 3]))
    #expect(
      failure(of: convolution, on: Input(shape: [5, 5, 4]))
        == "Expected an image with 3 channels, found float32(None, 5, 5, 4).\n  in: c")
  }

  @Test func aFailedBuildLeavesNoWeights() {
    let dense = Dense(units: .max, name: "d")
    for _ in 0..<2 {
      #expect(failure(of: dense, on: Input(shape: [3]))?.hasPrefix("No memory holds") == true)
    }
    #expect(dense.weights.isEmpty && !dense.isBuilt)
  }

  @Test func inputsOfImpossibleShape() {
    #expect(Input(shape: [-3]).error?.description == "No tensor has the shape (None, -3).")
    #expect(Input(shape: [.max, 4]).error?.description == "No tensor has the shape (None, \(Int.max), 4).")
    #expect(Input(shape: [3], batchSize: -1).error?.description == "No tensor has the shape (-1, 3).")
  }

  @Test func theFirstErrorIsTheOneThrown() {
    let x = Conv2D(filters: 1, kernelSize: 9, name: "wide")(Input(shape: [4, 4, 1]))
    let y = Dense(units: 0, name: "later")(Flatten()(x))
    let error = #expect(throws: KerasError.self) {
      try Model(inputs: Input(shape: [4, 4, 1]), outputs: y, name: "net")
    }
    #expect(error?.path == ["net", "wide"])
  }

  @Test func aLayerWithoutComputation() {
    final class Nothing: Layer, @unchecked Sendable {}
    #expect(
      failure(of: Nothing(name: "n"), on: Input(shape: [1]))
        == "Nothing does not say what it computes.\n  in: n\n  try: override call(_:in:).")
  }

  @Test func unknownActivation() {
    let error = #expect(throws: KerasError.self) { try ActivationFunction(named: "softmx") }
    #expect(
      error?.description
        == "There is no activation called `softmx`.\n  try: did you mean softmax, softplus, softsign?")
    #expect(throws: Never.self) {
      for name in ActivationFunction.allCases { _ = try ActivationFunction(named: name.name) }
    }
  }
}
