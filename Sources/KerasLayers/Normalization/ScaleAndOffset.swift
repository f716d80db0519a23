import KerasGraph

/// The learned scale `gamma` and offset `beta` that end a normalization: whether there are any, and how they start.
public struct ScaleAndOffset: SettingGroup {
  /// Whether beta is learned; without it, 0.
  @Setting("center") public private(set) var centers: Bool
  /// Whether gamma is learned; without it, 1.
  @Setting("scale") public private(set) var scales: Bool
  @Setting("beta") public private(set) var beta: WeightSettings
  @Setting("gamma") public private(set) var gamma: WeightSettings

  public var betaInitializer: any Initializer { beta.initializer }
  public var gammaInitializer: any Initializer { gamma.initializer }

  init(_ centers: Bool, _ scales: Bool, beta: WeightSettings, gamma: WeightSettings) {
    self.centers = centers
    self.scales = scales
    self.beta = beta
    self.gamma = gamma
  }

  /// The same without an offset, and always with a scale.
  var scalingOnly: ScaleAndOffset { ScaleAndOffset(false, true, beta: beta, gamma: gamma) }

  /// Adds the weights `gamma` and `beta`, where used.
  func addWeights(to layer: Layer, shape: [Int]) {
    if scales { layer.addWeight("gamma", shape: shape, gamma) }
    if centers { layer.addWeight("beta", shape: shape, beta) }
  }

  /// `gamma · x + beta` with the weights of `layer`, read in the shape that broadcasts to `x`.
  func apply(
    to x: Value, of layer: Layer, shape: Shape, in context: CallContext
  ) throws(KerasError) -> Value {
    let (graph, type) = (context.graph, context.graph.spec(of: x).dataType)
    func weight(_ name: String) throws(KerasError) -> Value {
      // As it is stored: 16 bits between, which the layer may compute in, would lose digits.
      try graph.reshaped(context.value(of: layer.weight(name), as: type), to: shape)
    }
    var result = x
    if scales { result = try graph.multiply(result, weight("gamma")) }
    if centers { result = try graph.add(result, weight("beta")) }
    return result
  }
}

extension GraphBuilder {
  /// In at least float32, in which statistics are taken.
  func widened(_ x: Value) throws(KerasError) -> Value {
    let type = spec(of: x).dataType
    return type == .float16 || type == .bfloat16 ? try cast(x, to: .float32) : x
  }
}

extension JSONObject {
  /// These settings and then others.
  func merging(_ others: JSONObject) -> JSONObject {
    var merged = self
    for (key, value) in others { merged[key] = value }
    return merged
  }
}
