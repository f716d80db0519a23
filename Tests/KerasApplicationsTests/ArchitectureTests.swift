import Foundation
import KerasTestSupport
import Testing

@testable import KerasModels

/// Every model of the catalogue has Keras' parameters in Keras' shapes.
@Suite struct ArchitectureTests {
  /// Numbers of Keras 3.15.1, with the classifier and without. A fingerprint is the beginning of the SHA-256
  /// of all weights' shapes in file order, a line each, `3x3x3x64`.
  struct Facts: Sendable, CustomTestStringConvertible {
    let name: String
    let parameters, featureParameters, frozen: Int
    let tensors, layers, layersWithWeights: Int
    let fingerprint, featureFingerprint: String

    init(
      _ name: String, _ parameters: Int, _ featureParameters: Int, _ frozen: Int, _ tensors: Int,
      _ layers: Int,
      _ layersWithWeights: Int, _ fingerprint: String, _ featureFingerprint: String
    ) {
      self.name = name
      (self.parameters, self.featureParameters, self.frozen) = (parameters, featureParameters, frozen)
      (self.tensors, self.layers, self.layersWithWeights) = (tensors, layers, layersWithWeights)
      (self.fingerprint, self.featureFingerprint) = (fingerprint, featureFingerprint)
    }

    var testDescription: String { name }
  }

  // swift-format-ignore
  static let facts = [
    Facts("Xception", 22_910_480, 20_861_480, 54_528, 236, 134, 81, "7b4360671176", "b10eafad8a60"),
    Facts("VGG16", 138_357_544, 14_714_688, 0, 32, 23, 16, "19664a89bada", "a6e6488eb624"),
    Facts("VGG19", 143_667_240, 20_024_384, 0, 38, 26, 19, "dee54be8efa1", "98efe2575603"),
    Facts("ResNet50", 25_636_712, 23_587_712, 53_120, 320, 177, 107, "4cff1e828aa2", "f8e2ea23b99a"),
    Facts("ResNet101", 44_707_176, 42_658_176, 105_344, 626, 347, 209, "f2bb2dfc8767", "a008a006d8fd"),
    Facts("ResNet152", 60_419_944, 58_370_944, 151_424, 932, 517, 311, "9e3a899df294", "05bc50a041cf"),
    Facts("ResNet50V2", 25_613_800, 23_564_800, 45_440, 272, 192, 103, "5086be665035", "51dff830e1f6"),
    Facts("ResNet101V2", 44_675_560, 42_626_560, 97_664, 544, 379, 205, "eaa1ac949637", "7a23e3b8ac63"),
    Facts("ResNet152V2", 60_380_648, 58_331_648, 143_744, 816, 566, 307, "4e97c7b4d928", "7ead76dd98b9"),
    Facts("InceptionV3", 23_851_784, 21_802_784, 34_432, 378, 313, 189, "bd767d69413c", "4887be65209e"),
    Facts("InceptionResNetV2", 55_873_736, 54_336_736, 60_544, 898, 782, 449, "2830ab011a55", "e09a506f663b"),
    Facts("MobileNet", 4_253_864, 3_228_864, 21_888, 137, 91, 55, "a1dce565a067", "a25e68c1cf14"),
    Facts("MobileNetV2", 3_538_984, 2_257_984, 34_112, 262, 156, 105, "f6c9e930edc6", "cf8461f2b145"),
    Facts("MobileNetV3Small", 2_554_968, 939_120, 12_112, 210, 164, 88, "9305214c13bf", "21497ec01456"),
    Facts("MobileNetV3Large", 5_507_432, 2_996_352, 24_400, 266, 194, 110, "00caddaa3e55", "72effe13128a"),
    Facts("DenseNet121", 8_062_504, 7_037_504, 83_648, 606, 429, 242, "ea176fbb0775", "c1400c177036"),
    Facts("DenseNet169", 14_307_880, 12_642_880, 158_400, 846, 597, 338, "d57999117869", "afbe83bac48a"),
    Facts("DenseNet201", 20_242_984, 18_321_984, 229_056, 1006, 709, 402, "042b72bad81a", "bdbb7a4f90b1"),
    Facts("NASNetMobile", 5_326_716, 4_269_716, 36_738, 1126, 771, 389, "820d8536adc3", "3778f008d82a"),
    Facts("NASNetLarge", 88_949_818, 84_916_818, 196_668, 1546, 1041, 533, "d3edc8e241c1", "d81db9ce4769"),
    Facts("EfficientNetB0", 5_330_571, 4_049_571, 42_023, 314, 240, 132, "bc720e6a7ac7", "52d3c3549643"),
    Facts("EfficientNetB1", 7_856_239, 6_575_239, 62_055, 442, 342, 186, "43a0307f1cd9", "9a9b037974ea"),
    Facts("EfficientNetB2", 9_177_569, 7_768_569, 67_575, 442, 342, 186, "bc633ac10d4a", "5abca60d11af"),
    Facts("EfficientNetB3", 12_320_535, 10_783_535, 87_303, 499, 387, 210, "06f5d80b1f83", "f1d4d644f047"),
    Facts("EfficientNetB4", 19_466_823, 17_673_823, 125_207, 613, 477, 258, "33ed8c1ece24", "c1da5f49583a"),
    Facts("EfficientNetB5", 30_562_527, 28_513_527, 172_743, 741, 579, 312, "0061b74ff7b2", "c47541646d63"),
    Facts("EfficientNetB6", 43_265_143, 40_960_143, 224_439, 855, 669, 360, "1034099eb4d1", "959f662ae362"),
    Facts("EfficientNetB7", 66_658_687, 64_097_687, 310_727, 1040, 816, 438, "cc521d6f6134", "4aa26067bebd"),
    Facts("EfficientNetV2B0", 7_200_312, 5_919_312, 60_608, 361, 273, 151, "01849fbc3c81", "89cb1ecfb3f8"),
    Facts("EfficientNetV2B1", 8_212_124, 6_931_124, 71_072, 443, 337, 185, "2a156c62d20c", "927ca90a13d5"),
    Facts("EfficientNetV2B2", 10_178_374, 8_769_374, 82_288, 462, 352, 193, "e094d90e4ebc", "5a8d895b35ca"),
    Facts("EfficientNetV2B3", 14_467_622, 12_930_622, 109_216, 538, 412, 225, "302b349f002f", "31e1c352b1c4"),
    Facts("EfficientNetV2S", 21_612_360, 20_331_360, 153_872, 672, 516, 281, "698328777911", "d577dcbc9d7e"),
    Facts("EfficientNetV2M", 54_431_388, 53_150_388, 292_032, 963, 743, 403, "6af4a914d76b", "8f13c89176fa"),
    Facts("EfficientNetV2L", 119_027_848, 117_746_848, 512_576, 1331, 1031, 557, "29c87ec61612", "435993907f0d"),
    Facts("ConvNeXtTiny", 28_589_128, 27_820_128, 0, 182, 135, 96, "440577352401", "8e48d95346f9"),
    Facts("ConvNeXtSmall", 50_223_688, 49_454_688, 0, 344, 261, 186, "3a7aae62bb11", "46d43208e665"),
    Facts("ConvNeXtBase", 88_591_464, 87_566_464, 0, 344, 261, 186, "7da932222a10", "8403e6d96ada"),
    Facts("ConvNeXtLarge", 197_767_336, 196_230_336, 0, 344, 261, 186, "3a208244554d", "7453047c77e6"),
    Facts("ConvNeXtXLarge", 350_196_968, 348_147_968, 0, 344, 261, 186, "3a9fbc467782", "c11eb2fe1ce6"),
    Facts("ResNetRS50", 35_745_288, 33_696_288, 53_376, 346, 274, 145, "026bec53a724", "8feb76667f7a"),
    Facts("ResNetRS101", 63_724_296, 61_675_296, 105_600, 669, 529, 281, "1d593132b1f1", "07eaf9d546f1"),
    Facts("ResNetRS152", 86_773_256, 84_724_256, 151_680, 992, 784, 417, "7475e6379d9c", "2555fc7df2d3"),
    Facts("ResNetRS200", 93_386_248, 91_337_248, 176_256, 1296, 1090, 545, "c6a9ef32431a", "03bdacfbc588"),
    Facts("ResNetRS270", 130_104_520, 128_055_520, 243_072, 1752, 1474, 737, "1cf73d4c2ae6", "4470c0c3a4dc"),
    Facts("ResNetRS350", 164_268_360, 162_219_360, 312_192, 2246, 1890, 945, "80b4dd418c7b", "952939941e74"),
    Facts("ResNetRS420", 192_262_216, 190_213_216, 370_560, 2683, 2258, 1129, "da85b32f5618", "abbf4a21abed"),
    Facts("RegNetX002", 2_705_640, 2_336_640, 20_848, 222, 145, 89, "2e7cfde46f6f", "796271d5d31e"),
    Facts("RegNetX004", 5_194_184, 4_809_184, 36_672, 357, 235, 143, "15d25a613cf5", "c685c1be9044"),
    Facts("RegNetX006", 6_229_320, 5_700_320, 33_280, 267, 175, 107, "521eaf877706", "f2b241d0e1f2"),
    Facts("RegNetX008", 7_296_968, 6_623_968, 37_312, 267, 175, 107, "65cdf4d9bb34", "44cb0236382e"),
    Facts("RegNetX016", 9_233_640, 8_320_640, 43_504, 297, 195, 119, "8ed7ae95386c", "040ca101175b"),
    Facts("RegNetX032", 15_359_112, 14_350_112, 62_560, 402, 265, 161, "6a4ffb3b3601", "d539947943ff"),
    Facts("RegNetX040", 22_194_312, 20_833_312, 76_064, 372, 245, 149, "5bf4cb6aa1dd", "13ec545264ac"),
    Facts("RegNetX064", 26_283_464, 24_658_464, 74_208, 282, 185, 113, "cfc93fc3662d", "cbd633daa4e0"),
    Facts("RegNetX080", 39_663_112, 37_742_112, 90_464, 372, 245, 149, "bf0b330b6f72", "5c85cc4aafc3"),
    Facts("RegNetX120", 46_202_440, 43_961_440, 96_384, 312, 205, 125, "93bd3f6cb274", "dc9d951270c8"),
    Facts("RegNetX160", 54_389_704, 52_340_704, 111_168, 357, 235, 143, "f1e0e72095d3", "8aea6d0c062c"),
    Facts("RegNetX320", 107_973_576, 105_452_576, 162_016, 372, 245, 149, "48e6b568e737", "6fb3b9f1af12"),
    Facts("RegNetY002", 3_183_844, 2_814_844, 20_848, 274, 197, 115, "35c1254c6520", "89d0d9da9490"),
    Facts("RegNetY004", 4_371_296, 3_930_296, 27_152, 331, 239, 139, "19dec4158f7d", "4298d4ebc269"),
    Facts("RegNetY006", 6_084_920, 5_475_920, 29_760, 312, 225, 131, "29f553e59da5", "fe231c4ca28e"),
    Facts("RegNetY008", 6_293_056, 5_524_056, 29_888, 293, 211, 123, "531c7648f80e", "1970687b710f"),
    Facts("RegNetY016", 11_255_102, 10_366_102, 52_672, 540, 393, 227, "24888b60ac2d", "90a05f0cee5f"),
    Facts("RegNetY032", 19_502_498, 17_989_498, 66_160, 426, 309, 179, "8893ecca5c0e", "ea9fb790dbb1"),
    Facts("RegNetY040", 20_708_928, 19_619_928, 62_272, 445, 323, 187, "d170e4765db2", "da65002d72f8"),
    Facts("RegNetY064", 30_665_684, 29_368_684, 82_432, 502, 365, 211, "89fe16dad5e4", "1e223fe93448"),
    Facts("RegNetY080", 39_265_812, 37_248_812, 85_744, 350, 253, 147, "7cbe96d9f62c", "aa126924b4ee"),
    Facts("RegNetY120", 51_918_928, 49_677_928, 96_384, 388, 281, 163, "2af07357e0b4", "d269c720e326"),
    Facts("RegNetY160", 83_712_956, 80_687_956, 122_816, 369, 267, 155, "8620f0f13f56", "a3757eccc9f5"),
    Facts("RegNetY320", 145_205_058, 141_492_058, 158_288, 407, 295, 171, "335afea393b5", "1ebbb9f13d18"),
  ]

  @Test func everyModelHasItsFacts() {
    // Keras has none of these: some are in older packages, one in this alone.
    let others = ["ResNet18", "ResNet34", "ResNeXt50", "ResNeXt101", "CIFAR10ResNet20"]
    #expect(ModelCatalog.all.map(\.name).sorted() == (Self.facts.map(\.name) + others).sorted())
  }

  @Test(arguments: facts)
  func isKerasArchitecture(_ facts: Facts) throws {
    let application = try ModelCatalog.application(named: facts.name)
    let whole = try application(weights: .none)
    #expect(whole.parameterCount == facts.parameters && application.parameterCount == facts.parameters)
    #expect(whole.nonTrainableWeights.reduce(0) { $0 + $1.elementCount } == facts.frozen)
    #expect(whole.weights.count == facts.tensors)
    // Keras 3 does not count operations among the layers, Keras 2, which alone has RegNet, does.
    let layers = whole.layers.filter { facts.name.hasPrefix("RegNet") || !($0 is OperationLayer) }
    #expect(layers.count == facts.layers)
    #expect(whole.layers.filter { !$0.weights.isEmpty }.count == facts.layersWithWeights)
    #expect(try fingerprint(of: whole) == facts.fingerprint)
    #expect(whole.output.shape == [nil, 1000])

    let features = try application(includeTop: false, weights: .none, pooling: .average)
    #expect(features.parameterCount == facts.featureParameters)
    #expect(try fingerprint(of: features) == facts.featureFingerprint)
    #expect(features.output.shape == [nil, application.featureCount])
  }

  /// Against image-classifiers 1.0.0 and keras-applications 1.0.8, whose sums of groups are three layers more a block
  /// and whose kernels have other shapes.
  @Test(arguments: [
    ("ResNet18", 11_699_889, 98, 89, "a3f36bfd3769"), ("ResNet34", 21_815_473, 178, 161, "edc688731b0e"),
    ("ResNeXt50", 25_097_128, 267, 241 - 3 * 16, nil), ("ResNeXt101", 44_315_560, 522, 479 - 3 * 33, nil),
  ])
  func isAnOldersArchitecture(
    _ name: String, parameters: Int, tensors: Int, layers: Int, fingerprint: String?
  ) throws {
    let application = try ModelCatalog.application(named: name)
    let whole = try application(weights: .none)
    #expect(whole.parameterCount == parameters && application.parameterCount == parameters)
    #expect(whole.weights.count == tensors)
    #expect(whole.layers.count == layers)
    if let fingerprint { #expect(try self.fingerprint(of: whole) == fingerprint) }
    let features = try application(includeTop: false, weights: .none, pooling: .maximum)
    #expect(features.output.shape == [nil, application.featureCount])
  }

  @Test(arguments: [
    (0.35, 1_691_208, 410_208), (0.5, 1_987_224, 706_224), (0.75, 2_663_064, 1_382_064),
    (1.3, 5_431_048, 3_766_048), (1.4, 6_156_712, 4_363_712),
  ])
  func widthsOfMobileNetV2(alpha: Double, parameters: Int, featureParameters: Int) throws {
    #expect(try MobileNetV2(alpha: alpha, weights: .none).parameterCount == parameters)
    #expect(
      try MobileNetV2(alpha: alpha, includeTop: false, weights: .none).parameterCount == featureParameters)
  }

  @Test func variantsOfMobileNetV3() throws {
    #expect(try MobileNetV3Large(minimalistic: true, weights: .none).parameterCount == 3_948_688)
    #expect(try MobileNetV3Small(minimalistic: true, weights: .none).parameterCount == 2_056_848)
    #expect(try MobileNetV3Large(alpha: 0.75, weights: .none).parameterCount == 4_012_616)
    #expect(try MobileNetV3Small(alpha: 0.75, includeTop: false, weights: .none).parameterCount == 583_160)
    #expect(try MobileNetV3Small(weights: .none).input.shape == [nil, nil, nil, 3])
  }

  @Test(arguments: [
    (0.25, 475_544, 218_544), (0.5, 1_342_536, 829_536), (0.75, 2_601_976, 1_832_976),
    (1, 4_253_864, 3_228_864),
  ])
  func widthsOfMobileNet(alpha: Double, parameters: Int, featureParameters: Int) throws {
    #expect(try MobileNet(alpha: alpha, weights: .none).parameterCount == parameters)
    #expect(
      try MobileNet(alpha: alpha, includeTop: false, weights: .none).parameterCount == featureParameters)
  }

  @Test func namesOfModels() throws {
    #expect(try MobileNetV2(alpha: 1.4, weights: .none).name == "mobilenetv2_1.40_224")
    #expect(try MobileNetV3Large(weights: .none).name == "MobileNetV3Large")
    #expect(try EfficientNetV2B0(weights: .none).name == "efficientnetv2-b0")
    #expect(try ResNet50(weights: .none).name == "resnet50")
    #expect(
      try MobileNet(inputShape: [128, 128, 3], alpha: 0.25, weights: .none).name == "mobilenet_0.25_128")
    #expect(try MobileNet(alpha: 0.5, includeTop: false, weights: .none).name == "mobilenet_0.50_None")
    #expect(try MobileNet(weights: .none, name: "mine").name == "mine")
  }

  @Test func channelsComeLastWhateverTheSettingsSay() throws {
    let model = try Session.withImageDataFormat(.channelsFirst) { () throws(KerasError) in
      try MobileNet(alpha: 0.25, weights: .none)
    }
    #expect(model.parameterCount == 475_544)
    #expect(try (model.layer(named: "conv1") as? Conv2D)?.dataFormat == .channelsLast)
  }

  private func fingerprint(of model: Model) throws -> String {
    let text = model.layers.flatMap(\.weights).map { $0.shape.map(String.init).joined(separator: "x") + "\n" }
      .joined()
    let file = FileManager.default.temporaryDirectory.appending(path: "keras-shapes-\(UUID().uuidString)")
    try Data(text.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    return String(try FileHash(.sha256, ofFile: file.path).digits.prefix(12))
  }
}
