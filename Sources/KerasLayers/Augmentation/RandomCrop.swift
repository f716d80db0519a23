import KerasGraph

/// Cuts a random part out of pictures while training. Predicting, Keras 3 leaves them alone, although it announces
/// the new size; Keras 2 cuts the middle out in the new aspect ratio and resizes it.
final class RandomCrop: Augmentation, @unchecked Sendable {
  private let height: Int
  private let width: Int
  private let dataFormat: DataFormat
  /// Whether predictions crop, as before Keras 3.
  private let cropsPredictions: Bool
  /// Whether pictures of another size have come in, so that the rule shows in the results.
  private var ruleShows: Bool

  init(_ settings: Configuration) throws(KerasError) {
    height = try settings.requiredInteger("height")
    width = try settings.requiredInteger("width")
    dataFormat = try settings.dataFormat("data_format")
    let rule = try settings.string(Self.ruleKey)
    cropsPredictions = settings.version.cropsPredictions || rule == Self.oldRule
    ruleShows = rule != nil
    try super.init(.randomCrop, settings)
  }

  private static let ruleKey = "crop_rule"
  private static let oldRule = "keras2"

  override var config: JSONObject {
    cropsPredictions && ruleShows
      ? super.config.merging([Self.ruleKey: .string(Self.oldRule)]) : super.config
  }

  override func predicting(_ pictures: Value, in context: CallContext) throws(KerasError) -> Value {
    let graph = context.graph
    let shape = graph.shape(of: pictures)
    let axes = dataFormat == .channelsFirst ? [shape.rank - 2, shape.rank - 1] : [shape.rank - 3, shape.rank - 2]
    if [shape[axes[0]], shape[axes[1]]] != [height, width] { ruleShows = true }
    if cropsPredictions {
      return try graph.transformingPictures(pictures, dataFormat, height: height, width: width) {
        (images, graph) throws(KerasError) in
        try graph.middleResized(images, height: height, width: width)
      }
    }
    // Where the size is unknown, what follows is made for the size that Keras announces.
    guard shape[axes[0]] == nil || shape[axes[1]] == nil else { return pictures }
    var announced = Array(shape)
    (announced[axes[0]], announced[axes[1]]) = (height, width)
    return graph.placeholder(TensorSpec(Shape(announced), graph.spec(of: pictures).dataType))
  }
}
