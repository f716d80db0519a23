/// Weights of VGG16 and VGG19 (Simonyan and Zisserman, https://arxiv.org/abs/1409.1556).
enum VGGWeights {
  static let files =
    family.pair(
      "VGG16", in: "vgg16", prefix: "vgg16",
      top: (553_467_096, "64373286793e3c8b2b4e3219cbf3544b"),
      noTop: (58_889_256, "6d6bbae143d832006294945121d1f1fc"))
    + family.pair(
      "VGG19", in: "vgg19", prefix: "vgg19",
      top: (574_710_816, "cbe5617147190e668d6c5d5026f83318"),
      noTop: (80_134_624, "253f8cb515780f3b799900260a226db6"))

  private static let family = WeightFamily(
    preprocessing: .caffe, naming: .tensorFlowKernels,
    provenance: WeightProvenance(
      licence: "CC BY 4.0", licenceURL: "https://creativecommons.org/licenses/by/4.0/",
      origin: "Visual Geometry Group, University of Oxford",
      originURL: "http://www.robots.ox.ac.uk/~vgg/research/very_deep/"))
}
