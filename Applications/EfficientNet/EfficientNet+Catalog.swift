import KerasModels

private let paper = "https://arxiv.org/abs/1905.11946"
private let secondPaper = "https://arxiv.org/abs/2104.00298"

/// EfficientNet's base.
public let EfficientNetB0 = Application(
  "EfficientNetB0", size: 224, parameters: 5_330_571, features: 1280, accuracy: (77.1, 93.3), paper: paper,
  EfficientNet(width: 1.0, depth: 1.0, dropout: 0.2))

/// EfficientNet, scaled 1 time.
public let EfficientNetB1 = Application(
  "EfficientNetB1", size: 240, parameters: 7_856_239, features: 1280, accuracy: (79.1, 94.4), paper: paper,
  EfficientNet(width: 1.0, depth: 1.1, dropout: 0.2))

/// EfficientNet, scaled 2 times.
public let EfficientNetB2 = Application(
  "EfficientNetB2", size: 260, parameters: 9_177_569, features: 1408, accuracy: (80.1, 94.9), paper: paper,
  EfficientNet(width: 1.1, depth: 1.2, dropout: 0.3))

/// EfficientNet, scaled 3 times.
public let EfficientNetB3 = Application(
  "EfficientNetB3", size: 300, parameters: 12_320_535, features: 1536, accuracy: (81.6, 95.7), paper: paper,
  EfficientNet(width: 1.2, depth: 1.4, dropout: 0.3))

/// EfficientNet, scaled 4 times.
public let EfficientNetB4 = Application(
  "EfficientNetB4", size: 380, parameters: 19_466_823, features: 1792, accuracy: (82.9, 96.4), paper: paper,
  EfficientNet(width: 1.4, depth: 1.8, dropout: 0.4))

/// EfficientNet, scaled 5 times.
public let EfficientNetB5 = Application(
  "EfficientNetB5", size: 456, parameters: 30_562_527, features: 2048, accuracy: (83.6, 96.7), paper: paper,
  EfficientNet(width: 1.6, depth: 2.2, dropout: 0.4))

/// EfficientNet, scaled 6 times.
public let EfficientNetB6 = Application(
  "EfficientNetB6", size: 528, parameters: 43_265_143, features: 2304, accuracy: (84.0, 96.8), paper: paper,
  EfficientNet(width: 1.8, depth: 2.6, dropout: 0.5))

/// EfficientNet, scaled 7 times.
public let EfficientNetB7 = Application(
  "EfficientNetB7", size: 600, parameters: 66_658_687, features: 2560, accuracy: (84.3, 97.0), paper: paper,
  EfficientNet(width: 2.0, depth: 3.1, dropout: 0.5))

/// EfficientNetV2 as small as EfficientNetB0.
public let EfficientNetV2B0 = Application(
  "EfficientNetV2B0", modelName: "efficientnetv2-b0", size: 224, parameters: 7_200_312, features: 1280,
  accuracy: (78.7, 94.3), paper: secondPaper, EfficientNetV2(variant: .base))

/// EfficientNetV2 as small as EfficientNetB1.
public let EfficientNetV2B1 = Application(
  "EfficientNetV2B1", modelName: "efficientnetv2-b1", size: 240, parameters: 8_212_124, features: 1280,
  accuracy: (79.8, 95.0), paper: secondPaper, EfficientNetV2(variant: .base, width: 1.0, depth: 1.1))

/// EfficientNetV2 as small as EfficientNetB2.
public let EfficientNetV2B2 = Application(
  "EfficientNetV2B2", modelName: "efficientnetv2-b2", size: 260, parameters: 10_178_374, features: 1408,
  accuracy: (80.5, 95.1), paper: secondPaper, EfficientNetV2(variant: .base, width: 1.1, depth: 1.2))

/// EfficientNetV2 as small as EfficientNetB3.
public let EfficientNetV2B3 = Application(
  "EfficientNetV2B3", modelName: "efficientnetv2-b3", size: 300, parameters: 14_467_622, features: 1536,
  accuracy: (82.0, 95.8), paper: secondPaper, EfficientNetV2(variant: .base, width: 1.2, depth: 1.4))

/// EfficientNetV2, small.
public let EfficientNetV2S = Application(
  "EfficientNetV2S", modelName: "efficientnetv2-s", size: 384, parameters: 21_612_360, features: 1280,
  accuracy: (83.9, 96.7), paper: secondPaper, EfficientNetV2(variant: .small))

/// EfficientNetV2, medium.
public let EfficientNetV2M = Application(
  "EfficientNetV2M", modelName: "efficientnetv2-m", size: 480, parameters: 54_431_388, features: 1280,
  accuracy: (85.3, 97.4), paper: secondPaper, EfficientNetV2(variant: .medium))

/// EfficientNetV2, large.
public let EfficientNetV2L = Application(
  "EfficientNetV2L", modelName: "efficientnetv2-l", size: 480, parameters: 119_027_848, features: 1280,
  accuracy: (85.7, 97.5), paper: secondPaper, EfficientNetV2(variant: .large))
