import KerasModels

/// Inception-ResNet V2: Inception's branches as residuals that are scaled down before they are added.
///
/// Paper: Szegedy et al., "Inception-v4, Inception-ResNet and the Impact of Residual Connections on Learning" (2016),
/// https://arxiv.org/abs/1602.07261, Figures 16 to 19. Names follow `keras.applications.inception_resnet_v2`, which
/// leaves most to the session's counters, so its weight files load by order.
struct InceptionResNetV2Family: ApplicationFamily {
  private typealias Inception = InceptionV3Family

  func network(_ image: SymbolicTensor, _ settings: ApplicationSettings) -> SymbolicTensor {
    var x = Inception.stem(image)
    x = Inception.concatenated(
      [
        Inception.branch(x, (96, 1)), Inception.branch(x, (48, 1), (64, 5)),
        Inception.branch(x, (64, 1), (96, 3), (96, 3)), Inception.pooledBranch(x, 64),
      ], "mixed_5b")
    for number in 1...10 {
      x = Self.residual(x, scale: 0.17, "block35_\(number)") {
        [
          Inception.branch($0, (32, 1)), Inception.branch($0, (32, 1), (32, 3)),
          Inception.branch($0, (32, 1), (48, 3), (64, 3)),
        ]
      }
    }
    x = Inception.concatenated(
      [
        Self.shrinking(x, 384), Self.shrinking(Inception.branch(x, (256, 1), (256, 3)), 384),
        MaxPooling2D(poolSize: 3, strides: 2)(x),
      ], "mixed_6a")
    for number in 1...20 {
      x = Self.residual(x, scale: 0.1, "block17_\(number)") {
        [Inception.branch($0, (192, 1)), Inception.branch($0, (128, 1), (160, [1, 7]), (192, [7, 1]))]
      }
    }
    x = Inception.concatenated(
      [
        Self.shrinking(Inception.branch(x, (256, 1)), 384), Self.shrinking(Inception.branch(x, (256, 1)), 288),
        Self.shrinking(Inception.branch(x, (256, 1), (288, 3)), 320), MaxPooling2D(poolSize: 3, strides: 2)(x),
      ], "mixed_7a")
    for number in 1...10 {
      x = Self.residual(x, scale: number < 10 ? 0.2 : 1, "block8_\(number)", isActivated: number < 10) {
        [Inception.branch($0, (192, 1)), Inception.branch($0, (192, 1), (224, [1, 3]), (256, [3, 1]))]
      }
    }
    x = Inception.convolved(x, 1536, 1, name: "conv_7b")
    return Head.namedOnTop(x, settings)
  }

  private static func shrinking(_ x: SymbolicTensor, _ filters: Int) -> SymbolicTensor {
    Inception.convolved(x, filters, 3, stride: 2, padding: .valid)
  }

  /// `x + scale · branches`, the branches brought back to as many channels as `x` has.
  private static func residual(
    _ x: SymbolicTensor, scale: Double, _ name: String, isActivated: Bool = true,
    _ branches: (SymbolicTensor) -> [SymbolicTensor]
  ) -> SymbolicTensor {
    let mixed = Inception.concatenated(branches(x), "\(name)_mixed")
    let residual = Conv2D(filters: x.channels, kernelSize: 1, padding: .same, name: "\(name)_conv")(mixed)
    let sum = CustomScaleLayer(scale: scale)([x, residual])
    return isActivated ? Activation(.relu, name: "\(name)_ac")(sum) : sum
  }
}
