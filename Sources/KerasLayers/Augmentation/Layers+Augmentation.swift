extension Layers {
  /// The classes of this folder.
  static let augmentationRows: [Row] = [
    Row("Pipeline", Pipeline.init(_:)),
    Row("AugMix") { AugMix(name: $0) },
    Row("AutoContrast") { AutoContrast(name: $0) },
    Row("ContrastLimitedAdaptiveHistogramEqualization") {
      ContrastLimitedAdaptiveHistogramEqualization(name: $0)
    },
    Row("CutMix") { CutMix(name: $0) },
    Row("Equalization") { Equalization(name: $0) },
    Row("MaxNumBoundingBoxes") { MaxNumBoundingBoxes(1, name: $0) },
    Row("MixUp") { MixUp(name: $0) },
    Row("RandAugment") { RandAugment(name: $0) },
    Row("RandomBrightness") { RandomBrightness(0, name: $0) },
    Row("RandomColorDegeneration") { RandomColorDegeneration(0, name: $0) },
    Row("RandomColorJitter") { RandomColorJitter(name: $0) },
    Row("RandomContrast") { RandomContrast(0, name: $0) },
    Row("RandomCrop") { RandomCrop(height: 1, width: 1, name: $0) },
    Row("RandomElasticTransform") { RandomElasticTransform(name: $0) },
    Row("RandomErasing") { RandomErasing(name: $0) },
    Row("RandomFlip") { RandomFlip(name: $0) },
    Row("RandomGaussianBlur") { RandomGaussianBlur(name: $0) },
    Row("RandomGrayscale") { RandomGrayscale(name: $0) },
    Row("RandomHeight") { RandomHeight(name: $0) },
    Row("RandomHue") { RandomHue(0, name: $0) },
    Row("RandomInvert") { RandomInvert(name: $0) },
    Row("RandomPerspective") { RandomPerspective(name: $0) },
    Row("RandomPosterization") { RandomPosterization(8, name: $0) },
    Row("RandomRotation") { RandomRotation(0, name: $0) },
    Row("RandomSaturation") { RandomSaturation(0, name: $0) },
    Row("RandomSharpness") { RandomSharpness(0, name: $0) },
    Row("RandomShear") { RandomShear(name: $0) },
    Row("RandomTranslation") { RandomTranslation(height: 0, width: 0, name: $0) },
    Row("RandomWidth") { RandomWidth(name: $0) },
    Row("RandomZoom") { RandomZoom(0, name: $0) },
    Row("Solarization") { Solarization(name: $0) },
  ]

  /// Their names, but for containers.
  static let augmentationNames = Set(augmentationRows.map(\.name)).subtracting(["Pipeline"])
}
