/// Weights of ResNet50, 101 and 152 (He et al., https://arxiv.org/abs/1512.03385).
enum ResNetWeights {
  static let files =
    family.pair(
      "ResNet50", in: "resnet", prefix: "resnet50",
      top: (102_967_424, "2cb95161c43110f7111970584f804107"),
      noTop: (94_765_736, "4d473c1dd8becc155b73f8504c6f6626"))
    + family.pair(
      "ResNet101", in: "resnet", prefix: "resnet101",
      top: (179_648_224, "f1aeb4b969a6efcfb50fad2f0c20cfc5"),
      noTop: (171_446_536, "88cf7a10940856eca736dc7b7e228a21"))
    + family.pair(
      "ResNet152", in: "resnet", prefix: "resnet152",
      top: (nil, "100835be76be38e30d865e96f2aaae62"),
      noTop: (234_698_864, "ee4c566cf9a93f14d82f913c2dc6dd0c"))
    + [
      historical(includesTop: true, "", md5: "a7b3fe01876f51b976af0dea6bc144eb"),
      historical(includesTop: false, "_notop", md5: "a268eb855778b3df3c7506639542a6af"),
    ]

  /// ResNet50 as Keras 2.2.4 and older published it, under the very name today's file has; the cache
  /// name says which it is, so that neither takes the other's place.
  private static func historical(includesTop: Bool, _ suffix: String, md5: String) -> WeightFile {
    let remoteName = "resnet50_weights_tf_dim_ordering_tf_kernels\(suffix).h5"
    return family.file(
      "ResNet50", in: "v0.2", "v0.2_" + remoteName, remoteName: remoteName, includesTop: includesTop,
      baseURL: "https://github.com/fchollet/deep-learning-models/releases/download/v0.2/", hash: md5,
      edition: "Keras 2.2.4 and older")
  }

  private static let family = WeightFamily(
    preprocessing: .caffe, naming: .tensorFlowKernels,
    provenance: WeightProvenance(
      licence: "MIT",
      licenceURL: "https://github.com/KaimingHe/deep-residual-networks/blob/master/LICENSE",
      origin: "Kaiming He", originURL: "https://github.com/KaimingHe/deep-residual-networks"))
}
