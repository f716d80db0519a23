import KerasModels

/// MobileNetV3: MobileNetV2's blocks with squeeze-and-excitation and a piecewise linear swish, arranged by search.
///
/// Paper: Howard et al., "Searching for MobileNetV3" (2019), https://arxiv.org/abs/1905.02244, Tables 1 and 2. Layer
/// names follow `keras.applications.mobilenet_v3`, so its weight files load.
struct MobileNetV3Family: ApplicationFamily {
  enum Variant: String, Sendable {
    case small, large
  }

  let variant: Variant
  /// Multiplies the number of filters.
  var alpha = 1.0
  /// Without squeeze-and-excitation, swish and 5 × 5 kernels.
  var isMinimalistic = false
  /// The rate of the dropout before the classifier.
  var dropout = 0.2
  /// Whether the model itself brings pixels from 0…255 to −1…1.
  var includesPreprocessing = true

  struct Block {
    /// Of the channels inside the block to those before it.
    let expansion: Double
    let filters: Double
    let size: Int
    let stride: Int
    let squeezes: Bool
    let isSwish: Bool

    init(_ expansion: Double, _ filters: Double, _ size: Int, _ stride: Int, squeezes: Bool, swish: Bool) {
      (self.expansion, self.filters, self.size, self.stride) = (expansion, filters, size, stride)
      (self.squeezes, isSwish) = (squeezes, swish)
    }
  }

  // swift-format-ignore
  private var blocks: [Block] {
    switch variant {
    case .small: [
      Block(      1, 16, 3, 2, squeezes: true,  swish: false),
      Block(72 / 16, 24, 3, 2, squeezes: false, swish: false),
      Block(88 / 24, 24, 3, 1, squeezes: false, swish: false),
      Block(      4, 40, 5, 2, squeezes: true,  swish: true),
      Block(      6, 40, 5, 1, squeezes: true,  swish: true),
      Block(      6, 40, 5, 1, squeezes: true,  swish: true),
      Block(      3, 48, 5, 1, squeezes: true,  swish: true),
      Block(      3, 48, 5, 1, squeezes: true,  swish: true),
      Block(      6, 96, 5, 2, squeezes: true,  swish: true),
      Block(      6, 96, 5, 1, squeezes: true,  swish: true),
      Block(      6, 96, 5, 1, squeezes: true,  swish: true),
    ]
    case .large: [
      Block(  1,  16, 3, 1, squeezes: false, swish: false),
      Block(  4,  24, 3, 2, squeezes: false, swish: false),
      Block(  3,  24, 3, 1, squeezes: false, swish: false),
      Block(  3,  40, 5, 2, squeezes: true,  swish: false),
      Block(  3,  40, 5, 1, squeezes: true,  swish: false),
      Block(  3,  40, 5, 1, squeezes: true,  swish: false),
      Block(  6,  80, 3, 2, squeezes: false, swish: true),
      Block(2.5,  80, 3, 1, squeezes: false, swish: true),
      Block(2.3,  80, 3, 1, squeezes: false, swish: true),
      Block(2.3,  80, 3, 1, squeezes: false, swish: true),
      Block(  6, 112, 3, 1, squeezes: true,  swish: true),
      Block(  6, 112, 3, 1, squeezes: true,  swish: true),
      Block(  6, 160, 5, 2, squeezes: true,  swish: true),
      Block(  6, 160, 5, 1, squeezes: true,  swish: true),
      Block(  6, 160, 5, 1, squeezes: true,  swish: true),
    ]
    }
  }

  private static let unit = ConvolutionUnit(momentum: 0.999)

  func network(_ image: SymbolicTensor, _ settings: ApplicationSettings) -> SymbolicTensor {
    var x = image
    if includesPreprocessing { x = Rescaling(scale: 1 / 127.5, offset: -1)(x) }
    x = Self.unit(x, filters: 16, size: 3, stride: 2, names: .init("conv", suffix: "_bn"))
    x = activated(x, swish: true)
    for (number, block) in blocks.enumerated() { x = drawn(block, on: x, number: number) }
    x = Self.unit(
      x, filters: roundedFilters(Double(6 * x.channels)), names: .init("conv_1", suffix: "_bn"))
    x = activated(x, swish: true)
    guard settings.includeTop else {
      return pooledFeatures(x, settings.pooling, names: ("avg_pool", "max_pool"))
    }
    let width = variant == .small ? 1024 : 1280
    x = GlobalAveragePooling2D(keepsDimensions: true)(x)
    x = Conv2D(
      filters: alpha > 1 ? roundedFilters(Double(width) * alpha) : width, kernelSize: 1, padding: .same,
      name: "conv_2")(x)
    x = activated(x, swish: true)
    if dropout > 0 { x = Dropout(dropout)(x) }
    x = Conv2D(filters: settings.classCount, kernelSize: 1, padding: .same, name: "logits")(x)
    x = Flatten()(x)
    return Activation(settings.classifierActivation, name: "predictions")(x)
  }

  private func activated(_ x: SymbolicTensor, swish: Bool) -> SymbolicTensor {
    swish && !isMinimalistic ? Activation(.hardSilu)(x) : ReLU()(x)
  }

  private func drawn(_ block: Block, on input: SymbolicTensor, number: Int) -> SymbolicTensor {
    let name = number == 0 ? "expanded_conv_" : "expanded_conv_\(number)_"
    let (filters, size) = (roundedFilters(block.filters * alpha), isMinimalistic ? 3 : block.size)
    let inner = roundedFilters(Double(input.channels) * block.expansion)
    var x = input
    if number > 0 {
      x = Self.unit(x, filters: inner, names: .init("\(name)expand", suffix: "_bn"))
      x = activated(x, swish: block.isSwish)
    }
    if block.stride == 2 { x = padded(x, before: size, name: "\(name)depthwise_pad") }
    x = Self.unit.depthwise(
      x, size: Size2D(size, size), stride: block.stride, padding: block.stride == 1 ? .same : .valid,
      names: .init("\(name)depthwise", suffix: "_bn"))
    x = activated(x, swish: block.isSwish)
    if block.squeezes, !isMinimalistic { x = Self.squeezed(x, inner, "\(name)squeeze_excite_") }
    x = Self.unit(x, filters: filters, names: .init("\(name)project", suffix: "_bn"))
    return block.stride == 1 && input.channels == filters ? Add(name: "\(name)add")([input, x]) : x
  }

  /// Squeeze-and-excitation with a piecewise linear sigmoid, `relu6(x + 3) / 6`.
  private static func squeezed(_ input: SymbolicTensor, _ channels: Int, _ name: String) -> SymbolicTensor {
    var x = GlobalAveragePooling2D(keepsDimensions: true, name: "\(name)avg_pool")(input)
    x = Conv2D(
      filters: roundedFilters(Double(channels) * 0.25), kernelSize: 1, padding: .same, name: "\(name)conv")(x)
    x = ReLU(name: "\(name)relu")(x)
    x = Conv2D(filters: channels, kernelSize: 1, padding: .same, name: "\(name)conv_1")(x)
    let gate = ReLU(maximum: 6)(x + 3) * (1.0 / 6)
    return Multiply(name: "\(name)mul")([input, gate])
  }
}
