import KerasCore
import KerasWeights
import Testing

@Suite struct WeightCatalogTests {
  @Test func isComplete() {
    let models = [
      "VGG16", "VGG19", "ResNet50", "ResNet101", "ResNet152", "ResNet50V2", "ResNet101V2", "ResNet152V2",
      "MobileNet",
    ]
    #expect(WeightCatalog.models == models)
    #expect(WeightCatalog.all.count == 8 * 2 + 2 + 4 * 4 * 2)
    #expect(Set(WeightCatalog.all.map(\.fileName)).count == WeightCatalog.all.count)
    #expect(Set(WeightCatalog.all.map(\.url)).count == WeightCatalog.all.count)
    let hashes = WeightCatalog.all.compactMap(\.hash)
    #expect(Set(hashes).count == hashes.count)
    #expect(hashes.count == 18)
  }

  @Test(arguments: WeightCatalog.all)
  func aRecordIsSound(file: WeightFile) {
    #expect(file.fileName.hasSuffix(".h5") && !file.fileName.contains("/"))
    #expect(file.classes == (file.includesTop ? 1000 : nil))
    #expect(file.url.hasPrefix("https://") && file.url.hasSuffix("/" + file.remoteName))
    #expect(file.mirrorPath == file.folder + "/" + file.remoteName)
    #expect((file.hash == nil) == (file.model == "MobileNet"))
    if let hash = file.hash {
      #expect(hash.digits.count == hash.algorithm.digitCount)
      #expect(hash.digits.filter(\.isHexDigit) == hash.digits)
      #expect(WeightCatalog.file(withHash: hash) == file)
    }
    let isCaffe = file.model.hasPrefix("VGG") || ["ResNet50", "ResNet101", "ResNet152"].contains(file.model)
    #expect(file.preprocessing == (isCaffe ? .caffe : .tf))
  }

  @Test func findsWhatKerasWouldLoad() throws {
    let bucket = "https://storage.googleapis.com/tensorflow/keras-applications/"
    let resNet = try WeightCatalog.file(for: "resnet-50_v2", includesTop: false)
    #expect(resNet.url == bucket + "resnet/resnet50v2_weights_tf_dim_ordering_tf_kernels_notop.h5")
    #expect(resNet.hash == FileHash(.md5, "FAC2F116257151A9D068A22E544A4917"))
    let mobileNet = try WeightCatalog.file(for: "mobilenet", alpha: 0.25, rows: 160)
    #expect(mobileNet.url == bucket + "mobilenet/mobilenet_2_5_160_tf.h5")
    #expect(try WeightCatalog.file(for: "MobileNet").fileName == "mobilenet_1_0_224_tf.h5")
    #expect(
      try WeightCatalog.file(for: "MobileNet", includesTop: false, alpha: 0.75).fileName
        == "mobilenet_7_5_224_tf_no_top.h5")
    #expect(try WeightCatalog.file(for: "ResNet50").edition == nil)
    let old = try #require(try WeightCatalog.files(for: "ResNet50").first { $0.edition != nil })
    #expect(
      old.url == "https://github.com/fchollet/deep-learning-models/releases/download/v0.2/"
        + "resnet50_weights_tf_dim_ordering_tf_kernels.h5")
    #expect(old.mirrorPath == "v0.2/resnet50_weights_tf_dim_ordering_tf_kernels.h5")
    #expect(try WeightCatalog.file(named: "mobilenet_2_5_224_tf.h5").variant?.alpha == 0.25)
  }

  @Test func saysWhatItDoesNotKnow() {
    #expect(
      error { _ = try WeightCatalog.file(for: "resnet5") }?.description == """
        There are no published weights for a model named "resnet5".
          try: did you mean ResNet50, ResNet50V2, ResNet152?
        """)
    #expect(
      error { _ = try WeightCatalog.file(for: "zzzzzzzzzzzzzzzzzzzzzzzzzzzz") }?.description == """
        There are no published weights for a model named "zzzzzzzzzzzzzzzzzzzzzzzzzzzz".
          try: one of: \(WeightCatalog.models.joined(separator: ", ")).
        """)
    #expect(
      error { _ = try WeightCatalog.file(for: "MobileNet", alpha: 0.3, rows: 200) }?.description == """
        No weights of MobileNet were published for alpha 0.3 and 200 rows.
          try: alpha: 0.25, 0.5, 0.75, 1.0; rows: 128, 160, 192, 224; or a weight file of your own.
        """)
    #expect(
      error { _ = try WeightCatalog.file(named: "mobilenet_2_5_225_tf.h5") }?.description == """
        There is no published file of weights named "mobilenet_2_5_225_tf.h5".
          try: did you mean mobilenet_2_5_224_tf.h5, mobilenet_7_5_224_tf.h5, mobilenet_2_5_128_tf.h5?
        """)
  }
}

/// The error that `body` throws.
func error(_ body: () throws -> Void) -> KerasError? {
  do {
    try body()
    return nil
  } catch {
    return error as? KerasError
  }
}
