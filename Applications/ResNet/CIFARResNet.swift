import KerasModels

/// ResNet for the small pictures of CIFAR-10: three stages of blocks of two 3 × 3 convolutions, with 16, 32 and 64 filters.
///
/// Paper: He et al., "Deep Residual Learning for Image Recognition" (2015), https://arxiv.org/abs/1512.03385, section
/// 4.2; a convolution of 1 × 1 where a shortcut changes size. `Examples/cifar10_resnet` trains it.
struct CIFARResNet: ApplicationFamily {
  /// Blocks in each stage; 3 make 20 layers.
  let repeats: Int

  var classifierTakesAnySize: Bool { true }

  private static let unit = ConvolutionUnit(epsilon: 1e-5, momentum: 0.9, initializer: .heNormal)

  func network(_ image: SymbolicTensor, _ settings: ApplicationSettings) -> SymbolicTensor {
    var x = ReLU()(Self.unit(image, filters: 16, size: 3, names: .automatic))
    for (stage, filters) in [16, 32, 64].enumerated() {
      for block in 0..<repeats {
        x = Self.block(x, filters, stride: stage > 0 && block == 0 ? 2 : 1)
      }
    }
    return Head.automatic(x, settings)
  }

  private static func block(_ input: SymbolicTensor, _ filters: Int, stride: Int) -> SymbolicTensor {
    let shortcut =
      stride == 1 ? input : unit(input, filters: filters, stride: stride, names: .automatic)
    let hidden = ReLU()(unit(input, filters: filters, size: 3, stride: stride, names: .automatic))
    return ReLU()(Add()([unit(hidden, filters: filters, size: 3, names: .automatic), shortcut]))
  }
}
