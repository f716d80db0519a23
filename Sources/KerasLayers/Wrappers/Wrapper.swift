import KerasGraph

/// A layer around another one, which does the work; subclasses say in their `call` what they add.
open class Wrapper: Layer, @unchecked Sendable {
  public let layer: Layer

  public init(_ layer: Layer, name: String? = nil) {
    self.layer = layer
    super.init(name: name)
    addChild("layer", layer)
  }

  /// The layer inside as files hold it; subclasses add their own settings.
  open override var config: JSONObject {
    let inside: JSONObject = ["layer": layer.serialized.json]
    return inside.merging(super.config)
  }

  open override func build(for inputs: [TensorSpec]) throws {
    try buildChild(layer, for: inputs)
  }
}
