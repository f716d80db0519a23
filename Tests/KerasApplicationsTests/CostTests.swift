import KerasTestSupport
import Testing

@testable import KerasLayers

/// What predictions of published models cost.
@Suite struct CostTests {
  /// Half of what TensorFlow 2's profiler counts for the convolutions and matrix products of Keras 3.15.1's models at
  /// their own sizes. (Papers round: 15.5, 3.9, 0.569, 0.3 and 5.7 billion for VGG16, ResNet50, MobileNet, MobileNetV2
  /// and InceptionV3.) It does not count ConvNeXt's depthwise convolutions, which Keras writes as grouped ones: those
  /// are 7 × 7 over 96 … 768 channels at 56² … 7² places, 3, 3, 9 and 3 of them.
  static let published: [(String, Int)] = [
    ("VGG16", 15_470_264_320), ("ResNet50", 3_857_973_248), ("ResNet50V2", 3_482_255_360),
    ("MobileNet", 568_740_352), ("MobileNetV2", 300_774_272), ("MobileNetV3Small", 56_510_400),
    ("DenseNet121", 2_834_161_664), ("InceptionV3", 5_713_216_096), ("EfficientNetB0", 385_814_752),
    ("NASNetMobile", 563_638_816), ("Xception", 8_357_403_496),
    (
      "ConvNeXtTiny",
      4_350_425_088 + 49 * (3 * 56 * 56 * 96 + 3 * 28 * 28 * 192 + 9 * 14 * 14 * 384 + 3 * 7 * 7 * 768)
    ),
  ]

  @Test(arguments: published)
  func multiplyAdds(_ name: String, products: Int) throws {
    let model = try ModelCatalog.application(named: name)(weights: .none)
    let side = model.imageSize.height
    let cost = try model.cost(for: [[1, side, side, 3]])
    #expect(cost.multiplyAdds == products)
    #expect(cost.parameterCount == model.parameterCount)
    // Normalization counts in an integer; rescaling adds a few constants.
    #expect(abs(cost.weightByteCount - 4 * model.parameterCount) < 100)
    // Columns that do not fill a vector are packed with zeros.
    #expect(cost.program.keptByteCount <= cost.weightByteCount + cost.weightByteCount / 1000 + 100)
    #expect(cost.memoryByteCount > cost.weightByteCount + cost.program.keptByteCount)
    // No weight was made for it.
    #expect(model.weights.filter(\.hasValue).map(\.path) == [])
  }

  @Test func measuresWithoutWeights() throws {
    let model = try MobileNet(inputShape: [64, 64, 3], alpha: 0.25, weights: .none)
    for backend in Backends.all.map(\.name) {
      let cost = try model.cost(for: [[1, 64, 64, 3]], options: ComputeOptions(backend: backend))
      let seconds = try cost.measuredSeconds(repeats: 3)
      #expect(seconds > 1e-5 && seconds < 60)
    }
    #expect(model.weights.filter(\.hasValue).map(\.path) == [])
  }

  @Test func batchesMultiplyTheWork() throws {
    let model = try MobileNet(inputShape: [96, 96, 3], alpha: 0.25, weights: .none)
    let options = ComputeOptions(threads: 1)
    let one = try model.cost(for: [[1, 96, 96, 3]], options: options)
    let eight = try model.cost(for: [[8, 96, 96, 3]], options: options)
    #expect(eight.multiplyAdds == 8 * one.multiplyAdds)
    let (few, many) = (one.program.keptByteCount, eight.program.keptByteCount)
    #expect(abs(few - many) < one.weightByteCount / 50, "\(few) and \(many)")
    #expect(eight.program.runByteCount > one.program.runByteCount)
    // All rows at once on the plain backend.
    let plain = ComputeOptions(backend: "openblas")
    let (first, all) = try (
      model.cost(for: [[1, 96, 96, 3]], options: plain), model.cost(for: [[8, 96, 96, 3]], options: plain)
    )
    #expect(all.program.runByteCount > 7 * first.program.runByteCount)
    // Factors and offsets that normalization became; kernels are read where they stand.
    #expect(first.program.keptByteCount < first.weightByteCount / 50)
  }
}
