import KerasModels

/// ResNet: stacks of bottleneck blocks, each adding to what it was given.
///
/// Paper: He et al., "Deep Residual Learning for Image Recognition" (2015),
/// https://arxiv.org/abs/1512.03385, Table 1. Layer names follow `keras.applications.resnet`, so its weight
/// files load. Like Keras (and the original Caffe model), the stride is in a block's first 1 × 1
/// convolution, and convolutions have biases although batch normalization follows.
struct ResNet: ApplicationFamily {
  enum Variant: Sendable {
    case resNet50, resNet101, resNet152

    /// Blocks in stacks conv2 … conv5.
    var repeats: [Int] {
      switch self {
      case .resNet50: [3, 4, 6, 3]
      case .resNet101: [3, 4, 23, 3]
      case .resNet152: [3, 8, 36, 3]
      }
    }
  }

  /// Filters of the 3 × 3 convolutions in stacks conv2 … conv5; a block has four times as many outputs.
  static let filters = [64, 128, 256, 512]
  static let epsilon = 1.001e-5

  let variant: Variant

  init(_ variant: Variant) { self.variant = variant }

  func network(_ image: SymbolicTensor, _ settings: ApplicationSettings) -> SymbolicTensor {
    var x = ZeroPadding2D(3, name: "conv1_pad")(image)
    x = Conv2D(filters: 64, kernelSize: 7, strides: 2, name: "conv1_conv")(x)
    x = normalized(x, "conv1", epsilon: Self.epsilon, activation: .relu)
    x = ZeroPadding2D(1, name: "pool1_pad")(x)
    x = MaxPooling2D(poolSize: 3, strides: 2, name: "pool1_pool")(x)
    for (stack, (filters, repeats)) in zip(Self.filters, variant.repeats).enumerated() {
      for block in 1...repeats {
        x = Self.bottleneck(
          x, filters: filters, stride: stack > 0 && block == 1 ? 2 : 1, widens: block == 1,
          name: "conv\(stack + 2)_block\(block)")
      }
    }
    return Head.named(x, settings)
  }

  /// 1 × 1 to fewer channels, 3 × 3, 1 × 1 to four times as many, added to the input.
  ///
  /// - Parameter widens: whether the input needs a convolution of its own to get the output's shape.
  private static func bottleneck(
    _ input: SymbolicTensor, filters: Int, stride: Int, widens: Bool, name: String
  ) -> SymbolicTensor {
    func convolution(
      _ x: SymbolicTensor, _ part: Int, filters: Int, size: Int = 1, stride: Int = 1,
      activation: BlockActivation = .none
    ) -> SymbolicTensor {
      let name = "\(name)_\(part)"
      let x = Conv2D(
        filters: filters, kernelSize: Size2D(size, size), strides: Size2D(stride, stride),
        padding: size == 1 ? .valid : .same, name: "\(name)_conv")(x)
      return normalized(x, name, epsilon: epsilon, activation: activation)
    }
    let shortcut = widens ? convolution(input, 0, filters: 4 * filters, stride: stride) : input
    var x = convolution(input, 1, filters: filters, stride: stride, activation: .relu)
    x = convolution(x, 2, filters: filters, size: 3, activation: .relu)
    x = convolution(x, 3, filters: 4 * filters)
    x = Add(name: "\(name)_add")([shortcut, x])
    return Activation(.relu, name: "\(name)_out")(x)
  }
}
