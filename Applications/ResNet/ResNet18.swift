import KerasModels

/// ResNet with 18 or 34 layers, which Keras lacks: blocks of two 3 × 3 convolutions, activated before them.
///
/// Papers: He et al., "Deep Residual Learning for Image Recognition" (2015), https://arxiv.org/abs/1512.03385, Table 1,
/// and "Identity Mappings in Deep Residual Networks" (2016), https://arxiv.org/abs/1603.05027, Figure 1 (b). Layer names
/// follow the package `image-classifiers`, which publishes the weights; the model takes pixels as they are.
struct BasicResNet: ApplicationFamily {
  /// Blocks in each stage.
  let repeats: [Int]

  private static let epsilon = 2e-5

  var inputName: String? { "data" }

  func network(_ image: SymbolicTensor, _ settings: ApplicationSettings) -> SymbolicTensor {
    var x = BatchNormalization(epsilon: Self.epsilon, scales: false, name: "bn_data")(image)
    x = ZeroPadding2D(3)(x)
    x = Self.convolved(x, 64, 7, 2, "conv0")
    x = Self.activated(x, "bn0", "relu0")
    x = ZeroPadding2D(1)(x)
    x = MaxPooling2D(poolSize: 3, strides: 2, name: "pooling0")(x)
    for (stage, count) in repeats.enumerated() {
      for block in 0..<count {
        x = Self.block(
          x, 64 << stage, stride: stage > 0 && block == 0 ? 2 : 1, widens: block == 0,
          "stage\(stage + 1)_unit\(block + 1)_")
      }
    }
    x = Self.activated(x, "bn1", "relu1")
    guard settings.includeTop else { return pooledFeatures(x, settings.pooling) }
    x = GlobalAveragePooling2D(name: "pool1")(x)
    x = Dense(units: settings.classCount, name: "fc1")(x)
    return Activation(settings.classifierActivation, name: "softmax")(x)
  }

  private static func block(
    _ input: SymbolicTensor, _ filters: Int, stride: Int, widens: Bool, _ name: String
  ) -> SymbolicTensor {
    var x = activated(input, "\(name)bn1", "\(name)relu1")
    let shortcut = widens ? convolved(x, filters, 1, stride, "\(name)sc") : input
    x = convolved(ZeroPadding2D(1)(x), filters, 3, stride, "\(name)conv1")
    x = activated(x, "\(name)bn2", "\(name)relu2")
    x = convolved(ZeroPadding2D(1)(x), filters, 3, 1, "\(name)conv2")
    return Add()([x, shortcut])
  }

  private static func activated(_ x: SymbolicTensor, _ norm: String, _ activation: String) -> SymbolicTensor {
    Activation(.relu, name: activation)(BatchNormalization(epsilon: epsilon, name: norm)(x))
  }

  private static func convolved(
    _ x: SymbolicTensor, _ filters: Int, _ size: Int, _ stride: Int, _ name: String
  ) -> SymbolicTensor {
    Conv2D(
      filters: filters, kernelSize: Size2D(size, size), strides: Size2D(stride, stride), usesBias: false,
      kernelInitializer: .heUniform, name: name)(x)
  }
}
