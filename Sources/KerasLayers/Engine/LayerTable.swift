import KerasCore

extension Layers {
  /// Every class of Keras that is a layer here, by family.
  package static let families: [(name: String, rows: [Row])] = [
    ("Core", coreRows),
    ("Activations", activationRows),
    ("Convolution", convolutionRows),
    ("Pooling", poolingRows),
    ("Locally connected", locallyConnectedRows),
    ("Recurrent", recurrentRows),
    ("Merging", mergingRows),
    ("Normalization", normalizationRows),
    ("Regularization and noise", noiseRows),
    ("Attention", attentionRows),
    ("Reshaping", reshapingRows),
    ("Wrappers", wrapperRows),
    ("Residuals of applications", residualRows),
    ("Preprocessing", preprocessingRows),
    ("Augmentation", augmentationRows),
  ]

  static let table = families.flatMap(\.rows).map { row in
    Row(row.name, settingCommon(row.make))
  }

  /// Other names of the same classes: Keras exports many twice.
  static let aliases: [String: String] = [
    "Convolution1D": "Conv1D", "Convolution2D": "Conv2D", "Convolution3D": "Conv3D",
    "Convolution1DTranspose": "Conv1DTranspose", "Convolution2DTranspose": "Conv2DTranspose",
    "Convolution3DTranspose": "Conv3DTranspose", "Deconvolution2D": "Conv2DTranspose",
    "Deconvolution3D": "Conv3DTranspose", "SeparableConvolution1D": "SeparableConv1D",
    "SeparableConvolution2D": "SeparableConv2D", "DepthwiseConvolution2D": "DepthwiseConv2D",
    "MaxPool1D": "MaxPooling1D", "MaxPool2D": "MaxPooling2D", "MaxPool3D": "MaxPooling3D",
    "AvgPool1D": "AveragePooling1D", "AvgPool2D": "AveragePooling2D", "AvgPool3D": "AveragePooling3D",
    "GlobalMaxPool1D": "GlobalMaxPooling1D", "GlobalMaxPool2D": "GlobalMaxPooling2D",
    "GlobalMaxPool3D": "GlobalMaxPooling3D", "GlobalAvgPool1D": "GlobalAveragePooling1D",
    "GlobalAvgPool2D": "GlobalAveragePooling2D", "GlobalAvgPool3D": "GlobalAveragePooling3D",
    "BatchNormalizationV1": "BatchNormalization", "BatchNormalizationV2": "BatchNormalization",
    "GroupQueryAttention": "GroupedQueryAttention",
  ]

  private static let namesOfKeras = Set(families.flatMap(\.rows).map(\.name)).union([
    "Functional", "Sequential",
  ])

  /// Whether Keras itself has a class of this name.
  static func isKeras(_ className: String) -> Bool { namesOfKeras.contains(aliases[className] ?? className) }

  /// The factory, which then replaces the layer's settings by the file's, and sets what every layer has.
  static func settingCommon(_ make: @escaping ClassRegistry<Layer>.Factory) -> ClassRegistry<Layer>.Factory {
    { settings in
      let layer = try make(settings)
      try settings.fill(layer)
      try layer.settingsWereRead(from: settings)
      if let holder = layer as? any ActivationHolder { layer.adopt(holder.heldActivation) }
      try settings.applyCommonSettings(to: layer)
      return layer
    }
  }
}
