/// Weights of DenseNet121, 169 and 201 (Huang et al., https://arxiv.org/abs/1608.06993).
enum DenseNetWeights {
  static let files =
    family.pair(
      "DenseNet121", in: "densenet", prefix: "densenet121",
      top: (nil, "9d60b8095a5708f2dcce2bca79d332c7"),
      noTop: (nil, "30ee3e1110167f948a6b9946edeeb738"))
    + family.pair(
      "DenseNet169", in: "densenet", prefix: "densenet169",
      top: (nil, "d699b8f76981ab1b30698df4c175e90b"),
      noTop: (nil, "b8c4d4c20dd625c148057b9ff1c1176b"))
    + family.pair(
      "DenseNet201", in: "densenet", prefix: "densenet201",
      top: (nil, "1ceb130c1ea1b78c3bf6114dbdfd8807"),
      noTop: (nil, "c13680b51ded0fb44dff2d8f86ac8bb1"))

  private static let family = WeightFamily(
    preprocessing: .torch, naming: .tensorFlowKernels,
    provenance: WeightProvenance(
      licence: "BSD-3-Clause", licenceURL: "https://github.com/liuzhuang13/DenseNet/blob/master/LICENSE",
      origin: "Zhuang Liu and others", originURL: "https://github.com/liuzhuang13/DenseNet"))
}
