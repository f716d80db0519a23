import KerasGraph
import KerasLayers

/// `mean((t − p)²)` along the last axis.
public final class MeanSquaredError: Loss, @unchecked Sendable {
  public init(reduction: LossReduction = .sumOverBatchSize, name: String = "mean_squared_error") {
    super.init(name: name, reduction: reduction)
  }

  public override func values(_ target: RecordedValue, _ prediction: RecordedValue) throws -> LossValues {
    let (t, p) = try numbers(target, prediction)
    return LossValues((t - p).squared.mean(axes: [-1]))
  }
}

/// `mean(|t − p|)` along the last axis.
public final class MeanAbsoluteError: Loss, @unchecked Sendable {
  public init(reduction: LossReduction = .sumOverBatchSize, name: String = "mean_absolute_error") {
    super.init(name: name, reduction: reduction)
  }

  public override func values(_ target: RecordedValue, _ prediction: RecordedValue) throws -> LossValues {
    let (t, p) = try numbers(target, prediction)
    return LossValues((t - p).magnitude.mean(axes: [-1]))
  }
}

/// `100 · mean(|t − p| / max(|t|, 1e-7))` along the last axis.
public final class MeanAbsolutePercentageError: Loss, @unchecked Sendable {
  public init(reduction: LossReduction = .sumOverBatchSize, name: String = "mean_absolute_percentage_error") {
    super.init(name: name, reduction: reduction)
  }

  public override func values(_ target: RecordedValue, _ prediction: RecordedValue) throws -> LossValues {
    let (t, p) = try numbers(target, prediction)
    let error = ((t - p) / t.magnitude.combined(.maximum, with: kerasEpsilon)).magnitude
    return LossValues(error.mean(axes: [-1]) * 100)
  }
}

/// `mean((log(t + 1) − log(p + 1))²)` along the last axis, of numbers from 1e-7 up.
public final class MeanSquaredLogarithmicError: Loss, @unchecked Sendable {
  public init(reduction: LossReduction = .sumOverBatchSize, name: String = "mean_squared_logarithmic_error") {
    super.init(name: name, reduction: reduction)
  }

  public override func values(_ target: RecordedValue, _ prediction: RecordedValue) throws -> LossValues {
    let (t, p) = try numbers(target, prediction)
    func logarithm(_ x: RecordedValue) -> RecordedValue {
      (x.combined(.maximum, with: kerasEpsilon) + 1).logarithm
    }
    return LossValues((logarithm(p) - logarithm(t)).squared.mean(axes: [-1]))
  }
}

/// Half the squared error up to `delta`, linear beyond, averaged along the last axis.
///
/// Huber, "Robust Estimation of a Location Parameter" (1964).
public final class Huber: Loss, @unchecked Sendable {
  @Setting("delta") public private(set) var delta: Double

  public init(delta: Double = 1, reduction: LossReduction = .sumOverBatchSize, name: String = "huber_loss") {
    super.init(name: name, reduction: reduction)
    self.delta = delta
  }

  public override func values(_ target: RecordedValue, _ prediction: RecordedValue) throws -> LossValues {
    let (t, p) = try numbers(target, prediction)
    let error = p - t
    let size = error.magnitude
    let value = (error.squared * 0.5).kept(where: size .<= delta, else: size * delta - 0.5 * delta * delta)
    return LossValues(value.mean(axes: [-1]))
  }
}

/// `mean(log(cosh(p − t)))` along the last axis.
public final class LogCosh: Loss, @unchecked Sendable {
  public init(reduction: LossReduction = .sumOverBatchSize, name: String = "log_cosh") {
    super.init(name: name, reduction: reduction)
  }

  public override func values(_ target: RecordedValue, _ prediction: RecordedValue) throws -> LossValues {
    let (t, p) = try numbers(target, prediction)
    let error = p - t
    // x + softplus(−2x) − log 2 does not overflow.
    return LossValues((error + (error * -2).applying(.softplus) - 0.6931471805599453).mean(axes: [-1]))
  }
}

/// Minus the cosine of the angle between target and prediction along `axis`: −1 where they point one way.
public final class CosineSimilarity: Loss, @unchecked Sendable {
  // Keras forgets to write it, and reads it well.
  @Setting("axis", Int.settingCodec.omitting { $0 == -1 }) public private(set) var axis: Int

  public init(
    axis: Int = -1, reduction: LossReduction = .sumOverBatchSize, name: String = "cosine_similarity"
  ) {
    super.init(name: name, reduction: reduction)
    self.axis = axis
  }

  public override func values(_ target: RecordedValue, _ prediction: RecordedValue) throws -> LossValues {
    let (t, p) = try numbers(target, prediction)
    return LossValues(-cosine(t, p, axis: axis))
  }
}

/// The cosine of the angle between vectors along an axis.
func cosine(_ t: RecordedValue, _ p: RecordedValue, axis: Int) -> RecordedValue {
  func unit(_ x: RecordedValue) -> RecordedValue {
    x.then { (graph, x) throws(KerasError) in try graph.normalize(x, axes: [axis]) }
  }
  return (unit(t) * unit(p)).sum(axes: [axis])
}

/// Targets in the type of the prediction, both of one rank.
func numbers(
  _ target: RecordedValue, _ prediction: RecordedValue
) throws(KerasError) -> (target: RecordedValue, prediction: RecordedValue) {
  let (t, p) = try aligned(target.cast(to: prediction.spec.dataType), prediction)
  return (t, p)
}
