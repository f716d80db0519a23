import KerasGraph

/// Changes pictures at random while training, which is not there yet; predicting, it leaves them alone as Keras does.
///
/// One class for the many of Keras, read from files: ``className`` says which, and the settings are kept as they came.
/// - Input: `[batch, height, width, channels]` or one picture without the batch; channels may stand first.
/// - Output: the same, in the layer's floating-point type.
public class Augmentation: Layer, @unchecked Sendable {
  private let kind: AugmentationKind
  private let settings: JSONObject

  init(_ kind: AugmentationKind, _ configuration: Configuration) throws(KerasError) {
    self.kind = kind
    for key in kind.required where configuration.json(key) == nil { throw configuration.missing(key) }
    let common = Layer.settingsWithoutMeaning + [
      "name", "trainable", "dtype", "activity_regularizer", "quantization_config",
    ]
    settings = configuration.remainder(without: Set(common))
    super.init(name: configuration.name ?? Session.current.uniqueName(snakeCase(kind.rawValue)))
  }

  public final override var className: String { kind.rawValue }
  public override var config: JSONObject { settings }

  public final override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    let spec = context.graph.spec(of: input)
    guard (3...4).contains(spec.shape.rank) else {
      throw KerasError(.shapeMismatch, "\(className) takes pictures of three or four axes, found \(spec).")
    }
    guard !context.isTraining else {
      throw KerasError(
        .unsupported, "\(className) changes pictures while training, which is not there yet.",
        remedy: "leave the layer out of what is trained, and augment the pictures before; it predicts as it is.")
    }
    let pictures =
      kind.convertsPixels ? try context.graph.cast(input, to: dataTypePolicy.computeType) : input
    return try predicting(pictures, in: context)
  }

  /// What predictions make of the pictures: nothing.
  func predicting(_ pictures: Value, in context: CallContext) throws(KerasError) -> Value { pictures }
}

extension Configuration {
  /// All settings but some, which count as read.
  fileprivate func remainder(without keys: Set<String>) -> JSONObject {
    var rest: JSONObject = [:]
    for (key, value) in object where !keys.contains(key) { rest[key] = json(key) ?? value }
    return rest
  }
}
