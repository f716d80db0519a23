/// Weights of ResNet50V2, 101V2 and 152V2 (He et al., https://arxiv.org/abs/1603.05027).
enum ResNetV2Weights {
  static let files =
    family.pair(
      "ResNet50V2", in: "resnet", prefix: "resnet50v2",
      top: (nil, "3ef43a0b657b3be2300d5770ece849e0"),
      noTop: (94_668_760, "fac2f116257151a9d068a22e544a4917"))
    + family.pair(
      "ResNet101V2", in: "resnet", prefix: "resnet101v2",
      top: (nil, "6343647c601c52e1368623803854d971"),
      noTop: (171_317_808, "c0ed64b8031c3730f411d2eb4eea35b5"))
    + family.pair(
      "ResNet152V2", in: "resnet", prefix: "resnet152v2",
      top: (nil, "a49b44d1979771252814e80f8ec446f9"),
      noTop: (234_545_216, "ed17cf2e0169df9d443503ef94b23b33"))

  private static let family = WeightFamily(
    preprocessing: .tf, naming: .tensorFlowKernels,
    provenance: WeightProvenance(
      licence: "BSD", licenceURL: "https://github.com/facebook/fb.resnet.torch/blob/master/LICENSE",
      origin: "Facebook", originURL: "https://github.com/facebook/fb.resnet.torch"))
}
