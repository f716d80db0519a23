/// The classes of Keras that change pictures at random while training, and what they do to them otherwise: nothing,
/// except that `RandomCrop` of Keras 2 crops.
enum AugmentationKind: String, CaseIterable {
  case augMix = "AugMix"
  case cutMix = "CutMix"
  case maxNumBoundingBoxes = "MaxNumBoundingBoxes"
  case mixUp = "MixUp"
  case randAugment = "RandAugment"
  case randomBrightness = "RandomBrightness"
  case randomColorDegeneration = "RandomColorDegeneration"
  case randomColorJitter = "RandomColorJitter"
  case randomContrast = "RandomContrast"
  case randomCrop = "RandomCrop"
  case randomElasticTransform = "RandomElasticTransform"
  case randomErasing = "RandomErasing"
  case randomFlip = "RandomFlip"
  case randomGaussianBlur = "RandomGaussianBlur"
  case randomGrayscale = "RandomGrayscale"
  case randomHeight = "RandomHeight"
  case randomHue = "RandomHue"
  case randomInvert = "RandomInvert"
  case randomPerspective = "RandomPerspective"
  case randomPosterization = "RandomPosterization"
  case randomRotation = "RandomRotation"
  case randomSaturation = "RandomSaturation"
  case randomSharpness = "RandomSharpness"
  case randomShear = "RandomShear"
  case randomTranslation = "RandomTranslation"
  case randomWidth = "RandomWidth"
  case randomZoom = "RandomZoom"
  case solarization = "Solarization"

  /// Settings without which Keras does not make the layer.
  var required: [String] {
    switch self {
    case .randomCrop: ["height", "width"]
    case .randomBrightness, .randomColorDegeneration, .randomContrast, .randomHue, .randomPosterization,
      .randomRotation, .randomSaturation, .randomSharpness, .randomHeight, .randomWidth:
      ["factor"]
    case .randomTranslation: ["height_factor", "width_factor"]
    case .randomZoom: ["height_factor"]
    case .maxNumBoundingBoxes: ["max_number"]
    default: []
    }
  }

  /// Whether whole numbers come out as the layer's floating-point type; Keras 2 left two classes out.
  var convertsPixels: Bool { self != .randomHeight && self != .randomWidth }

  static let names = Set(allCases.map(\.rawValue))
}
