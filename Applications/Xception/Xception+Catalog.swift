import KerasModels

/// Xception: Inception of separable convolutions.
public let Xception = Application(
  "Xception", size: 299, minimumSize: 71, preprocessing: .tf, parameters: 22_910_480, features: 2048,
  accuracy: (79.0, 94.5), paper: "https://arxiv.org/abs/1610.02357", XceptionFamily())
