import Foundation
import KerasModels
import Testing

/// Outputs of small models against Keras', made by `Tests/Goldens/make_models.py`, on every backend.
@Suite struct NumbersTests {
  struct Output: Decodable {
    let shape: [Int]
    let values: [Float]
  }

  struct Case: Sendable {
    let name: String
    let make: @Sendable () throws -> Model

    init(_ name: String, _ make: @escaping @Sendable () throws -> Model) {
      self.name = name
      self.make = make
    }
  }

  static let layers: [Case] = [
    Case("dense") { try single(Dense(units: 3), [5]) },
    Case("dense on three axes") { try single(Dense(units: 3, usesBias: false), [2, 3, 4]) },
    Case("conv 3") { try single(Conv2D(filters: 4, kernelSize: 3), [7, 6, 3]) },
    Case("conv same stride 2 even") {
      try single(Conv2D(filters: 3, kernelSize: 3, strides: 2, padding: .same), [8, 6, 2])
    },
    Case("conv same stride 2 odd") {
      try single(Conv2D(filters: 3, kernelSize: 3, strides: 2, padding: .same), [7, 5, 2])
    },
    Case("conv same 5 by 2") {
      try single(Conv2D(filters: 2, kernelSize: [5, 2], strides: [2, 3], padding: .same), [7, 8, 3])
    },
    Case("conv 4 same") { try single(Conv2D(filters: 2, kernelSize: 4, padding: .same), [5, 5, 1]) },
    Case("conv dilated") { try single(Conv2D(filters: 2, kernelSize: 3, dilationRate: 2), [7, 8, 2]) },
    Case("conv dilated same") {
      try single(Conv2D(filters: 2, kernelSize: 3, padding: .same, dilationRate: [2, 3]), [5, 7, 2])
    },
    Case("conv groups") {
      try single(Conv2D(filters: 4, kernelSize: 3, groups: 2, activation: .relu), [5, 5, 6])
    },
    Case("conv 1 stride 2") {
      try single(Conv2D(filters: 3, kernelSize: 1, strides: 2, usesBias: false), [7, 6, 5])
    },
    Case("depthwise") { try single(DepthwiseConv2D(kernelSize: 3), [6, 7, 3]) },
    Case("depthwise same stride 2") {
      try single(DepthwiseConv2D(kernelSize: 3, strides: 2, padding: .same, depthMultiplier: 2), [6, 7, 3])
    },
    Case("depthwise 5 dilated") {
      try single(
        DepthwiseConv2D(kernelSize: 2, padding: .same, dilationRate: 2, activation: .relu6, usesBias: false),
        [5, 5, 2])
    },
    Case("max pooling") { try single(MaxPooling2D(), [7, 6, 2]) },
    Case("max pooling same") {
      try single(MaxPooling2D(poolSize: 3, strides: 2, padding: .same), [7, 6, 2])
    },
    Case("max pooling 1 stride 2") { try single(MaxPooling2D(poolSize: 1, strides: 2), [7, 6, 2]) },
    Case("average pooling") { try single(AveragePooling2D(poolSize: [3, 2], strides: [1, 3]), [7, 6, 2]) },
    Case("average pooling same") {
      try single(AveragePooling2D(poolSize: 3, strides: 2, padding: .same), [6, 7, 2])
    },
    Case("global average") { try single(GlobalAveragePooling2D(), [5, 3, 4]) },
    Case("global average kept") { try single(GlobalAveragePooling2D(keepsDimensions: true), [5, 3, 4]) },
    Case("global max") { try single(GlobalMaxPooling2D(), [5, 3, 4]) },
    Case("zero padding") {
      try single(ZeroPadding2D(vertical: AxisPadding(0, 1), horizontal: AxisPadding(2, 3)), [2, 2, 1])
    },
    Case("flatten") { try single(Flatten(), [2, 3, 2]) },
    Case("reshape") { try single(Reshape([3, -1]), [2, 6]) },
    Case("batch normalization") { try single(BatchNormalization(epsilon: 1.001e-5), [3, 2, 5]) },
    Case("batch normalization plain") { try single(BatchNormalization(centers: false, scales: false), [5]) },
    Case("batch normalization without scale") { try single(BatchNormalization(scales: false), [5]) },
    Case("dropout") { try single(Dropout(0.5), [6]) },
    Case("rectified") { try single(ReLU(), [9]) },
    Case("rectified to 0.3") { try single(ReLU(maximum: 0.3), [9]) },
    Case("add") { try single(Add(), [3, 4], [1, 4], [3, 4]) },
  ]

  /// Those of which numbers are kept here; golden cases have them all.
  static let activations = [
    "linear", "relu", "relu6", "elu", "sigmoid", "tanh", "softplus", "softsign", "exponential", "softmax",
  ].map { name in
    Case(name) { try single(Activation(ActivationFunction(named: name)), [3, 5]) }
  }

  static let models = [
    Case("residual", residual), Case("separable", separable), Case("two in, two out", twoInTwoOut),
    Case("nested", nested),
  ]

  @Test(arguments: Backends.all.map(\.name)) func isKeras(backend: String) throws {
    let url = goldens.appending(path: "numbers.json")
    let expected = try JSONDecoder().decode([String: [Output]].self, from: Data(contentsOf: url))
    var compared: Set<String> = []
    for example in Self.layers + Self.activations + Self.models {
      let name = example.name
      compared.insert(name)
      let model = try example.make()
      try model.fillWithPatterns()
      let inputs = model.inputs.enumerated().map { number, input in
        pattern([3] + input.shape.dropFirst().map { $0 ?? 0 }, 50 + number, scale: 20)
      }
      let outputs = try model.predict(inputs, options: ComputeOptions(backend: backend))
      #expect(outputs.map(\.shape) == expected[name]?.map(\.shape), "\(name)")
      for (output, wanted) in zip(outputs, expected[name] ?? []) {
        let values: [Float] = output.scalars()
        let worst = zip(values, wanted.values).map { abs($0 - $1) / (1 + abs($1)) }.max() ?? .infinity
        #expect(worst < 2e-5, "\(name)")
      }
    }
    #expect(compared == Set(expected.keys))
  }

  static func single(_ layer: Layer, _ shapes: Shape...) throws -> Model {
    let inputs = shapes.map { Input(shape: $0) }
    return try Model(inputs: inputs, outputs: [layer(inputs)])
  }

  @Sendable static func residual() throws -> Model {
    let image = Input(shape: [9, 7, 4])
    var x = Conv2D(filters: 2, kernelSize: 1, strides: 2)(image)
    x = BatchNormalization(epsilon: 1.001e-5)(x)
    x = Activation(.relu)(x)
    x = Conv2D(filters: 2, kernelSize: 3, padding: .same)(x)
    x = BatchNormalization(epsilon: 1.001e-5)(x)
    let shortcut = BatchNormalization()(Conv2D(filters: 2, kernelSize: 1, strides: 2)(image))
    return try Model(inputs: image, outputs: Activation(.relu)(Add()([shortcut, x])))
  }

  @Sendable static func separable() throws -> Model {
    let image = Input(shape: [8, 9, 3])
    var x = ZeroPadding2D(vertical: AxisPadding(0, 1), horizontal: AxisPadding(0, 1))(image)
    x = DepthwiseConv2D(kernelSize: 3, strides: 2, usesBias: false)(x)
    x = ReLU(maximum: 6)(BatchNormalization()(x))
    x = Conv2D(filters: 5, kernelSize: 1, padding: .same, usesBias: false)(x)
    x = ReLU(maximum: 6)(BatchNormalization()(x))
    x = GlobalAveragePooling2D(keepsDimensions: true)(x)
    return try Model(inputs: image, outputs: Activation(.softmax)(Reshape([5])(Dropout(0.3)(x))))
  }

  @Sendable static func twoInTwoOut() throws -> Model {
    let (a, b) = (Input(shape: [3]), Input(shape: [2, 3]))
    let dense = Dense(units: 4, activation: .tanh)
    let (x, y) = (dense(a), dense(b))
    return try Model(inputs: [a, b], outputs: [Add()([x, Flatten()(Dense(units: 2)(y))]), y])
  }

  @Sendable static func nested() throws -> Model {
    let innerInput = Input(shape: [5, 5, 2])
    let inner = try Model(
      inputs: [innerInput],
      outputs: [MaxPooling2D()(innerInput), AveragePooling2D(poolSize: 3, padding: .same)(innerInput)])
    let image = Input(shape: [5, 5, 2])
    let results = inner.apply(to: [Conv2D(filters: 2, kernelSize: 3, padding: .same, activation: .elu)(image)]
    )
    return try Model(inputs: image, outputs: Dense(units: 3)(Flatten()(Add()(results))))
  }
}
