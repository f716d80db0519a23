import KerasModels

/// Xception: convolutions taken apart into depthwise and pointwise ones, with residuals around blocks of them.
///
/// Paper: Chollet, "Xception: Deep Learning with Depthwise Separable Convolutions" (2016),
/// https://arxiv.org/abs/1610.02357, Figure 5. Layer names follow `keras.applications.xception`, whose shortcuts have
/// automatic ones, so its weight files load by order.
struct XceptionFamily: ApplicationFamily {
  private static let unit = ConvolutionUnit()

  func network(_ image: SymbolicTensor, _ settings: ApplicationSettings) -> SymbolicTensor {
    var x = image
    for (number, filters) in [(1, 32), (2, 64)] {
      let name = "block1_conv\(number)"
      x = Self.unit(
        x, filters: filters, size: 3, stride: number == 1 ? 2 : 1, padding: .valid,
        names: .init(name, suffix: "_bn"))
      x = Activation(.relu, name: "\(name)_act")(x)
    }
    x = Self.shrinking(x, block: 2, filters: (128, 128), startsActive: true)
    x = Self.shrinking(x, block: 3, filters: (256, 256))
    x = Self.shrinking(x, block: 4, filters: (728, 728))
    for block in 5...12 {
      let input = x
      for number in 1...3 { x = Self.activatedSeparable(x, "block\(block)_sepconv\(number)", filters: 728) }
      x = Add()([x, input])
    }
    x = Self.shrinking(x, block: 13, filters: (728, 1024))
    for (number, filters) in [(1, 1536), (2, 2048)] {
      let name = "block14_sepconv\(number)"
      x = Self.separable(x, name, filters: filters)
      x = Activation(.relu, name: "\(name)_act")(x)
    }
    return Head.namedOnTop(x, settings)
  }

  /// Two separable convolutions and pooling, beside a 1 × 1 convolution of stride 2.
  ///
  /// - Parameter startsActive: whether an activation stands before the block already.
  private static func shrinking(
    _ input: SymbolicTensor, block: Int, filters: (Int, Int), startsActive: Bool = false
  ) -> SymbolicTensor {
    let shortcut = unit(input, filters: filters.1, stride: 2, names: .automatic)
    let name = "block\(block)_sepconv"
    var x = startsActive ? input : Activation(.relu, name: "\(name)1_act")(input)
    x = separable(x, "\(name)1", filters: filters.0)
    x = activatedSeparable(x, "\(name)2", filters: filters.1)
    x = MaxPooling2D(poolSize: 3, strides: 2, padding: .same, name: "block\(block)_pool")(x)
    return Add()([x, shortcut])
  }

  private static func activatedSeparable(
    _ x: SymbolicTensor, _ name: String, filters: Int
  ) -> SymbolicTensor {
    separable(Activation(.relu, name: "\(name)_act")(x), name, filters: filters)
  }

  private static func separable(_ x: SymbolicTensor, _ name: String, filters: Int) -> SymbolicTensor {
    unit.separable(x, filters: filters, size: 3, names: .init(name, suffix: "_bn"))
  }
}
