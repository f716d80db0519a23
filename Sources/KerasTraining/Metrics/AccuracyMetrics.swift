import KerasGraph
import KerasLayers

/// How often predictions are their targets.
public final class Accuracy: MeanMetric, @unchecked Sendable {
  public init(name: String = "accuracy") { super.init(name: name) }

  public override var direction: Direction? { .up }

  public override func values(_ target: RecordedValue, _ prediction: RecordedValue) throws -> LossValues {
    let (t, p) = try numbers(target, prediction)
    return LossValues((t .== p).cast(to: .float32))
  }
}

/// How often predictions are on their target's side of a threshold.
public final class BinaryAccuracy: MeanMetric, @unchecked Sendable {
  @Setting("threshold") public private(set) var threshold: Double

  public init(threshold: Double = 0.5, name: String = "binary_accuracy") {
    super.init(name: name)
    self.threshold = threshold
  }

  public override var direction: Direction? { .up }

  public override func values(_ target: RecordedValue, _ prediction: RecordedValue) throws -> LossValues {
    let (t, p) = try numbers(target, prediction)
    return LossValues((t .== (p .> threshold).cast(to: try t.spec.dataType)).cast(to: .float32))
  }
}

/// How often the likeliest class is the target's, which is one-hot.
public final class CategoricalAccuracy: MeanMetric, @unchecked Sendable {
  public init(name: String = "categorical_accuracy") { super.init(name: name) }

  public override var direction: Direction? { .up }

  public override func values(_ target: RecordedValue, _ prediction: RecordedValue) throws -> LossValues {
    let matches = target.positionOfMaximum() .== prediction.positionOfMaximum()
    return LossValues(matches.cast(to: .float32))
  }
}

/// How often the likeliest class is the one whose number the target is.
public final class SparseCategoricalAccuracy: MeanMetric, @unchecked Sendable {
  public init(name: String = "sparse_categorical_accuracy") { super.init(name: name) }

  public override var direction: Direction? { .up }

  public override func values(_ target: RecordedValue, _ prediction: RecordedValue) throws -> LossValues {
    var labels = target.cast(to: .float32)
    let isColumn = try labels.rank == prediction.rank && labels.lengths.last == 1
    if isColumn { labels = labels.squeezed(axis: -1) }
    var matches = (labels .== prediction.positionOfMaximum().cast(to: .float32)).cast(to: .float32)
    if try !isColumn && matches.rank > 1 && matches.lengths.last == 1 { matches = matches.squeezed(axis: -1) }
    return LossValues(matches)
  }
}

/// How often the target's class (one-hot) is among the `k` likeliest.
public final class TopKCategoricalAccuracy: MeanMetric, @unchecked Sendable {
  @Setting("k") public private(set) var k: Int

  public init(k: Int = 5, name: String = "top_k_categorical_accuracy") {
    super.init(name: name)
    self.k = k
  }

  public override var direction: Direction? { .up }

  public override func values(_ target: RecordedValue, _ prediction: RecordedValue) throws -> LossValues {
    LossValues(try isAmongTop(k, of: prediction, target.positionOfMaximum()))
  }
}

/// How often the class whose number the target is, is among the `k` likeliest.
public final class SparseTopKCategoricalAccuracy: MeanMetric, @unchecked Sendable {
  @Setting("k") public private(set) var k: Int
  /// Whether predictions are class numbers, the likeliest first, instead of probabilities.
  @Setting("from_sorted_ids", Bool.settingCodec.omitting { !$0 }) public private(set) var fromSortedNumbers:
    Bool

  public init(
    k: Int = 5, fromSortedNumbers: Bool = false, name: String = "sparse_top_k_categorical_accuracy"
  ) {
    super.init(name: name)
    self.k = k
    self.fromSortedNumbers = fromSortedNumbers
  }

  public override var direction: Direction? { .up }

  public override func values(_ target: RecordedValue, _ prediction: RecordedValue) throws -> LossValues {
    var labels = target
    // As a column beside predictions: Keras flattens it and gives its shape back.
    if try labels.rank == prediction.rank, try labels.lengths.last == 1 { labels = labels.squeezed(axis: -1) }
    guard fromSortedNumbers else {
      return LossValues(try isAmongTop(k, of: prediction, labels.cast(to: .int32)))
    }
    let count = min(k, try prediction.lengths.last ?? 0)
    let first = prediction.sliced(axis: -1, from: 0, count: count)
    let matches = (labels.cast(to: try prediction.spec.dataType).expanded(axis: -1) .== first)
    return LossValues(matches.cast(to: .float32).maximum(axes: [-1]))
  }
}

/// 1 where fewer than `k` predictions are larger than that for `labels`, and none is no finite number; as TensorFlow's
/// `in_top_k`.
private func isAmongTop(
  _ k: Int, of prediction: RecordedValue, _ labels: RecordedValue
) throws(KerasError) -> RecordedValue {
  let shape = try prediction.spec.shape
  let found = try labels.spec.shape
  try require(
    found == Shape(Array(shape.dropLast())), .shapeMismatch,
    "Expected one class number for each prediction of shape \(shape), found \(found).")
  let count = try prediction.lengths.last ?? 0
  let isChosen = labels.then { (graph, x) throws(KerasError) in try graph.oneHot(x, count: count, .bool) }
  let chosen = prediction.kept(where: isChosen, else: 0).sum(axes: [-1], keepsDimensions: true)
  let larger = (prediction .> chosen).cast(to: .float32).sum(axes: [-1])
  // A number that is no class is nowhere.
  let isClass = isChosen.cast(to: .float32).sum(axes: [-1])
  // What is no finite number is not 0 when it is taken from itself, nor is a sum with it.
  let areFinite = ((prediction - prediction).sum(axes: [-1]) .== 0).cast(to: .float32)
  return (larger .< Double(k)).cast(to: .float32) * isClass * areFinite
}

/// Binary, sparse or categorical accuracy, as the targets are: what `accuracy` means where a model is compiled.
final class AutomaticAccuracy: Metric, @unchecked Sendable {
  init(name: String) { super.init(name: name) }

  override var direction: Direction? { .up }

  override func resolved(target: TensorSpec, prediction: TensorSpec) -> Metric {
    switch TargetKind(target: target, prediction: prediction) {
    case .binary: BinaryAccuracy(name: name)
    case .sparse: SparseCategoricalAccuracy(name: name)
    case .categorical: CategoricalAccuracy(name: name)
    }
  }
}
