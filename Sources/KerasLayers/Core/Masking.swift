import KerasGraph

/// Says which steps of a sequence are padding: those whose features all equal `maskValue`.
///
/// - Input: `[batch, …, features]`. Output: the same with zeros in masked steps, and the mask `[batch, …]`.
public final class Masking: Layer, @unchecked Sendable {
  public let maskValue: Double
  /// As the file had it: 0 and 0.0 are told apart there.
  private let maskJSON: JSON

  public init(maskValue: Double = 0, name: String? = nil) {
    self.maskValue = maskValue
    maskJSON = .number(maskValue)
    super.init(name: name)
  }

  public init(_ settings: Configuration) throws(KerasError) {
    maskValue = try settings.number("mask_value", default: 0)
    maskJSON = settings.value("mask_value") ?? .number(maskValue)
    super.init(name: settings.name)
  }

  public override var config: JSONObject { ["mask_value": maskJSON] }

  public override var supportsMasking: Bool { true }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    let graph = context.graph
    guard graph.shape(of: input).rank > 0 else {
      throw KerasError(.shapeMismatch, "Masking takes steps with features, found \(graph.spec(of: input)).")
    }
    let isSomething = try graph.any(
      graph.compare(.notEqual, input, maskValue), axes: [-1], keepsDimensions: true)
    context.setOutputMasks([try graph.squeeze(isSomething, axes: [-1])])
    return try graph[input].kept(where: graph[isSomething], else: 0).value
  }
}
