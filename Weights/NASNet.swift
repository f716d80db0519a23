/// Weights of NASNet-A (Zoph et al., https://arxiv.org/abs/1707.07012). The host and the cache spell their names
/// differently.
enum NASNetWeights {
  static let files = [
    file("NASNetMobile", "mobile", "", md5: "020fb642bf7360b370c678b08e0adf61"),
    file("NASNetMobile", "mobile", "no_top", md5: "1ed92395b5b598bdda52abe5c0dbfd63"),
    file("NASNetLarge", "large", "", md5: "11577c9a518f0070763c2b964a382f17"),
    file("NASNetLarge", "large", "no_top", md5: "d81d89dc07e6e56530c4e77faddd61b5"),
  ]

  private static func file(_ model: String, _ size: String, _ suffix: String, md5: String) -> WeightFile {
    let parts = [size] + (suffix.isEmpty ? [] : [suffix])
    return family.file(
      model, in: "nasnet", (["nasnet"] + parts).joined(separator: "_") + ".h5",
      remoteName: (["NASNet"] + parts).joined(separator: "-").replacing("_", with: "-") + ".h5",
      includesTop: suffix.isEmpty, hash: md5)
  }

  private static let family = WeightFamily(
    preprocessing: .tf,
    provenance: WeightProvenance(
      licence: "Apache-2.0", licenceURL: "https://github.com/tensorflow/models/blob/master/LICENSE",
      origin: "TensorFlow Models, Google", originURL: "https://github.com/tensorflow/models"))
}
