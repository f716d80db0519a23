import KerasModels

/// Inception, third generation.
public let InceptionV3 = Application(
  "InceptionV3", modelName: "inception_v3", size: 299, minimumSize: 75, preprocessing: .tf,
  parameters: 23_851_784, features: 2048, accuracy: (77.9, 93.7), paper: "https://arxiv.org/abs/1512.00567",
  InceptionV3Family())

/// Inception with residuals, second generation.
public let InceptionResNetV2 = Application(
  "InceptionResNetV2", modelName: "inception_resnet_v2", size: 299, minimumSize: 75, preprocessing: .tf,
  parameters: 55_873_736, features: 1536, accuracy: (80.3, 95.3), paper: "https://arxiv.org/abs/1602.07261",
  InceptionResNetV2Family())
