import KerasGraph

/// Layers one after the other as one, mostly such as prepare pictures.
///
/// - Input and output: those of the first and the last layer.
public final class Pipeline: Layer, @unchecked Sendable {
  public let layers: [Layer]

  public init(_ layers: [Layer], name: String? = nil) {
    self.layers = layers
    super.init(name: name)
    for (key, layer) in numberedByClass(layers) { addChild("layers/\(key)", layer) }
  }

  public convenience init(_ settings: Configuration) throws(KerasError) {
    guard let list = settings.value("layers")?.array else { throw settings.missing("layers") }
    var layers: [Layer] = []
    for json in list { layers.append(try Layers.deserialize(json, version: settings.version)) }
    self.init(layers, name: settings.name)
  }

  public override var config: JSONObject { ["layers": .array(layers.map(\.serialized.json))] }
  /// Keras notes no more.
  public override var commonSettings: CommonSettings { .name }
  public override var castsInputs: Bool { false }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    var (value, mask) = (input, context.mask())
    for layer in layers {
      let result = try context.apply(layer, to: [value], masks: [mask])
      try require(
        result.outputs.count == 1, .invalidArgument,
        "A pipeline's layers have one output, found \(result.outputs.count).", path: [layer.name])
      (value, mask) = (result.outputs[0], result.masks[0])
    }
    return value
  }
}
