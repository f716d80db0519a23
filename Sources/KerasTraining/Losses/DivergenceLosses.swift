import KerasGraph
import KerasLayers

/// `Σ t · log(t / p)` along the last axis, of probabilities cut to [1e-7, 1].
public final class KLDivergence: Loss, @unchecked Sendable {
  public init(reduction: LossReduction = .sumOverBatchSize, name: String = "kl_divergence") {
    super.init(name: name, reduction: reduction)
  }

  public override func values(_ target: RecordedValue, _ prediction: RecordedValue) throws -> LossValues {
    let t = target.cast(to: try prediction.spec.dataType).clipped(kerasEpsilon, 1)
    let p = prediction.clipped(kerasEpsilon, 1)
    return LossValues((t * (t / p).logarithm).sum(axes: [-1]))
  }
}

/// `mean(p − t · log p)` along the last axis.
public final class Poisson: Loss, @unchecked Sendable {
  public init(reduction: LossReduction = .sumOverBatchSize, name: String = "poisson") {
    super.init(name: name, reduction: reduction)
  }

  public override func values(_ target: RecordedValue, _ prediction: RecordedValue) throws -> LossValues {
    let t = target.cast(to: try prediction.spec.dataType)
    return LossValues((prediction - t * (prediction + kerasEpsilon).logarithm).mean(axes: [-1]))
  }
}
