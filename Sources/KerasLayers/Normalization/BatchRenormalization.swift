import KerasGraph

/// How ``BatchNormalization`` corrects the statistics of a batch towards the moving ones while training.
///
/// With the batch's mean and deviation μ and σ and the moving ones, `r = σ / σ_moving` and
/// `d = (μ − μ_moving) / σ_moving` are clipped and taken as constants: `gamma · ((x − μ)/σ · r + d) + beta`.
///
/// Ioffe, "Batch Renormalization: Towards Reducing Minibatch Dependence in Batch-Normalized Models" (2017),
/// Algorithm 1.
public struct BatchRenormalization: Hashable, Sendable {
  /// The bounds of r, and of d's size; nil for none.
  public var smallestRatio: Double?
  public var largestRatio: Double?
  public var largestShift: Double?
  /// How much of the statistics that correct a batch leaves.
  public var momentum: Double

  public init(
    smallestRatio: Double? = nil, largestRatio: Double? = nil, largestShift: Double? = nil,
    momentum: Double = 0.99
  ) {
    self.smallestRatio = smallestRatio
    self.largestRatio = largestRatio
    self.largestShift = largestShift
    self.momentum = momentum
  }

  /// nil where the settings do not ask for it.
  init?(_ settings: Configuration) throws(KerasError) {
    let (clipping, momentum) = (
      settings.value("renorm_clipping"), try settings.number("renorm_momentum", default: 0.99)
    )
    guard try settings.boolean("renorm", default: false) else { return nil }
    let bounds = clipping?.object ?? [:]
    guard bounds.allSatisfy({ ["rmin", "rmax", "dmax"].contains($0.key) }) else {
      throw settings.wrong("renorm_clipping", "an object of rmin, rmax and dmax", clipping ?? .null)
    }
    self.init(
      smallestRatio: bounds["rmin"]?.number, largestRatio: bounds["rmax"]?.number,
      largestShift: bounds["dmax"]?.number, momentum: momentum)
  }

  static let settingCodec = SettingCodec<BatchRenormalization?>(
    reading: { (configuration, _, _) throws(KerasError) in .some(try BatchRenormalization(configuration)) },
    writing: { renormalization, _, config in config = config.merging(Self.config(of: renormalization)) })

  private static func config(of renormalization: BatchRenormalization?) -> JSONObject {
    guard let renormalization else {
      return ["renorm": false, "renorm_clipping": nil, "renorm_momentum": 0.99]
    }
    var bounds: JSONObject = [:]
    for (key, bound) in [
      ("rmin", renormalization.smallestRatio), ("rmax", renormalization.largestRatio),
      ("dmax", renormalization.largestShift),
    ] { bounds[key] = bound.map(JSON.number) }
    return [
      "renorm": true, "renorm_clipping": .object(bounds),
      "renorm_momentum": .number(renormalization.momentum),
    ]
  }

  /// gamma and beta that also hold the correction.
  func correct(
    _ gamma: Value?, _ beta: Value?, _ batch: (mean: Value, variance: Value), of layer: BatchNormalization,
    epsilon: Double, in context: CallContext
  ) throws(KerasError) -> (gamma: Value, beta: Value) {
    let graph = context.graph
    let mean = try graph[layer.value(of: layer.weight("renorm_mean"), like: batch.mean, in: context)]
    let kept = try graph[layer.value(of: layer.weight("renorm_stddev"), like: batch.mean, in: context)]
    let divisor = kept.combined(.maximum, with: epsilon.squareRoot())
    var ratio = Self.deviation(graph[batch.variance], epsilon) / divisor
    var shift = (graph[batch.mean] - mean) / divisor
    if let smallestRatio { ratio = ratio.combined(.maximum, with: smallestRatio) }
    if let largestRatio { ratio = ratio.combined(.minimum, with: largestRatio) }
    if let largestShift {
      shift = shift.applying(.clip(low: Float(-largestShift), high: Float(largestShift)))
    }
    ratio = try graph[graph.stoppingGradient(ratio.value)]
    shift = try graph[graph.stoppingGradient(shift.value)]
    let scale = gamma.map { ratio * graph[$0] } ?? ratio
    let offset = gamma.map { shift * graph[$0] } ?? shift
    return (try scale.value, try (beta.map { offset + graph[$0] } ?? offset).value)
  }

  /// Moves all statistics towards the batch's.
  func update(
    _ layer: BatchNormalization, _ batch: (mean: Value, variance: Value), momentum movingMomentum: Double,
    epsilon: Double, in context: CallContext
  ) throws(KerasError) {
    let deviation = try Self.deviation(context[batch.variance], epsilon).value
    try layer.move(layer.weight("renorm_mean"), towards: batch.mean, momentum, in: context)
    try layer.move(layer.weight("renorm_stddev"), towards: deviation, momentum, in: context)
    try layer.move(layer.weight("moving_mean"), towards: batch.mean, movingMomentum, in: context)
    let moving = try layer.weight("moving_stddev")
    try layer.move(moving, towards: deviation, movingMomentum, in: context)
    let moved = try context[layer.value(of: moving, like: deviation, in: context)]
    let variance = (moved.applying(.square) - epsilon).applying(.relu)
    try context.assign(variance.value, to: layer.weight("moving_variance"))
  }

  private static func deviation(_ variance: RecordedValue, _ epsilon: Double) -> RecordedValue {
    (variance + epsilon).applying(.squareRoot)
  }
}
