/// Weights of ConvNeXt (Liu et al., https://arxiv.org/abs/2201.03545).
enum ConvNeXtWeights {
  static let files =
    family.pair(
      "ConvNeXtTiny", in: "convnext", prefix: "convnext_tiny",
      top: (nil, "8ae6e78ce2933352b1ef4008e6dd2f17bc40771563877d156bc6426c7cf503ff"),
      noTop: (nil, "d547c096cabd03329d7be5562c5e14798aa39ed24b474157cef5e85ab9e49ef1"))
    + family.pair(
      "ConvNeXtSmall", in: "convnext", prefix: "convnext_small",
      top: (nil, "ce1277d8f1ee5a0ef0e171469089c18f5233860ceaf9b168049cb9263fd7483c"),
      noTop: (nil, "6fc8009faa2f00c1c1dfce59feea9b0745eb260a7dd11bee65c8e20843da6eab"))
    + family.pair(
      "ConvNeXtBase", in: "convnext", prefix: "convnext_base",
      top: (nil, "52cbb006d3dadd03f6e095a8ca1aca47aecdd75acb4bc74bce1f5c695d0086e6"),
      noTop: (nil, "40a20c5548a5e9202f69735ecc06c990e6b7c9d2de39f0361e27baeb24cb7c45"))
    + family.pair(
      "ConvNeXtLarge", in: "convnext", prefix: "convnext_large",
      top: (nil, "070c5ed9ed289581e477741d3b34beffa920db8cf590899d6d2c67fba2a198a6"),
      noTop: (nil, "96f02b6f0753d4f543261bc9d09bed650f24dd6bc02ddde3066135b63d23a1cd"))
    + family.pair(
      "ConvNeXtXLarge", in: "convnext", prefix: "convnext_xlarge",
      top: (nil, "c1f5ccab661354fc3a79a10fa99af82f0fbf10ec65cb894a3ae0815f17a889ee"),
      noTop: (nil, "de3f8a54174130e0cecdc71583354753d557fcf1f4487331558e2a16ba0cfe05"))

  private static let family = WeightFamily(
    preprocessing: .none,
    provenance: WeightProvenance(
      licence: "MIT", licenceURL: "https://github.com/facebookresearch/ConvNeXt/blob/main/LICENSE",
      origin: "Facebook", originURL: "https://github.com/facebookresearch/ConvNeXt"))
}
