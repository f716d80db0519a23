import KerasGraph
import KerasLayers

/// `mean(max(1 − t·p, 0))` along the last axis, of targets −1 and 1; a batch of zeros and ones means those.
public final class Hinge: Loss, @unchecked Sendable {
  public init(reduction: LossReduction = .sumOverBatchSize, name: String = "hinge") {
    super.init(name: name, reduction: reduction)
  }

  public override func values(_ target: RecordedValue, _ prediction: RecordedValue) throws -> LossValues {
    LossValues(try distances(target, prediction).mean(axes: [-1]))
  }
}

/// `mean(max(1 − t·p, 0)²)` along the last axis; targets as those of ``Hinge``.
public final class SquaredHinge: Loss, @unchecked Sendable {
  public init(reduction: LossReduction = .sumOverBatchSize, name: String = "squared_hinge") {
    super.init(name: name, reduction: reduction)
  }

  public override func values(_ target: RecordedValue, _ prediction: RecordedValue) throws -> LossValues {
    LossValues(try distances(target, prediction).squared.mean(axes: [-1]))
  }
}

/// How far the prediction for the right class fails to stand one above the best wrong one:
/// `max(max((1 − t)·p) − Σ t·p + 1, 0)` along the last axis.
public final class CategoricalHinge: Loss, @unchecked Sendable {
  public init(reduction: LossReduction = .sumOverBatchSize, name: String = "categorical_hinge") {
    super.init(name: name, reduction: reduction)
  }

  public override func values(_ target: RecordedValue, _ prediction: RecordedValue) throws -> LossValues {
    let t = target.cast(to: try prediction.spec.dataType)
    let wrong = ((1 - t) * prediction).maximum(axes: [-1])
    let right = (t * prediction).sum(axes: [-1])
    return LossValues((wrong - right + 1).combined(.maximum, with: 0))
  }
}

/// `max(1 − t·p, 0)`
private func distances(
  _ target: RecordedValue, _ prediction: RecordedValue
) throws(KerasError) -> RecordedValue {
  let t = target.cast(to: try prediction.spec.dataType)
  // Whether all are 0 or 1: then t² = t everywhere.
  let isBinary = (t.squared - t).magnitude.maximum() .== 0
  let signs = (t * 2 - 1).kept(where: isBinary, else: t)
  return (1 - signs * prediction).combined(.maximum, with: 0)
}
