import KerasModels

/// ResNet V2: batch normalization and ReLU stand before the convolutions, and nothing after the addition.
///
/// Paper: He et al., "Identity Mappings in Deep Residual Networks" (2016), https://arxiv.org/abs/1603.05027,
/// Figure 1 (b). Layer names follow `keras.applications.resnet_v2`, so its weight files load. Like Keras, the
/// stride is in the 3 × 3 convolution of a stack's last block.
struct ResNetV2: ApplicationFamily {
  let variant: ResNet.Variant

  init(_ variant: ResNet.Variant) { self.variant = variant }

  func network(_ image: SymbolicTensor, _ settings: ApplicationSettings) -> SymbolicTensor {
    var x = ZeroPadding2D(3, name: "conv1_pad")(image)
    x = Conv2D(filters: 64, kernelSize: 7, strides: 2, name: "conv1_conv")(x)
    x = ZeroPadding2D(1, name: "pool1_pad")(x)
    x = MaxPooling2D(poolSize: 3, strides: 2, name: "pool1_pool")(x)
    for (stack, (filters, repeats)) in zip(ResNet.filters, variant.repeats).enumerated() {
      for block in 1...repeats {
        x = Self.bottleneck(
          x, filters: filters, stride: stack < 3 && block == repeats ? 2 : 1, widens: block == 1,
          name: "conv\(stack + 2)_block\(block)")
      }
    }
    x = Self.preactivated(x, "post")
    return Head.named(x, settings)
  }

  /// - Parameter widens: whether the input needs a convolution of its own to get the output's shape.
  private static func bottleneck(
    _ input: SymbolicTensor, filters: Int, stride: Int, widens: Bool, name: String
  ) -> SymbolicTensor {
    let preactivated = Self.preactivated(input, "\(name)_preact")
    let shortcut =
      if widens {
        Conv2D(filters: 4 * filters, kernelSize: 1, strides: Size2D(stride, stride), name: "\(name)_0_conv")(
          preactivated)
      } else if stride > 1 {
        MaxPooling2D(poolSize: 1, strides: Size2D(stride, stride))(input)
      } else {
        input
      }
    var x = Conv2D(filters: filters, kernelSize: 1, usesBias: false, name: "\(name)_1_conv")(preactivated)
    x = Self.preactivated(x, "\(name)_1")
    x = ZeroPadding2D(1, name: "\(name)_2_pad")(x)
    x = Conv2D(
      filters: filters, kernelSize: 3, strides: Size2D(stride, stride), usesBias: false,
      name: "\(name)_2_conv")(x)
    x = Self.preactivated(x, "\(name)_2")
    x = Conv2D(filters: 4 * filters, kernelSize: 1, name: "\(name)_3_conv")(x)
    return Add(name: "\(name)_out")([shortcut, x])
  }

  private static func preactivated(_ x: SymbolicTensor, _ name: String) -> SymbolicTensor {
    normalized(x, name, epsilon: ResNet.epsilon, activation: .relu)
  }
}
