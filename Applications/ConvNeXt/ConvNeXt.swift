import KerasModels

/// ConvNeXt: a ResNet with the habits of vision transformers.
///
/// Paper: Liu et al., "A ConvNet for the 2020s" (2022), https://arxiv.org/abs/2201.03545, Figure 4 and Section 3.
/// Layer names follow `keras.applications.convnext`, so its weight files load.
struct ConvNeXt: ApplicationFamily {
  /// Keras' name of the model, which begins its layers' names, too.
  let name: String
  /// Blocks in each stage.
  let depths: [Int]
  /// Channels in each stage.
  let widths: [Int]
  /// Whether the model itself takes pixels of 0…255.
  var includesPreprocessing = true

  private static let epsilon = 1e-6

  func modelName(_ settings: ApplicationSettings, _ inputShape: Shape) -> String? { name }

  func network(_ image: SymbolicTensor, _ settings: ApplicationSettings) -> SymbolicTensor {
    let name = settings.name ?? name
    var x = image
    if includesPreprocessing, image.channels == 3 {
      x = Normalization(
        mean: ImageNetPreprocessing.mean.map { $0 * 255 },
        variance: ImageNetPreprocessing.deviation.map { $0 * 255 * ($0 * 255) },
        name: "\(name)_prestem_normalization")(x)
    }
    // Keras makes these before the blocks, so that automatic names count in its order.
    let entrances = [stem(name)] + (0..<3).map { downsampling(name, $0) }
    for (stage, depth) in depths.enumerated() {
      x = entrances[stage](x)
      for block in 0..<depth {
        x = Self.block(x, widths[stage], "\(name)_stage_\(stage)_block_\(block)")
      }
    }
    guard settings.includeTop else {
      return LayerNormalization(epsilon: Self.epsilon)(pooledFeatures(x, settings.pooling))
    }
    x = GlobalAveragePooling2D(name: "\(name)_head_gap")(x)
    x = LayerNormalization(epsilon: Self.epsilon, name: "\(name)_head_layernorm")(x)
    return Dense(
      units: settings.classCount, activation: settings.classifierActivation, name: "\(name)_head_dense")(x)
  }

  private func stem(_ name: String) -> Sequential {
    Sequential(name: "\(name)_stem") {
      Conv2D(filters: widths[0], kernelSize: 4, strides: 4, name: "\(name)_stem_conv")
      LayerNormalization(epsilon: Self.epsilon, name: "\(name)_stem_layernorm")
    }
  }

  private func downsampling(_ name: String, _ index: Int) -> Sequential {
    Sequential(name: "\(name)_downsampling_block_\(index)") {
      LayerNormalization(epsilon: Self.epsilon, name: "\(name)_downsampling_layernorm_\(index)")
      Conv2D(
        filters: widths[index + 1], kernelSize: 2, strides: 2, name: "\(name)_downsampling_conv_\(index)")
    }
  }

  private static func block(_ input: SymbolicTensor, _ width: Int, _ name: String) -> SymbolicTensor {
    var x = Conv2D(
      filters: width, kernelSize: 7, padding: .same, groups: width, name: "\(name)_depthwise_conv")(input)
    x = LayerNormalization(epsilon: epsilon, name: "\(name)_layernorm")(x)
    x = Dense(units: 4 * width, name: "\(name)_pointwise_conv_1")(x)
    x = Activation(.gelu, name: "\(name)_gelu")(x)
    x = Dense(units: width, name: "\(name)_pointwise_conv_2")(x)
    x = LayerScale(initialValue: 1e-6, channels: width, name: "\(name)_layer_scale")(x)
    // Where blocks are dropped in training; Keras' models drop none.
    x = Activation(.linear, name: "\(name)_identity")(x)
    return input + x
  }

  func preprocessing(_ settings: ApplicationSettings) -> PreprocessingMode? {
    includesPreprocessing ? nil : .torch
  }

  static var ownArguments: [FamilyArgument<Self>] { [.includePreprocessing(\.includesPreprocessing)] }
}
