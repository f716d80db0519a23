import KerasModels

/// The models of `Tests/Goldens/make_summaries.py`, by the same names.
enum SummaryModels {
  typealias Tensor = SymbolicTensor

  static func vgg() throws -> Model {
    let image = Input(shape: [224, 224, 3])
    var x = Conv2D(filters: 64, kernelSize: 3, padding: .same, activation: .relu, name: "block1_conv1")(image)
    x = Conv2D(filters: 64, kernelSize: 3, padding: .same, activation: .relu, name: "block1_conv2")(x)
    x = MaxPooling2D(poolSize: 2, name: "block1_pool")(x)
    x = MaxPooling2D(poolSize: 16, name: "block2_to_block5_in_one_pool")(x)
    x = Conv2D(filters: 512, kernelSize: 1, name: "block5_conv3")(x)
    x = Flatten(name: "flatten")(x)
    x = Dense(units: 4096, activation: .relu, name: "fc1")(x)
    x = Dropout(0.5)(x)
    return try Model(
      inputs: image, outputs: Dense(units: 1000, activation: .softmax, name: "predictions")(x), name: "vgg")
  }

  static func mobileNet() throws -> Model {
    let image = Input(shape: [96, 96, 3])
    var x = image
    for (index, (filters, stride)) in [(16, 1), (32, 2), (64, 2)].enumerated() {
      let number = index + 1
      if stride > 1 {
        x = ZeroPadding2D(
          vertical: AxisPadding(0, 1), horizontal: AxisPadding(0, 1), name: "conv_pad_\(number)")(x)
      }
      x = DepthwiseConv2D(
        kernelSize: 3, strides: Size2D(stride, stride), padding: stride == 1 ? .same : .valid,
        usesBias: false,
        name: "conv_dw_\(number)")(x)
      x = BatchNormalization(name: "conv_dw_\(number)_bn")(x)
      x = ReLU(maximum: 6, name: "conv_dw_\(number)_relu")(x)
      x = Conv2D(filters: filters, kernelSize: 1, padding: .same, usesBias: false, name: "conv_pw_\(number)")(
        x)
      x = BatchNormalization(name: "conv_pw_\(number)_bn")(x)
      x = ReLU(maximum: 6, name: "conv_pw_\(number)_relu")(x)
    }
    x = GlobalAveragePooling2D(keepsDimensions: true)(x)
    x = Dropout(0.001, name: "dropout")(x)
    x = Conv2D(filters: 10, kernelSize: 1, padding: .same, name: "conv_preds")(x)
    x = Reshape([10], name: "reshape_2")(x)
    return try Model(
      inputs: image, outputs: Activation(.softmax, name: "predictions")(x), name: "mobilenet_0.25_96")
  }

  static func resNet() throws -> Model {
    let image = Input(shape: [nil, nil, 3])
    var x = ZeroPadding2D(3, name: "conv1_pad")(image)
    x = Conv2D(filters: 64, kernelSize: 7, strides: 2, name: "conv1_conv")(x)
    x = BatchNormalization(epsilon: 1.001e-5, name: "conv1_bn")(x)
    x = Activation(.relu, name: "conv1_relu")(x)
    x = ZeroPadding2D(1, name: "pool1_pad")(x)
    x = MaxPooling2D(poolSize: 3, strides: 2, name: "pool1_pool")(x)
    x = bottleneck(x, filters: 64, stride: 1, widens: true, name: "conv2_block1")
    x = bottleneck(x, filters: 64, stride: 1, widens: false, name: "conv2_block2")
    x = bottleneck(x, filters: 128, stride: 2, widens: true, name: "conv3_block1")
    return try Model(inputs: image, outputs: GlobalAveragePooling2D(name: "avg_pool")(x), name: "resnet")
  }

  private static func bottleneck(
    _ input: Tensor, filters: Int, stride: Int, widens: Bool, name: String
  ) -> Tensor {
    func convolution(_ x: Tensor, _ part: Int, filters: Int, size: Size2D = 1, stride: Int = 1) -> Tensor {
      let x = Conv2D(
        filters: filters, kernelSize: size, strides: Size2D(stride, stride),
        padding: size == 1 ? .valid : .same,
        name: "\(name)_\(part)_conv")(x)
      return BatchNormalization(epsilon: 1.001e-5, name: "\(name)_\(part)_bn")(x)
    }
    let shortcut = widens ? convolution(input, 0, filters: 4 * filters, stride: stride) : input
    var x = convolution(input, 1, filters: filters, stride: stride)
    x = Activation(.relu, name: "\(name)_1_relu")(x)
    x = convolution(x, 2, filters: filters, size: 3)
    x = Activation(.relu, name: "\(name)_2_relu")(x)
    x = convolution(x, 3, filters: 4 * filters)
    return Activation(.relu, name: "\(name)_out")(Add(name: "\(name)_add")([shortcut, x]))
  }

  static func resNetV2() throws -> Model {
    let image = Input(shape: [64, 64, 3])
    var x = preactivated(image, filters: 8, stride: 1, widens: true, name: "conv2_block1")
    x = preactivated(x, filters: 8, stride: 2, widens: false, name: "conv2_block2")
    x = preactivated(x, filters: 16, stride: 2, widens: true, name: "conv3_block1")
    return try Model(inputs: image, outputs: GlobalMaxPooling2D(name: "max_pool")(x), name: "resnet_v2")
  }

  private static func preactivated(
    _ x: Tensor, filters: Int, stride: Int, widens: Bool, name: String
  ) -> Tensor {
    let strides = Size2D(stride, stride)
    var y = BatchNormalization(epsilon: 1.001e-5, name: "\(name)_preact_bn")(x)
    y = Activation(.relu, name: "\(name)_preact_relu")(y)
    let shortcut =
      if widens {
        Conv2D(filters: 4 * filters, kernelSize: 1, strides: strides, name: "\(name)_0_conv")(y)
      } else {
        stride > 1 ? MaxPooling2D(poolSize: 1, strides: strides)(x) : x
      }
    y = Conv2D(filters: filters, kernelSize: 1, usesBias: false, name: "\(name)_1_conv")(y)
    y = BatchNormalization(epsilon: 1.001e-5, name: "\(name)_1_bn")(y)
    y = Activation(.relu, name: "\(name)_1_relu")(y)
    y = ZeroPadding2D(1, name: "\(name)_2_pad")(y)
    y = Conv2D(filters: filters, kernelSize: 3, strides: strides, usesBias: false, name: "\(name)_2_conv")(y)
    y = Conv2D(filters: 4 * filters, kernelSize: 1, name: "\(name)_3_conv")(y)
    return Add(name: "\(name)_out")([shortcut, y])
  }

  static func twoInTwoOut() throws -> Model {
    let left = Input(shape: [8], name: "left")
    let right = Input(shape: [3, 4], name: "right")
    let unused = Input(shape: [2])
    let a = Dense(units: 6, activation: .relu)(left)
    // Keras makes the layers of `Dense(6)(Flatten()(right))` from the outside in.
    let second = Dense(units: 6)
    let b = second(Flatten()(right))
    let both = Add()([a, b])
    let scores = Dense(units: 3, name: "scores")(both)
    return try Model(inputs: [left, right, unused], outputs: [scores, Dense(units: 1)(a)])
  }

  static func shared() throws -> Model {
    let (first, second) = (Input(shape: [5]), Input(shape: [5]))
    let dense = Dense(units: 5, name: "tower")
    let total = Add()([dense(first), dense(second), first])
    return try Model(inputs: [first, second], outputs: [dense(total)], name: "shared")
  }

  static func sharedChain() throws -> Model {
    let x = Input(shape: [4])
    let dense = Dense(units: 4)
    return try Model(inputs: x, outputs: dense(dense(x)))
  }

  static func nested() throws -> Model {
    let innerInput = Input(shape: [4], name: "inner_input")
    let hidden = Dense(units: 2)(innerInput)
    let inner = try Model(inputs: [innerInput], outputs: [hidden, Dense(units: 3)(hidden)], name: "inner")
    let middleInput = Input(shape: [4])
    let results = inner.apply(to: [middleInput])
    let sum = Add()
    let middle = try Model(
      inputs: middleInput, outputs: sum([Dense(units: 3)(results[0]), results[1]]),
      name: "middle_with_a_rather_long_name")
    let outer = Input(shape: [4])
    return try Model(inputs: outer, outputs: Dropout(0.1)(middle(outer)))
  }

  static func nestedChain() throws -> Model {
    let image = Input(shape: [16, 16, 3])
    let features = try Model(
      inputs: image, outputs: AveragePooling2D(poolSize: 2)(Conv2D(filters: 4, kernelSize: 3)(image)),
      name: "features")
    features.isTrainable = false
    let x = Input(shape: [16, 16, 3])
    return try Model(inputs: x, outputs: Dense(units: 2)(Flatten()(features(x))), name: "tuned")
  }

  static func partlyFrozen() throws -> Model {
    let model = try resNetV2()
    for layer in model.layers.prefix(6) { layer.isTrainable = false }
    return model
  }

  static func longNames() throws -> Model {
    let x = Input(shape: [1], name: "an_input_with_a_name_far_beyond_what_any_column_can_hold_on_one_line")
    let y = Dense(units: 1_000_000, name: String(repeating: "a", count: 40))(x)
    let z = Dense(units: 1_000_000, name: String(repeating: "b", count: 21))(x)
    return try Model(inputs: x, outputs: Add(name: "c")([y, z]), name: "long-names")
  }

  static func stack() -> Model {
    let inner = Sequential([Dense(units: 4, name: "hidden"), Flatten(name: "flat")], name: "inner")
    return Sequential([inner, Dropout(0.5, name: "drop"), Dense(units: 2, name: "head")], name: "stack")
  }

  static func builtStack() throws -> Model {
    let model = stack()
    _ = try model.outputSpecs(for: [TensorSpec([nil, 3], .float32)])
    return model
  }

  final class Tower: Model, @unchecked Sendable {
    let hidden = Dense(units: 4, name: "hidden")
    let head = Dense(units: 2, name: "head")

    override func call(_ x: Value, in context: CallContext) throws(KerasError) -> Value {
      try context.apply(head, to: context.apply(hidden, to: x))
    }
  }

  static func tower() -> Model { Tower(name: "tower") }

  static func calledTower() throws -> Model {
    let model = Tower(name: "tower")
    _ = try model.predictOnBatch([.init(zeros: [2, 5, 3])])
    return model
  }
}
