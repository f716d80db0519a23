import KerasModels

/// VGG: stacks of 3 × 3 convolutions, halved by pooling between them.
///
/// Paper: Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition"
/// (2014), https://arxiv.org/abs/1409.1556, Table 1, columns D (VGG16) and E (VGG19). Layer names follow
/// `keras.applications.vgg16`, so its weight files load.
struct VGG: ApplicationFamily {
  enum Variant: Sendable {
    case vgg16, vgg19

    /// Convolutions in each block.
    var repeats: [Int] {
      switch self {
      case .vgg16: [2, 2, 3, 3, 3]
      case .vgg19: [2, 2, 4, 4, 4]
      }
    }
  }

  static let filters = [64, 128, 256, 512, 512]

  let variant: Variant

  init(_ variant: Variant) { self.variant = variant }

  func network(_ image: SymbolicTensor, _ settings: ApplicationSettings) -> SymbolicTensor {
    var x = image
    for (block, (filters, repeats)) in zip(Self.filters, variant.repeats).enumerated() {
      for layer in 1...repeats {
        x = Conv2D(
          filters: filters, kernelSize: 3, padding: .same, activation: .relu,
          name: "block\(block + 1)_conv\(layer)")(x)
      }
      x = MaxPooling2D(poolSize: 2, name: "block\(block + 1)_pool")(x)
    }
    guard settings.includeTop else { return pooledFeatures(x, settings.pooling) }
    x = Flatten(name: "flatten")(x)
    x = Dense(units: 4096, activation: .relu, name: "fc1")(x)
    x = Dense(units: 4096, activation: .relu, name: "fc2")(x)
    return Dense(units: settings.classCount, activation: settings.classifierActivation, name: "predictions")(x)
  }
}
