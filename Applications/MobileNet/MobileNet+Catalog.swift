import KerasModels

// The rows of MobileNets; the functions of their names take the arguments that only they have.
extension ModelCatalog {
  static let mobileNet = Application(
    "MobileNet", size: 224, preprocessing: .tf, parameters: 4_253_864, features: 1024, accuracy: (70.4, 89.5),
    paper: "https://arxiv.org/abs/1704.04861", MobileNetFamily())

  static let mobileNetV2 = Application(
    "MobileNetV2", size: 224, preprocessing: .tf, parameters: 3_538_984, features: 1280, accuracy: (71.3, 90.1),
    paper: "https://arxiv.org/abs/1801.04381", MobileNetV2Family())

  static let mobileNetV3Small = Application(
    "MobileNetV3Small", modelName: "MobileNetV3Small", size: 224, parameters: 2_554_968, features: 576,
    accuracy: (68.1, nil), paper: "https://arxiv.org/abs/1905.02244", MobileNetV3Family(variant: .small))

  static let mobileNetV3Large = Application(
    "MobileNetV3Large", modelName: "MobileNetV3Large", size: 224, parameters: 5_507_432, features: 960,
    accuracy: (75.6, nil), paper: "https://arxiv.org/abs/1905.02244", MobileNetV3Family(variant: .large))
}
