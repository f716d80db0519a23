import KerasModels

/// EfficientNet: MobileNetV2's blocks with squeeze-and-excitation; one base whose width, depth and resolution grow
/// together.
///
/// Paper: Tan and Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks" (2019),
/// https://arxiv.org/abs/1905.11946, Table 1. Layer names follow `keras.applications.efficientnet`, so its weight
/// files load.
///
/// The published weights were trained on pictures divided by the root of the deviation, not by the deviation that the
/// files hold. Keras mends this with one more layer, which it adds for `imagenet` only. Here it is added for weights
/// from any file, too, so that a published file gives the same answers however it is named; the argument
/// `imagenet_rescaling` decides otherwise.
struct EfficientNet: ApplicationFamily {
  let width: Double
  let depth: Double
  /// The rate before the classifier.
  let dropout: Double
  /// Whether the layer that published weights need is there; nil for: where weights come from a file.
  var rescales: Bool?

  // swift-format-ignore
  /// The table's rows: kernel, blocks, filters before and after, expansion, stride of the first block.
  private static let stacks = [
    (3, 1,  32,  16, 1, 1),
    (3, 2,  16,  24, 6, 2),
    (5, 2,  24,  40, 6, 2),
    (3, 3,  40,  80, 6, 2),
    (5, 3,  80, 112, 6, 1),
    (5, 4, 112, 192, 6, 2),
    (3, 1, 192, 320, 6, 1),
  ]

  func network(_ image: SymbolicTensor, _ settings: ApplicationSettings) -> SymbolicTensor {
    var x = Rescaling(scale: 1 / 255)(image)
    x = Normalization(axis: [3])(x)
    if rescales ?? (settings.weights != .none) {
      let scales = ImageNetPreprocessing.deviation.map { 1 / $0.squareRoot() }
      x = Rescaling(scales: scales, offsets: [0], name: nil)(x)
    }
    let blocks = MobileBlocks(unit: ConvolutionUnit(initializer: MobileBlocks.initializer))
    x = padded(x, before: 3, name: "stem_conv_pad")
    x = blocks.convolved(x, filters: rounded(32), size: 3, stride: 2, padding: .valid, "stem_")
    let total = Self.stacks.reduce(0) { $0 + repeats($1.1) }
    var number = 0
    for (stack, (size, count, before, after, expansion, stride)) in Self.stacks.enumerated() {
      for block in 0..<repeats(count) {
        x = blocks.depthwise(
          x,
          MobileBlocks.Block(
            size: size, before: rounded(block == 0 ? before : after), after: rounded(after), expansion: expansion,
            stride: block == 0 ? stride : 1, squeezes: true, dropRate: 0.2 * Double(number) / Double(total)),
          padsItself: true, MobileBlocks.name(stack, block))
        number += 1
      }
    }
    x = blocks.convolved(x, filters: rounded(1280), "top_")
    return Head(dropout: dropout, initializer: MobileBlocks.headInitializer)(x, settings)
  }

  private func rounded(_ filters: Int) -> Int { roundedFilters(Double(filters) * width) }

  private func repeats(_ count: Int) -> Int { Int((depth * Double(count)).rounded(.up)) }

  static var ownArguments: [FamilyArgument<Self>] {
    [
      FamilyArgument("imagenet_rescaling") { family, value in
        guard let rescales = value.bool else { return nil }
        var family = family
        family.rescales = rescales
        return family
      }
    ]
  }
}
