import KerasModels

/// The inverted residual blocks of both generations of EfficientNet, under Keras' names.
struct MobileBlocks {
  let unit: ConvolutionUnit

  static let initializer = VarianceScaling.varianceScaling(scale: 2, mode: .fanOut)
  static let headInitializer = VarianceScaling.varianceScaling(
    scale: 1.0 / 3, mode: .fanOut, distribution: .uniform)

  struct Block {
    var size = 3
    let before: Int
    let after: Int
    /// How many times as many channels are inside.
    let expansion: Int
    let stride: Int
    let squeezes: Bool
    /// How often, in training, the block is left out; 0 for no layer that does it.
    let dropRate: Double
  }

  /// `block3b_`.
  static func name(_ stack: Int, _ block: Int) -> String {
    "block\(stack + 1)\(Character(UnicodeScalar(UInt8(97 + block % 26))))_"
  }

  /// A convolution, normalization and swish: `<name>conv`, `<name>bn`, `<name>activation`.
  func convolved(
    _ x: SymbolicTensor, filters: Int, size: Size2D = 1, stride: Int = 1, padding: ConvolutionPadding = .same,
    _ name: String
  ) -> SymbolicTensor {
    let x = unit(
      x, filters: filters, size: size, stride: stride, padding: padding, names: .init("\(name)conv", "\(name)bn"))
    return Activation(.silu, name: "\(name)activation")(x)
  }

  /// Wider by 1 × 1, depthwise, and narrow again by 1 × 1.
  ///
  /// - Parameter padsItself: whether zeros are added in a layer of their own before strides, as the first generation
  ///   does.
  func depthwise(
    _ input: SymbolicTensor, _ block: Block, padsItself: Bool, _ name: String
  ) -> SymbolicTensor {
    let channels = block.before * block.expansion
    var x = input
    if block.expansion > 1 { x = convolved(x, filters: channels, "\(name)expand_") }
    let isPadded = padsItself && block.stride == 2
    if isPadded { x = padded(x, before: block.size, name: "\(name)dwconv_pad") }
    x = unit.depthwise(
      x, size: Size2D(block.size, block.size), stride: block.stride, padding: isPadded ? .valid : .same,
      names: .init(padsItself ? "\(name)dwconv" : "\(name)dwconv2", "\(name)bn"))
    x = Activation(.silu, name: "\(name)activation")(x)
    x = squeezed(x, block, channels, name)
    x = unit(x, filters: block.after, names: .init("\(name)project_conv", "\(name)project_bn"))
    return added(x, to: input, block, name)
  }

  /// The same with one convolution in place of the first two.
  func fused(_ input: SymbolicTensor, _ block: Block, _ name: String) -> SymbolicTensor {
    let size = Size2D(block.size, block.size)
    var x: SymbolicTensor
    if block.expansion > 1 {
      let channels = block.before * block.expansion
      x = convolved(input, filters: channels, size: size, stride: block.stride, "\(name)expand_")
      x = squeezed(x, block, channels, name)
      x = unit(x, filters: block.after, names: .init("\(name)project_conv", "\(name)project_bn"))
    } else {
      x = convolved(input, filters: block.after, size: size, stride: block.stride, "\(name)project_")
    }
    return added(x, to: input, block, name)
  }

  private func squeezed(
    _ x: SymbolicTensor, _ block: Block, _ channels: Int, _ name: String
  ) -> SymbolicTensor {
    guard block.squeezes else { return x }
    return squeezeAndExcitation(
      x, channels: channels, reducedChannels: max(1, block.before / 4), activation: .silu,
      initializer: unit.initializer, name: name)
  }

  private func added(
    _ x: SymbolicTensor, to input: SymbolicTensor, _ block: Block, _ name: String
  ) -> SymbolicTensor {
    guard block.stride == 1, block.before == block.after else { return x }
    var x = x
    if block.dropRate > 0 {
      x = Dropout(block.dropRate, noiseShape: [nil, 1, 1, 1], name: "\(name)drop")(x)
    }
    return Add(name: "\(name)add")([x, input])
  }
}
