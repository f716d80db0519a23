import KerasCore
import KerasWeights
import Testing

@Suite struct WeightCatalogTests {
  /// All but what is part of this package.
  private static let published = WeightCatalog.all.filter { !$0.isShipped }

  @Test func isComplete() {
    let families: [[String]] = [
      ["VGG16", "VGG19"], ["ResNet50", "ResNet101", "ResNet152"], ["ResNet50V2", "ResNet101V2", "ResNet152V2"],
      ["ResNet18", "ResNet34"], ["ResNeXt50", "ResNeXt101"], [50, 101, 152, 200, 270, 350, 420].map { "ResNetRS\($0)" },
      ["Xception", "InceptionV3", "InceptionResNetV2"],
      ["MobileNet", "MobileNetV2", "MobileNetV3Small", "MobileNetV3Large"],
      ["DenseNet121", "DenseNet169", "DenseNet201"], ["NASNetMobile", "NASNetLarge"],
      (0...7).map { "EfficientNetB\($0)" }, ["B0", "B1", "B2", "B3", "S", "M", "L"].map { "EfficientNetV2\($0)" },
      ["Tiny", "Small", "Base", "Large", "XLarge"].map { "ConvNeXt\($0)" },
    ]
    let sizes = ["002", "004", "006", "008", "016", "032", "040", "064", "080", "120", "160", "320"]
    let regNets = sizes.map { "RegNetX\($0)" } + sizes.map { "RegNetY\($0)" }
    #expect(WeightCatalog.models == families.flatMap { $0 } + regNets + ["CIFAR10ResNet20"])
    // With the classifier and without: one file each, but for the models that come in several sizes.
    let sized = 4 * 4 + 6 * 5 + 2 * 3 + 11
    #expect(Self.published.count == 2 * (75 - 4 - 7 + sized) + 2)
    #expect(Set(WeightCatalog.all.map(\.fileName)).count == WeightCatalog.all.count)
    #expect(Set(WeightCatalog.all.map(\.url)).count == WeightCatalog.all.count)
    let hashes = WeightCatalog.all.compactMap(\.hash)
    #expect(Set(hashes).count == hashes.count)
    #expect(hashes.count == WeightCatalog.all.count - 2 * (4 * 4 + 6 * 5))  // and the file of this package
  }

  @Test(arguments: published)
  func aRecordIsSound(file: WeightFile) {
    #expect(file.fileName.hasSuffix(".h5") && !file.fileName.contains("/"))
    #expect(file.classes == (file.includesTop ? 1000 : nil))
    #expect(file.url.hasPrefix("https://") && file.url.hasSuffix("/" + file.remoteName))
    #expect(file.mirrorPath == file.folder + "/" + file.remoteName)
    #expect((file.hash == nil) == ["MobileNet", "MobileNetV2"].contains(file.model))
    if let hash = file.hash {
      #expect(hash.digits.count == hash.algorithm.digitCount)
      #expect(hash.digits.filter(\.isHexDigit) == hash.digits)
      #expect(WeightCatalog.file(withHash: hash) == file)
    }
    let isCaffe = file.model.hasPrefix("VGG") || ["ResNet50", "ResNet101", "ResNet152"].contains(file.model)
    if isCaffe || file.preprocessing == .caffe { #expect(isCaffe && file.preprocessing == .caffe) }
    let isTorch = file.model.hasPrefix("DenseNet") || file.model.hasPrefix("ResNeXt")
    #expect((file.preprocessing == .torch) == isTorch)
  }

  @Test func whatIsPartOfThePackageIsThere() throws {
    let shipped = WeightCatalog.all.filter(\.isShipped)
    #expect(shipped.map(\.model) == ["CIFAR10ResNet20"])
    for file in shipped {
      let bytes = try #require(WeightCatalog.shippedBytes(named: file.fileName))
      #expect(bytes.count == file.byteCount)
      // One file serves both with its classifier and without.
      for includesTop in [true, false] {
        #expect(try WeightCatalog.file(for: file.model, includesTop: includesTop) == file)
      }
    }
    #expect(WeightCatalog.shippedBytes(named: "mobilenet_1_0_224_tf.h5") == nil)
  }

  @Test func findsVariants() throws {
    #expect(try WeightCatalog.file(for: "ResNetRS101").fileName == "resnet-rs-101-i192.h5")
    #expect(try WeightCatalog.file(for: "ResNetRS101", rows: 160).fileName == "resnet-rs-101-i160.h5")
    #expect(
      try WeightCatalog.file(for: "MobileNetV3Large", includesTop: false, isMinimalistic: true).fileName
        == "weights_mobilenet_v3_large_minimalistic_224_1.0_float_no_top_v2.h5")
    #expect(
      try WeightCatalog.file(for: "mobilenet_v2", alpha: 0.35, rows: 96).url
        == "https://storage.googleapis.com/tensorflow/keras-applications/mobilenet_v2/"
        + "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_96.h5")
    #expect(
      try WeightCatalog.file(for: "EfficientNetB3", includesTop: false).url
        == "https://storage.googleapis.com/keras-applications/efficientnetb3_notop.h5")
    let mobile = try WeightCatalog.file(for: "NASNetMobile", includesTop: false)
    #expect(mobile.fileName == "nasnet_mobile_no_top.h5" && mobile.remoteName == "NASNet-mobile-no-top.h5")
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
