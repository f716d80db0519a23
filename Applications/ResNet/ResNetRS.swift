import KerasModels
import KerasWeights

/// ResNet-RS: ResNet with a deeper stem, squeeze-and-excitation and means in its shortcuts, scaled for training speed.
///
/// Paper: Bello et al., "Revisiting ResNets: Improved Training and Scaling Strategies" (2021),
/// https://arxiv.org/abs/2103.07579, Table 7. Layer names follow Keras 2's `keras.applications.resnet_rs`, so its
/// weight files load.
struct ResNetRS: ApplicationFamily {
  let depth: Int
  /// Blocks in each group.
  let repeats: [Int]
  /// The rate before the classifier.
  let dropout: Double
  /// How often, in training, the last group's blocks are left out.
  let dropRate: Double
  /// Sizes of pictures that weights are published for, smallest first.
  let trainedSizes: [Int]
  /// Which of them is taken; nil for the largest.
  var trainedSize: Int?
  /// Whether the model itself takes pixels of 0…255.
  var includesPreprocessing = true

  /// Batches replace the moving statistics (Keras' momentum of 0).
  private static let unit = ConvolutionUnit(
    epsilon: 1e-5, momentum: 0, initializer: VarianceScaling.varianceScaling(scale: 2, mode: .fanOut))

  func modelName(_ settings: ApplicationSettings, _ inputShape: Shape) -> String? { "resnet-rs-\(depth)" }

  func network(_ image: SymbolicTensor, _ settings: ApplicationSettings) -> SymbolicTensor {
    var x = includesPreprocessing ? ImageNetPreprocessing.normalized(image) : image
    for (number, (filters, stride)) in [(32, 2), (32, 1), (64, 1), (64, 2)].enumerated() {
      x = Self.convolved(
        x, filters, 3, stride, ("stem_1_stem_conv_\(number + 1)", "stem_1_stem_batch_norm_\(number + 1)"))
      x = Activation(.relu, name: "stem_1_stem_act_\(number + 1)")(x)
    }
    for (group, count) in repeats.enumerated() {
      let rate = dropRate * Double(group + 2) / Double(repeats.count + 1)
      for block in 0..<count {
        x = Self.bottleneck(
          x, filters: 64 << group, stride: group > 0 && block == 0 ? 2 : 1, projects: block == 0, dropRate: rate,
          "BlockGroup\(group + 2)__block_\(block)_")
      }
    }
    return Head(dropout: dropout)(x, settings)
  }

  private static func bottleneck(
    _ input: SymbolicTensor, filters: Int, stride: Int, projects: Bool, dropRate: Double, _ name: String
  ) -> SymbolicTensor {
    var shortcut = input
    if projects {
      if stride == 2 {
        shortcut = AveragePooling2D(
          poolSize: 2, strides: 2, padding: .same, name: "\(name)_projection_pooling")(shortcut)
      }
      shortcut = convolved(
        shortcut, 4 * filters, 1, 1, ("\(name)_projection_conv", "\(name)_projection_batch_norm"))
    }
    var x = convolved(input, filters, 1, 1, ("\(name)_conv_1", "\(name)batch_norm_1"))
    x = Activation(.relu, name: "\(name)_act_1")(x)
    x = convolved(x, filters, 3, stride, ("\(name)_conv_2", "\(name)_batch_norm_2"))
    x = Activation(.relu, name: "\(name)_act_2")(x)
    x = convolved(x, 4 * filters, 1, 1, ("\(name)_conv_3", "\(name)_batch_norm_3"))
    x = squeezeAndExcitation(
      x, channels: 4 * filters, reducedChannels: filters, activation: .relu, initializer: unit.initializer,
      name: "\(name)_se_")
    if dropRate > 0 { x = Dropout(dropRate, noiseShape: [nil, 1, 1, 1], name: "\(name)_drop")(x) }
    x = Add()([x, shortcut])
    return Activation(.relu, name: "\(name)_output_act")(x)
  }

  /// With zeros on all sides before strides, as ResNet has them.
  private static func convolved(
    _ x: SymbolicTensor, _ filters: Int, _ size: Int, _ stride: Int, _ names: (String, String)
  ) -> SymbolicTensor {
    let x = stride > 1 ? ZeroPadding2D(size / 2)(x) : x
    return unit(
      x, filters: filters, size: Size2D(size, size), stride: stride, padding: stride > 1 ? .valid : .same,
      names: .init(names.0, names.1))
  }

  func preprocessing(_ settings: ApplicationSettings) -> PreprocessingMode? {
    includesPreprocessing ? nil : .torch
  }

  func weightVariant(_ settings: ApplicationSettings) -> WeightVariant? {
    WeightVariant(rows: trainedSize ?? trainedSizes.last ?? 224)
  }

  static var ownArguments: [FamilyArgument<Self>] {
    [
      .includePreprocessing(\.includesPreprocessing),
      // As Keras spells them: `imagenet-i160`.
      FamilyArgument("weights") { family, value in
        guard let size = family.trainedSizes.first(where: { value.string == "imagenet-i\($0)" }) else { return nil }
        var family = family
        family.trainedSize = size
        return family
      },
    ]
  }
}
