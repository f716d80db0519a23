/// Weights of MobileNet (Howard et al., https://arxiv.org/abs/1704.04861), MobileNetV2 (Sandler et al.,
/// https://arxiv.org/abs/1801.04381) and MobileNetV3 (Howard et al., https://arxiv.org/abs/1905.02244), in the widths
/// and for the image sizes that each was trained in.
///
/// Keras publishes no hash of the first two generations; the store checks their structure instead.
enum MobileNetWeights {
  static let files = first + second + thirdFiles

  private static let first = [(1.0, "1_0"), (0.75, "7_5"), (0.5, "5_0"), (0.25, "2_5")].flatMap { alpha, label in
    [224, 192, 160, 128].flatMap { rows in
      both("MobileNet", "mobilenet", "mobilenet_\(label)_\(rows)_tf", WeightVariant(alpha: alpha, rows: rows))
    }
  }

  private static let second = [1.0, 1.4, 1.3, 0.75, 0.5, 0.35].flatMap { alpha in
    [224, 192, 160, 128, 96].flatMap { rows in
      both(
        "MobileNetV2", "mobilenet_v2", "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_\(alpha)_\(rows)",
        WeightVariant(alpha: alpha, rows: rows))
    }
  }

  private static func both(
    _ model: String, _ folder: String, _ stem: String, _ variant: WeightVariant
  ) -> [WeightFile] {
    [("", true), ("_no_top", false)].map { suffix, includesTop in
      family.file(model, in: folder, "\(stem)\(suffix).h5", variant: variant, includesTop: includesTop)
    }
  }

  private static let thirdFiles =
    third.pair(
      "MobileNetV3Small", in: "mobilenet_v3", prefix: "weights_mobilenet_v3_small_224_1.0_float",
      variant: WeightVariant(),
      top: (nil, "8768d4c2e7dee89b9d02b2d03d65d862"),
      noTop: (nil, "d3e8ec802a04aa4fc771ee12a9a9b836"))
    + third.pair(
      "MobileNetV3Small", in: "mobilenet_v3", prefix: "weights_mobilenet_v3_small_224_0.75_float",
      variant: WeightVariant(alpha: 0.75),
      top: (nil, "cb65d4e5be93758266aa0a7f2c6708b7"),
      noTop: (nil, "ebdb5cc8e0b497cd13a7c275d475c819"))
    + third.pair(
      "MobileNetV3Small", in: "mobilenet_v3", prefix: "weights_mobilenet_v3_small_minimalistic_224_1.0_float",
      variant: WeightVariant(isMinimalistic: true),
      top: (nil, "99cd97fb2fcdad2bf028eb838de69e37"),
      noTop: (nil, "cde8136e733e811080d9fcd8a252f7e4"))
    + third.pair(
      "MobileNetV3Large", in: "mobilenet_v3", prefix: "weights_mobilenet_v3_large_224_1.0_float",
      variant: WeightVariant(),
      top: (nil, "59e551e166be033d707958cf9e29a6a7"),
      noTop: (nil, "07fb09a5933dd0c8eaafa16978110389"))
    + third.pair(
      "MobileNetV3Large", in: "mobilenet_v3", prefix: "weights_mobilenet_v3_large_224_0.75_float",
      variant: WeightVariant(alpha: 0.75),
      top: (nil, "765b44a33ad4005b3ac83185abf1d0eb"),
      noTop: (nil, "40af19a13ebea4e2ee0c676887f69a2e"))
    + third.pair(
      "MobileNetV3Large", in: "mobilenet_v3", prefix: "weights_mobilenet_v3_large_minimalistic_224_1.0_float",
      variant: WeightVariant(isMinimalistic: true),
      top: (nil, "675e7b876c45c57e9e63e6d90a36599c"),
      noTop: (nil, "ec5221f64a2f6d1ef965a614bdae7973"))

  private static let family = WeightFamily(
    preprocessing: .tf,
    provenance: WeightProvenance(
      licence: "Apache-2.0", licenceURL: "https://github.com/tensorflow/models/blob/master/LICENSE",
      origin: "TensorFlow Models, Google", originURL: "https://github.com/tensorflow/models"))

  private static let third = WeightFamily(
    preprocessing: .none, naming: .init(noTop: "_no_top_v2"),
    provenance: WeightProvenance(
      licence: "Apache-2.0", licenceURL: "https://github.com/tensorflow/models/blob/master/LICENSE",
      origin: "TensorFlow Models, Google", originURL: "https://github.com/tensorflow/models"))
}
