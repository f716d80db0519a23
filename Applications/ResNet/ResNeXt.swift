import KerasFiles
import KerasModels

/// ResNeXt: ResNet whose 3 × 3 convolutions work in groups of channels.
///
/// Paper: Xie et al., "Aggregated Residual Transformations for Deep Neural Networks" (2016),
/// https://arxiv.org/abs/1611.05431, Table 1. Layer names follow `keras_applications.resnext`. Its files compute the
/// groups by a depthwise convolution with several filters a channel whose results are summed, some of them by a
/// constant 1 × 1 convolution; here they become one grouped convolution when they are loaded.
struct ResNeXt: ApplicationFamily {
  let variant: ResNet.Variant

  init(_ variant: ResNet.Variant) { self.variant = variant }

  private static let groups = 32
  private static let unit = ConvolutionUnit(epsilon: ResNet.epsilon)

  func network(_ image: SymbolicTensor, _ settings: ApplicationSettings) -> SymbolicTensor {
    var x = ZeroPadding2D(3, name: "conv1_pad")(image)
    x = Self.convolved(x, 64, size: 7, stride: 2, "conv1")
    x = Activation(.relu, name: "conv1_relu")(x)
    x = ZeroPadding2D(1, name: "pool1_pad")(x)
    x = MaxPooling2D(poolSize: 3, strides: 2, name: "pool1_pool")(x)
    for (stack, count) in variant.repeats.enumerated() {
      for block in 1...count {
        x = Self.block(
          x, filters: 128 << stack, stride: stack > 0 && block == 1 ? 2 : 1, widens: block == 1,
          "conv\(stack + 2)_block\(block)")
      }
    }
    return Head.named(x, settings)
  }

  private static func block(
    _ input: SymbolicTensor, filters: Int, stride: Int, widens: Bool, _ name: String
  ) -> SymbolicTensor {
    let shortcut = widens ? convolved(input, 2 * filters, stride: stride, "\(name)_0") : input
    var x = convolved(input, filters, "\(name)_1")
    x = Activation(.relu, name: "\(name)_1_relu")(x)
    x = ZeroPadding2D(1, name: "\(name)_2_pad")(x)
    x = convolved(x, filters, size: 3, stride: stride, groups: groups, "\(name)_2")
    x = Activation(.relu, name: "\(name)_2_relu")(x)
    x = convolved(x, 2 * filters, "\(name)_3")
    x = Add(name: "\(name)_add")([shortcut, x])
    return Activation(.relu, name: "\(name)_out")(x)
  }

  private static func convolved(
    _ x: SymbolicTensor, _ filters: Int, size: Size2D = 1, stride: Int = 1, groups: Int = 1, _ name: String
  ) -> SymbolicTensor {
    unit(
      x, filters: filters, size: size, stride: stride, padding: .valid, groups: groups,
      names: .init("\(name)_conv", "\(name)_bn"))
  }

  // MARK: - Files

  /// Depthwise kernels `[3, 3, channels, width]` as grouped ones, `[3, 3, width, channels]`, and the constant
  /// convolutions behind them left out.
  func converted(_ file: [StoredLayer]) throws(KerasError) -> [StoredLayer] {
    var layers: [StoredLayer] = []
    for layer in file {
      guard let kernel = layer.weights.first, layer.weights.count == 1, kernel.shape.count == 4 else {
        layers.append(layer)
        continue
      }
      let (channels, width) = (kernel.shape[2], kernel.shape[3])
      if kernel.shape[..<2] == [3, 3], channels == width * Self.groups {
        var grouped = layer
        grouped.weights = [kernel.grouped(channels: channels, width: width)]
        layers.append(grouped)
      } else if let before = layers.last?.weights.first?.shape, before.count == 4, before[..<2] == [3, 3],
        kernel.shape == [1, 1, before[2] * before[3], before[3]], before[2] * Self.groups == before[3]
      {
        try requireSums(kernel, width: before[2], of: layer.name)
      } else {
        layers.append(layer)
      }
    }
    return layers
  }

  /// - Throws: `unsupported` for a convolution that does other than sum up the channels of each group.
  private func requireSums(_ kernel: StoredWeight, width: Int, of layer: String) throws(KerasError) {
    let numbers = try kernel.tensor().scalars(as: Float.self)
    let filters = kernel.shape[3]
    let isConstant = numbers.indices.allSatisfy { place in
      let (input, filter) = (place / filters, place % filters)
      let isSummed = input / (width * width) == filter / width && input % width == filter % width
      return numbers[place] == (isSummed ? 1 : 0)
    }
    guard isConstant else {
      throw KerasError(
        .unsupported, "The layer does not sum up groups of channels, as files of ResNeXt do.", path: [layer])
    }
  }
}

extension StoredWeight {
  /// Filter `m` of channel `g · width + j` weighs channel `j` of group `g` for output `g · width + m`.
  fileprivate func grouped(channels: Int, width: Int) -> StoredWeight {
    StoredWeight(
      name: name, shape: [3, 3, width, channels], dataType: dataType, storedType: storedType, byteCount: byteCount
    ) { () throws(KerasError) in
      try tensor().reshaped(to: [3, 3, channels / width, width, width]).transposed([0, 1, 3, 2, 4])
        .reshaped(to: [3, 3, width, channels])
    }
  }
}
