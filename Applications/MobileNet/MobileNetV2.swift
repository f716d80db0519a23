import KerasModels

/// MobileNetV2: residual blocks that are wide inside and narrow between.
///
/// Paper: Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks" (2018),
/// https://arxiv.org/abs/1801.04381, Table 2. Layer names follow `keras.applications.mobilenet_v2`, so its weight
/// files load.
struct MobileNetV2Family: ApplicationFamily {
  /// Multiplies the number of filters.
  var alpha = 1.0

  // swift-format-ignore
  /// The table's rows: expansion, filters, blocks, stride of the first.
  private static let stacks = [
    (1,  16, 1, 1),
    (6,  24, 2, 2),
    (6,  32, 3, 2),
    (6,  64, 4, 2),
    (6,  96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
  ]
  private static let unit = ConvolutionUnit(momentum: 0.999)

  func network(_ image: SymbolicTensor, _ settings: ApplicationSettings) -> SymbolicTensor {
    var x = Self.unit(
      image, filters: roundedFilters(32 * alpha), size: 3, stride: 2, names: .init("Conv1", "bn_Conv1"))
    x = ReLU(maximum: 6, name: "Conv1_relu")(x)
    var number = 0
    for (expansion, filters, blocks, stride) in Self.stacks {
      for block in 0..<blocks {
        x = Self.block(
          x, filters: roundedFilters(Double(Int(Double(filters) * alpha))), expansion: expansion,
          stride: block == 0 ? stride : 1, number: number)
        number += 1
      }
    }
    x = Self.unit(
      x, filters: alpha > 1 ? roundedFilters(1280 * alpha) : 1280, padding: .valid,
      names: .init("Conv_1", suffix: "_bn"))
    x = ReLU(maximum: 6, name: "out_relu")(x)
    return Head.automatic(x, settings)
  }

  private static func block(
    _ input: SymbolicTensor, filters: Int, expansion: Int, stride: Int, number: Int
  ) -> SymbolicTensor {
    let name = number == 0 ? "expanded_conv_" : "block_\(number)_"
    var x = input
    if number > 0 {
      x = unit(x, filters: expansion * input.channels, names: .init("\(name)expand", suffix: "_BN"))
      x = ReLU(maximum: 6, name: "\(name)expand_relu")(x)
    }
    if stride == 2 { x = padded(x, before: 3, name: "\(name)pad") }
    x = unit.depthwise(
      x, size: 3, stride: stride, padding: stride == 1 ? .same : .valid,
      names: .init("\(name)depthwise", suffix: "_BN"))
    x = ReLU(maximum: 6, name: "\(name)depthwise_relu")(x)
    x = unit(x, filters: filters, names: .init("\(name)project", suffix: "_BN"))
    return stride == 1 && input.channels == filters ? Add(name: "\(name)add")([input, x]) : x
  }
}
