/// Weights of ResNeXt (Xie et al., https://arxiv.org/abs/1611.05431), of ResNet-RS (Bello et al.,
/// https://arxiv.org/abs/2103.07579) for each size of pictures it was trained on, the largest first, and of ResNet with
/// 18 and 34 layers.
enum OtherResNetWeights {
  static let files =
    basicFiles + nextFiles + revisitedFiles

  private static let basicFiles =
    basic.pair(
      "ResNet18", in: "classification_models", prefix: "resnet18_imagenet_1000",
      top: (nil, "64da73012bb70e16c901316c201d9803"),
      noTop: (nil, "318e3ac0cd98d51e917526c9f62f0b50"))
    + basic.pair(
      "ResNet34", in: "classification_models", prefix: "resnet34_imagenet_1000",
      top: (nil, "2ac8277412f65e5d047f255bcbd10383"),
      noTop: (nil, "8caaa0ad39d927cb8ba5385bf945d582"))

  private static let nextFiles =
    next.pair(
      "ResNeXt50", in: "resnet", prefix: "resnext50",
      top: (nil, "67a5b30d522ed92f75a1f16eef299d1a"),
      noTop: (nil, "62527c363bdd9ec598bed41947b379fc"))
    + next.pair(
      "ResNeXt101", in: "resnet", prefix: "resnext101",
      top: (nil, "34fb605428fcc7aa4d62f44404c11509"),
      noTop: (nil, "0f678c91647380debd923963594981b3"))

  private static let revisitedFiles =
    revisited.pair(
      "ResNetRS50", in: "resnet_rs", prefix: "resnet-rs-50-i160",
      variant: WeightVariant(rows: 160),
      top: (nil, "69d9d925319f00a8bdd4af23c04e4102"),
      noTop: (nil, "90daa68cd26c95aa6c5d25451e095529"))
    + revisited.pair(
      "ResNetRS101", in: "resnet_rs", prefix: "resnet-rs-101-i192",
      variant: WeightVariant(rows: 192),
      top: (nil, "eb285be29ab42cf4835ff20a5e3b5d23"),
      noTop: (nil, "f9a0f6b85faa9c3db2b6e233c4eebb5b"))
    + revisited.pair(
      "ResNetRS101", in: "resnet_rs", prefix: "resnet-rs-101-i160",
      variant: WeightVariant(rows: 160),
      top: (nil, "544b3434d00efc199d66e9058c7f3379"),
      noTop: (nil, "82d5b90c5ce9d710da639d6216d0f979"))
    + revisited.pair(
      "ResNetRS152", in: "resnet_rs", prefix: "resnet-rs-152-i256",
      variant: WeightVariant(rows: 256),
      top: (nil, "ba6271b99bdeb4e7a9b15c05964ef4ad"),
      noTop: (nil, "fa79794252dbe47c89130f65349d654a"))
    + revisited.pair(
      "ResNetRS152", in: "resnet_rs", prefix: "resnet-rs-152-i224",
      variant: WeightVariant(rows: 224),
      top: (nil, "31a46a92ab21b84193d0d71dd8c3d03b"),
      noTop: (nil, "dc8b2cba2005552eafa3167f00dc2133"))
    + revisited.pair(
      "ResNetRS152", in: "resnet_rs", prefix: "resnet-rs-152-i192",
      variant: WeightVariant(rows: 192),
      top: (nil, "8d72a301ed8a6f11a47c4ced4396e338"),
      noTop: (nil, "5fbf7ac2155cb4d5a6180ee9e3aa8704"))
    + revisited.pair(
      "ResNetRS200", in: "resnet_rs", prefix: "resnet-rs-200-i256",
      variant: WeightVariant(rows: 256),
      top: (nil, "a76930b741884e09ce90fa7450747d5f"),
      noTop: (nil, "bbdb3994718dfc0d1cd45d7eff3f3d9c"))
    + revisited.pair(
      "ResNetRS270", in: "resnet_rs", prefix: "resnet-rs-270-i256",
      variant: WeightVariant(rows: 256),
      top: (nil, "20d575825ba26176b03cb51012a367a8"),
      noTop: (nil, "2c42ecb22e35f3e23d2f70babce0a2aa"))
    + revisited.pair(
      "ResNetRS350", in: "resnet_rs", prefix: "resnet-rs-350-i320",
      variant: WeightVariant(rows: 320),
      top: (nil, "7ccb858cc738305e8ceb3c0140bee393"),
      noTop: (nil, "ab0c1f9079d2f85a9facbd2c88aa6079"))
    + revisited.pair(
      "ResNetRS350", in: "resnet_rs", prefix: "resnet-rs-350-i256",
      variant: WeightVariant(rows: 256),
      top: (nil, "f4a039dc3c421321b7fc240494574a68"),
      noTop: (nil, "6e44b55025bbdff8f51692a023143d66"))
    + revisited.pair(
      "ResNetRS420", in: "resnet_rs", prefix: "resnet-rs-420-i320",
      variant: WeightVariant(rows: 320),
      top: (nil, "ae0eb9bed39e64fc8d7e0db4018dc7e8"),
      noTop: (nil, "fe6217c32be8305b1889657172b98884"))

  private static let basic = WeightFamily(
    preprocessing: .none, naming: .init(noTop: "_no_top"),
    baseURL: "https://github.com/qubvel/classification_models/releases/download/0.0.1/",
    provenance: WeightProvenance(
      licence: "MIT", licenceURL: "https://github.com/qubvel/classification_models/blob/master/LICENSE",
      origin: "Pavel Yakubovskiy", originURL: "https://github.com/qubvel/classification_models"))

  private static let next = WeightFamily(
    preprocessing: .torch, naming: .tensorFlowKernels,
    provenance: WeightProvenance(
      licence: "BSD", licenceURL: "https://github.com/facebookresearch/ResNeXt/blob/master/LICENSE",
      origin: "Facebook", originURL: "https://github.com/facebookresearch/ResNeXt"))

  private static let revisited = WeightFamily(
    preprocessing: .none,
    provenance: WeightProvenance(
      licence: "Apache-2.0", licenceURL: "https://github.com/tensorflow/tpu/blob/master/LICENSE",
      origin: "TensorFlow TPU, Google", originURL: "https://github.com/tensorflow/tpu"))
}
