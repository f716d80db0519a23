import KerasModels

/// RegNet: stages whose widths follow a line, found by narrowing down a space of designs.
///
/// Paper: Radosavovic et al., "Designing Network Design Spaces" (2020), https://arxiv.org/abs/2003.13678, Tables 5 and
/// 6 (X) and 7 and 8 (Y). Layer names follow Keras 2's `keras.applications.regnet`, so its weight files load; as there,
/// the classifier gives logits whatever activation is asked for.
struct RegNet: ApplicationFamily {
  /// Y has squeeze-and-excitation in every block.
  enum Kind: String, Sendable {
    case x, y
  }

  let kind: Kind
  /// Keras' name of the model, which begins its layers' names, too.
  let name: String
  /// Blocks in each stage.
  let depths: [Int]
  let widths: [Int]
  /// Channels of a group of the 3 × 3 convolutions.
  let groupWidth: Int
  /// Whether the model itself brings pixels from 0…255 to 0…1.
  var includesPreprocessing = true

  private static let unit = ConvolutionUnit(epsilon: 1e-5, momentum: 0.9, initializer: .heNormal)

  func network(_ image: SymbolicTensor, _ settings: ApplicationSettings) -> SymbolicTensor {
    let name = settings.name ?? name
    var x = image
    if includesPreprocessing { x = Rescaling(scale: 1 / 255, name: "\(name)_prestem_rescaling")(x) }
    x = Self.unit(x, filters: 32, size: 3, stride: 2, names: .init("\(name)_stem_conv", "\(name)_stem_bn"))
    x = ReLU(name: "\(name)_stem_relu")(x)
    for (stage, (depth, width)) in zip(depths, widths).enumerated() {
      for number in 0..<depth {
        x = block(
          x, width, stride: number == 0 ? 2 : 1,
          "\(name)_Stage_\(stage)_\(kind.rawValue.uppercased())Block_\(number)")
      }
    }
    guard settings.includeTop else { return pooledFeatures(x, settings.pooling) }
    x = GlobalAveragePooling2D(name: "1_head_gap")(x)
    return Dense(units: settings.classCount, name: "1head_dense")(x)
  }

  /// 1 × 1, grouped 3 × 3, 1 × 1, added to the input.
  private func block(_ input: SymbolicTensor, _ width: Int, stride: Int, _ name: String) -> SymbolicTensor {
    func convolved(_ x: SymbolicTensor, _ part: String, size: Size2D = 1, stride: Int = 1, groups: Int = 1)
      -> SymbolicTensor
    {
      Self.unit(
        x, filters: width, size: size, stride: stride, padding: size == 1 ? .valid : .same, groups: groups,
        names: .init("\(name)_\(part)", suffix: "_bn"))
    }
    var shortcut = input
    if stride > 1 {
      shortcut = Self.unit(
        input, filters: width, stride: stride, padding: .valid, names: .init("\(name)_skip_1x1", "\(name)_skip_bn"))
    }
    var x = convolved(input, "conv_1x1_1")
    x = ReLU(name: "\(name)_conv_1x1_1_relu")(x)
    x = convolved(x, "conv_3x3", size: 3, stride: stride, groups: max(1, width / groupWidth))
    x = ReLU(name: "\(name)_conv_3x3_relu")(x)
    if kind == .y { x = squeezed(x, width, reduced: input.channels / 4, "\(name)_squeeze_and_excite_") }
    x = convolved(x, "conv_1x1_2")
    return ReLU(name: "\(name)_exit_relu")(x + shortcut)
  }

  private func squeezed(_ x: SymbolicTensor, _ width: Int, reduced: Int, _ name: String) -> SymbolicTensor {
    var weights = GlobalAveragePooling2D(keepsDimensions: true, name: "\(name)gap")(x)
    for (part, filters, activation) in [("squeeze", reduced, ActivationFunction.relu), ("excite", width, .sigmoid)] {
      weights = Conv2D(
        filters: filters, kernelSize: 1, activation: activation, kernelInitializer: .heNormal,
        name: "\(name)\(part)")(weights)
    }
    return weights * x
  }

  func preprocessing(_ settings: ApplicationSettings) -> PreprocessingMode? {
    includesPreprocessing ? nil : .unit
  }

  static var ownArguments: [FamilyArgument<Self>] { [.includePreprocessing(\.includesPreprocessing)] }
}
