/// Weights of Xception (Chollet, https://arxiv.org/abs/1610.02357), InceptionV3 (Szegedy et al.,
/// https://arxiv.org/abs/1512.00567) and InceptionResNetV2 (Szegedy et al., https://arxiv.org/abs/1602.07261).
enum InceptionWeights {
  static let files =
    xception.pair(
      "Xception", in: "xception", prefix: "xception",
      top: (nil, "0a58e3b7378bc2990ea3b43d5981f1f6"),
      noTop: (nil, "b0042744bf5b25fce3cb969f33bebb97"))
    + family.pair(
      "InceptionV3", in: "inception_v3", prefix: "inception_v3",
      top: (nil, "9a0d58056eeedaa3f26cb7ebd46da564"),
      noTop: (nil, "bcbd6486424b2319ff4ef7d526e38f63"))
    + family.pair(
      "InceptionResNetV2", in: "inception_resnet_v2", prefix: "inception_resnet_v2",
      top: (nil, "e693bd0210a403b3192acc6073ad2e96"),
      noTop: (nil, "d19885ff4a710c122648d3b5c3b684e4"))

  private static let xception = WeightFamily(
    preprocessing: .tf, naming: .tensorFlowKernels,
    provenance: WeightProvenance(
      licence: "MIT", licenceURL: "https://github.com/keras-team/keras-applications/blob/master/LICENSE",
      origin: "Keras", originURL: "https://github.com/keras-team/keras-applications"))

  private static let family = WeightFamily(
    preprocessing: .tf, naming: .tensorFlowKernels,
    provenance: WeightProvenance(
      licence: "Apache-2.0", licenceURL: "https://github.com/tensorflow/models/blob/master/LICENSE",
      origin: "TensorFlow Models, Google", originURL: "https://github.com/tensorflow/models"))
}
