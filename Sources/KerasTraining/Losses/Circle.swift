import KerasGraph
import KerasLayers

/// Pulls the embeddings of one class together and those of others apart, the more the worse they lie.
///
/// - Predictions: `[batch, features]`, of length 1 each. Targets: class numbers, `[batch]`.
///
/// Sun et al., "Circle Loss: A Unified Perspective of Pair Similarity Optimization" (2020),
/// https://arxiv.org/abs/2002.10857, in Keras' form.
public final class Circle: Loss, @unchecked Sendable {
  @Setting("gamma") public private(set) var gamma: Double
  @Setting("margin") public private(set) var margin: Double
  /// Whether a sample is no pair with itself.
  @Setting("remove_diagonal") public private(set) var removesDiagonal: Bool

  public init(
    gamma: Double = 80, margin: Double = 0.4, removesDiagonal: Bool = true,
    reduction: LossReduction = .sumOverBatchSize, name: String = "circle"
  ) {
    super.init(name: name, reduction: reduction)
    self.gamma = gamma
    self.margin = margin
    self.removesDiagonal = removesDiagonal
  }

  public override func values(_ target: RecordedValue, _ prediction: RecordedValue) throws -> LossValues {
    let lengths = try prediction.lengths
    try require(
      lengths.count == 2, .shapeMismatch, "Expected embeddings [batch, features], found \(Shape(lengths)).")
    let count = lengths[0]
    let type = try prediction.spec.dataType
    let labels = target.cast(to: .int32).reshaped(to: [count, 1])
    let distance = (1 - prediction.matrixProduct(prediction.transposed())).combined(.maximum, with: 0)
    let isSame = labels .== labels.transposed()
    var isPair = isSame
    if removesDiagonal {
      isPair = isSame.and(
        isSame.then { (graph, _) throws(KerasError) in
          try graph.logicalNot(graph.cast(graph.identityMatrix(rows: count), to: .bool))
        })
    }
    let (together, apart) = (isPair.cast(to: type), isSame.negated.cast(to: type))
    let near = ((distance + margin) * together).combined(.maximum, with: 0)
    let far = ((1 + margin - distance) * apart).combined(.maximum, with: 0)
    let pull = (near * (margin - distance) * -gamma).kept(where: isPair, else: -.infinity)
    let push = (far * (1 - margin - distance) * gamma).kept(where: isSame.negated, else: -.infinity)
    let loss = (pull.logSumExp(axis: 1) + push.logSumExp(axis: 1)).applying(.softplus)
    return LossValues(loss, mask: loss .> 0)
  }
}
