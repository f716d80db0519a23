import KerasGraph
import KerasLayers

/// `−log p` of the class whose number the target is, along the last axis.
///
/// - Targets: `[batch, …]` (or with a last axis of length 1), class numbers. A number that is no class ends the step
///   with an error.
///
/// Where the prediction is what a softmax gave, its logits are used, so that nothing is lost to rounding.
public final class SparseCategoricalCrossentropy: Loss, @unchecked Sendable {
  @Setting("from_logits") public private(set) var fromLogits: Bool
  /// Targets of this number do not count.
  @Setting("ignore_class") public private(set) var ignoredClass: Int?
  // Keras takes no other than the last, and does not write it for losses.
  @Setting("axis", Int.settingCodec.omitting { $0 == -1 }) public private(set) var axis: Int

  public init(
    fromLogits: Bool = false, ignoredClass: Int? = nil, axis: Int = -1,
    reduction: LossReduction = .sumOverBatchSize, name: String = "sparse_categorical_crossentropy"
  ) {
    super.init(name: name, reduction: reduction)
    self.fromLogits = fromLogits
    self.ignoredClass = ignoredClass
    self.axis = axis
  }

  public override func values(_ target: RecordedValue, _ prediction: RecordedValue) throws -> LossValues {
    let shape = try prediction.spec.shape
    try require(
      axis == -1 || axis == shape.rank - 1, .unsupported,
      "Classes must lie along the last axis, found axis \(axis) of \(shape).")
    var labels = target.cast(to: .int32)
    if try labels.rank == shape.rank, try labels.lengths.last == 1 { labels = labels.squeezed(axis: -1) }
    let (found, expected) = (try labels.spec.shape, Shape(Array(shape.dropLast())))
    try require(
      found == expected, .shapeMismatch,
      "Expected targets of shape \(expected), one class number for each prediction of shape \(shape), found "
        + "\(found).",
      remedy: found == shape ? "targets that are one-hot want categoricalCrossentropy." : nil)

    var prediction = prediction
    var mask: RecordedValue?
    var logits = fromLogits ? prediction : try prediction.softmaxLogits
    if let ignoredClass {
      let counts = labels .!= Double(ignoredClass)
      labels = labels.kept(where: counts, else: 0)
      // What Keras computes of what is left out is of no consequence: it is replaced by 0 below.
      prediction = prediction.kept(where: counts.expanded(axis: -1), else: 0)
      logits = fromLogits ? prediction : nil
      mask = counts
    }
    let x = logits ?? prediction.clipped(kerasEpsilon, 1 - kerasEpsilon).logarithm
    let chosen = x.at(labels)
    let values = x.logSumExp(axis: -1) - chosen
    return LossValues(mask.map { values.kept(where: $0, else: 0) } ?? values, mask: mask)
  }
}

extension RecordedValue {
  /// The element along the last axis that each index names: `[…, n]` at `[…]`.
  func at(_ positions: RecordedValue) -> RecordedValue {
    RecordedValue(in: graph) { () throws(KerasError) in
      let indices = try graph.expandDimensions(positions.value, axis: -1)
      return try graph.squeeze(
        graph.gather(value, at: indices, axis: -1, kind: .elements), axes: [-1])
    }
  }
}
