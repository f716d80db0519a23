import KerasModels

/// EfficientNetV2: EfficientNet whose first blocks have one convolution in place of two.
///
/// Paper: Tan and Le, "EfficientNetV2: Smaller Models and Faster Training" (2021), https://arxiv.org/abs/2104.00298,
/// Table 4. Layer names follow `keras.applications.efficientnet_v2`, so its weight files load.
struct EfficientNetV2: ApplicationFamily {
  enum Variant: Sendable {
    case base, small, medium, large
  }

  let variant: Variant
  var width = 1.0
  var depth = 1.0
  /// Whether the model itself takes pixels of 0…255.
  var includesPreprocessing = true

  /// A row of the table; later blocks have stride 1.
  private struct Stack {
    let isFused: Bool
    let count, before, after, expansion, stride: Int

    init(_ isFused: Bool, _ count: Int, _ before: Int, _ after: Int, _ expansion: Int, _ stride: Int) {
      self.isFused = isFused
      (self.count, self.before, self.after) = (count, before, after)
      (self.expansion, self.stride) = (expansion, stride)
    }
  }

  // swift-format-ignore
  private var stacks: [Stack] {
    switch variant {
    case .base: [
      Stack(true,   1,  32,  16, 1, 1),
      Stack(true,   2,  16,  32, 4, 2),
      Stack(true,   2,  32,  48, 4, 2),
      Stack(false,  3,  48,  96, 4, 2),
      Stack(false,  5,  96, 112, 6, 1),
      Stack(false,  8, 112, 192, 6, 2),
    ]
    case .small: [
      Stack(true,   2,  24,  24, 1, 1),
      Stack(true,   4,  24,  48, 4, 2),
      Stack(true,   4,  48,  64, 4, 2),
      Stack(false,  6,  64, 128, 4, 2),
      Stack(false,  9, 128, 160, 6, 1),
      Stack(false, 15, 160, 256, 6, 2),
    ]
    case .medium: [
      Stack(true,   3,  24,  24, 1, 1),
      Stack(true,   5,  24,  48, 4, 2),
      Stack(true,   5,  48,  80, 4, 2),
      Stack(false,  7,  80, 160, 4, 2),
      Stack(false, 14, 160, 176, 6, 1),
      Stack(false, 18, 176, 304, 6, 2),
      Stack(false,  5, 304, 512, 6, 1),
    ]
    case .large: [
      Stack(true,   4,  32,  32, 1, 1),
      Stack(true,   7,  32,  64, 4, 2),
      Stack(true,   7,  64,  96, 4, 2),
      Stack(false, 10,  96, 192, 4, 2),
      Stack(false, 19, 192, 224, 6, 1),
      Stack(false, 25, 224, 384, 6, 2),
      Stack(false,  7, 384, 640, 6, 1),
    ]
    }
  }

  func network(_ image: SymbolicTensor, _ settings: ApplicationSettings) -> SymbolicTensor {
    var x = image
    if includesPreprocessing {
      x =
        variant == .base && image.channels == 3
        ? ImageNetPreprocessing.normalized(x) : Rescaling(scale: 1 / 128, offset: -1)(x)
    }
    let blocks = MobileBlocks(unit: ConvolutionUnit(momentum: 0.9, initializer: MobileBlocks.initializer))
    x = blocks.convolved(x, filters: rounded(stacks[0].before), size: 3, stride: 2, "stem_")
    // Keras' rates grow by the table's number of blocks, not by the scaled one.
    let total = stacks.reduce(0) { $0 + $1.count }
    var number = 0
    for (index, stack) in stacks.enumerated() {
      for position in 0..<Int((depth * Double(stack.count)).rounded(.up)) {
        let block = MobileBlocks.Block(
          before: rounded(position == 0 ? stack.before : stack.after), after: rounded(stack.after),
          expansion: stack.expansion, stride: position == 0 ? stack.stride : 1, squeezes: !stack.isFused,
          dropRate: 0.2 * Double(number) / Double(total))
        let name = MobileBlocks.name(index, position)
        x =
          stack.isFused ? blocks.fused(x, block, name) : blocks.depthwise(x, block, padsItself: false, name)
        number += 1
      }
    }
    x = blocks.convolved(x, filters: rounded(1280), "top_")
    return Head(dropout: 0.2, initializer: MobileBlocks.headInitializer)(x, settings)
  }

  /// The nearest multiple of 8, unlike EfficientNet's also where it is below 90 %.
  private func rounded(_ filters: Int) -> Int {
    max(8, Int(Double(filters) * width + 4) / 8 * 8)
  }

  func preprocessing(_ settings: ApplicationSettings) -> PreprocessingMode? {
    includesPreprocessing ? nil : variant == .base ? .torch : .tf
  }

  static var ownArguments: [FamilyArgument<Self>] { [.includePreprocessing(\.includesPreprocessing)] }
}
