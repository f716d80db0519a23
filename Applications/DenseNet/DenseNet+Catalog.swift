import KerasModels

private let paper = "https://arxiv.org/abs/1608.06993"

/// DenseNet with 121 layers.
public let DenseNet121 = Application(
  "DenseNet121", size: 224, preprocessing: .torch, parameters: 8_062_504, features: 1024,
  accuracy: (75.0, 92.3), paper: paper, DenseNet(layers: [6, 12, 24, 16]))

/// DenseNet with 169 layers.
public let DenseNet169 = Application(
  "DenseNet169", size: 224, preprocessing: .torch, parameters: 14_307_880, features: 1664,
  accuracy: (76.2, 93.2), paper: paper, DenseNet(layers: [6, 12, 32, 32]))

/// DenseNet with 201 layers.
public let DenseNet201 = Application(
  "DenseNet201", size: 224, preprocessing: .torch, parameters: 20_242_984, features: 1920,
  accuracy: (77.3, 93.6), paper: paper, DenseNet(layers: [6, 12, 48, 32]))
