/// Weights of EfficientNet (Tan and Le, https://arxiv.org/abs/1905.11946), which lie flat in a bucket of their own, and
/// of EfficientNetV2 (Tan and Le, https://arxiv.org/abs/2104.00298).
enum EfficientNetWeights {
  static let files =
    firstFiles + secondFiles

  private static let firstFiles =
    first.pair(
      "EfficientNetB0", in: "efficientnet", prefix: "efficientnetb0",
      top: (nil, "902e53a9f72be733fc0bcb005b3ebbac"),
      noTop: (nil, "50bc09e76180e00e4465e1a485ddc09d"))
    + first.pair(
      "EfficientNetB1", in: "efficientnet", prefix: "efficientnetb1",
      top: (nil, "1d254153d4ab51201f1646940f018540"),
      noTop: (nil, "74c4e6b3e1f6a1eea24c589628592432"))
    + first.pair(
      "EfficientNetB2", in: "efficientnet", prefix: "efficientnetb2",
      top: (nil, "b15cce36ff4dcbd00b6dd88e7857a6ad"),
      noTop: (nil, "111f8e2ac8aa800a7a99e3239f7bfb39"))
    + first.pair(
      "EfficientNetB3", in: "efficientnet", prefix: "efficientnetb3",
      top: (nil, "ffd1fdc53d0ce67064dc6a9c7960ede0"),
      noTop: (nil, "af6d107764bb5b1abb91932881670226"))
    + first.pair(
      "EfficientNetB4", in: "efficientnet", prefix: "efficientnetb4",
      top: (nil, "18c95ad55216b8f92d7e70b3a046e2fc"),
      noTop: (nil, "ebc24e6d6c33eaebbd558eafbeedf1ba"))
    + first.pair(
      "EfficientNetB5", in: "efficientnet", prefix: "efficientnetb5",
      top: (nil, "ace28f2a6363774853a83a0b21b9421a"),
      noTop: (nil, "38879255a25d3c92d5e44e04ae6cec6f"))
    + first.pair(
      "EfficientNetB6", in: "efficientnet", prefix: "efficientnetb6",
      top: (nil, "165f6e37dce68623721b423839de8be5"),
      noTop: (nil, "9ecce42647a20130c1f39a5d4cb75743"))
    + first.pair(
      "EfficientNetB7", in: "efficientnet", prefix: "efficientnetb7",
      top: (nil, "8c03f828fec3ef71311cd463b6759d99"),
      noTop: (nil, "cbcfe4450ddf6f3ad90b1b398090fe4a"))

  private static let secondFiles =
    second.pair(
      "EfficientNetV2B0", in: "efficientnet_v2", prefix: "efficientnetv2-b0",
      top: (nil, "21ecbf6da12460d5c40bb2f29ceb2188"),
      noTop: (nil, "893217f2bb855e2983157299931e43ff"))
    + second.pair(
      "EfficientNetV2B1", in: "efficientnet_v2", prefix: "efficientnetv2-b1",
      top: (nil, "069f0534ff22adf035c89e2d9547a9dc"),
      noTop: (nil, "0e80663031ca32d657f9caa404b6ec37"))
    + second.pair(
      "EfficientNetV2B2", in: "efficientnet_v2", prefix: "efficientnetv2-b2",
      top: (nil, "424e49f28180edbde1e94797771950a7"),
      noTop: (nil, "1dfe2e7a5d45b6632553a8961ea609eb"))
    + second.pair(
      "EfficientNetV2B3", in: "efficientnet_v2", prefix: "efficientnetv2-b3",
      top: (nil, "1f1fc43bd98a6e4fd8fdfd551e02c7a0"),
      noTop: (nil, "f6abf7b5849ac99a89b50dd3fd532856"))
    + second.pair(
      "EfficientNetV2S", in: "efficientnet_v2", prefix: "efficientnetv2-s",
      top: (nil, "e1d88a8495beba45748fedd0cecbe016"),
      noTop: (nil, "af0682fb74e8c54910f2d4393339c070"))
    + second.pair(
      "EfficientNetV2M", in: "efficientnet_v2", prefix: "efficientnetv2-m",
      top: (nil, "a3bf6aa3276309f4fc6a34aa114c95cd"),
      noTop: (nil, "1b8dc055df72dde80d614482840fe342"))
    + second.pair(
      "EfficientNetV2L", in: "efficientnet_v2", prefix: "efficientnetv2-l",
      top: (nil, "27e6d408b53c7ebc868fefa357689935"),
      noTop: (nil, "b0b66b5c863aef5b46e8608fe1711615"))

  private static let first = WeightFamily(
    preprocessing: .none,
    baseURL: "https://storage.googleapis.com/keras-applications/",
    provenance: WeightProvenance(
      licence: "Apache-2.0", licenceURL: "https://github.com/tensorflow/tpu/blob/master/LICENSE",
      origin: "TensorFlow TPU, Google", originURL: "https://github.com/tensorflow/tpu"))

  private static let second = WeightFamily(
    preprocessing: .none,
    provenance: WeightProvenance(
      licence: "Apache-2.0", licenceURL: "https://github.com/google/automl/blob/master/LICENSE",
      origin: "Google AutoML", originURL: "https://github.com/google/automl"))
}
