import KerasModels

/// DenseNet: in a block, every layer sees what all before it have made.
///
/// Paper: Huang et al., "Densely Connected Convolutional Networks" (2016), https://arxiv.org/abs/1608.06993, Table 1.
/// Layer names follow `keras.applications.densenet`, so its weight files load.
struct DenseNet: ApplicationFamily {
  /// Layers in each of the four blocks.
  let layers: [Int]

  private static let epsilon = 1.001e-5
  /// Channels that a layer adds.
  private static let growth = 32

  func network(_ image: SymbolicTensor, _ settings: ApplicationSettings) -> SymbolicTensor {
    var x = ZeroPadding2D(3)(image)
    x = Self.convolved(x, "conv1", filters: 64, size: 7, stride: 2)
    x = Self.activated(x, "conv1")
    x = ZeroPadding2D(1)(x)
    x = MaxPooling2D(poolSize: 3, strides: 2, name: "pool1")(x)
    for (index, count) in layers.enumerated() {
      for layer in 1...count { x = Self.extended(x, "conv\(index + 2)_block\(layer)") }
      guard index < layers.count - 1 else { break }
      // The transition: half the channels, half the size.
      let name = "pool\(index + 2)"
      x = Self.activated(x, name)
      x = Self.convolved(x, name, filters: x.channels / 2)
      x = AveragePooling2D(poolSize: 2, strides: 2, name: "\(name)_pool")(x)
    }
    x = BatchNormalization(epsilon: Self.epsilon, name: "bn")(x)
    x = Activation(.relu, name: "relu")(x)
    return Head.named(x, settings)
  }

  /// `x` with ``growth`` channels more, made of all it has.
  private static func extended(_ x: SymbolicTensor, _ name: String) -> SymbolicTensor {
    var new = activated(x, "\(name)_0")
    new = convolved(new, "\(name)_1", filters: 4 * growth)
    new = activated(new, "\(name)_1")
    new = convolved(new, "\(name)_2", filters: growth, size: 3)
    return Concatenate(axis: 3, name: "\(name)_concat")([x, new])
  }

  private static func activated(_ x: SymbolicTensor, _ name: String) -> SymbolicTensor {
    normalized(x, name, epsilon: epsilon, activation: .relu)
  }

  private static func convolved(
    _ x: SymbolicTensor, _ name: String, filters: Int, size: Size2D = 1, stride: Int = 1
  ) -> SymbolicTensor {
    Conv2D(
      filters: filters, kernelSize: size, strides: Size2D(stride, stride),
      padding: size == 3 ? .same : .valid, usesBias: false, name: "\(name)_conv")(x)
  }
}
