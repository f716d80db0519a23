/// Weights of MobileNet (Howard et al., https://arxiv.org/abs/1704.04861): four widths, four image sizes.
///
/// Keras publishes no hash of these files; the store checks their structure instead.
enum MobileNetWeights {
  static let files = widths.flatMap { width in
    [224, 192, 160, 128].flatMap { rows in
      [("", true), ("_no_top", false)].map { suffix, includesTop in
        family.file(
          "MobileNet", in: "mobilenet", "mobilenet_\(width.label)_\(rows)_tf\(suffix).h5",
          variant: WeightVariant(alpha: width.alpha, rows: rows), includesTop: includesTop)
      }
    }
  }

  private static let widths = [(1.0, "1_0"), (0.75, "7_5"), (0.5, "5_0"), (0.25, "2_5")]
    .map { (alpha: $0, label: $1) }

  private static let family = WeightFamily(
    preprocessing: .tf,
    provenance: WeightProvenance(
      licence: "Apache-2.0", licenceURL: "https://github.com/tensorflow/models/blob/master/LICENSE",
      origin: "TensorFlow Models, Google", originURL: "https://github.com/tensorflow/models"))
}
