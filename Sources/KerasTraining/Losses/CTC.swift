import KerasGraph
import KerasLayers

/// Connectionist temporal classification: minus the logarithm of the probability that a sequence of predictions
/// spells the target, over all ways to align them.
///
/// - Predictions: logits `[batch, time, classes]`; class 0 is the blank. Targets: `[batch, length]`, class numbers from
///   1, filled up with 0.
///
/// Graves et al., "Connectionist Temporal Classification" (2006), equations 6 to 8, with logarithms.
public final class CTC: Loss, @unchecked Sendable {
  public init(reduction: LossReduction = .sumOverBatchSize, name: String = "ctc") {
    super.init(name: name, reduction: reduction)
  }

  public override func values(_ target: RecordedValue, _ prediction: RecordedValue) throws -> LossValues {
    let (targets, logits) = (try target.lengths, try prediction.lengths)
    try require(
      targets.count == 2 && logits.count == 3 && targets[0] == logits[0], .shapeMismatch,
      "Expected targets [batch, length] and logits [batch, time, classes], found \(Shape(targets)) and "
        + "\(Shape(logits)).")
    let (batch, length) = (targets[0], targets[1])
    let states = 2 * length + 1
    let graph = prediction.graph
    let labels = target.cast(to: .int32)

    // The target with blanks between, before and behind: 0, l₁, 0, l₂, 0.
    let spread = try graph.reshape(
      graph.stack([graph.filled(0, Shape([batch, length]), .int32), labels.value], axis: 2),
      to: [batch, 2 * length])
    let extended = try graph.concatenate([spread, graph.filled(0, Shape([batch, 1]), .int32)], axis: 1)
    // The log-probability of each of these at each time, [time, batch, states].
    let normalized = prediction - prediction.logSumExp(axis: -1, keepsDimensions: true)
    let places = try graph.broadcast(
      graph.expandDimensions(extended, axis: 1), to: Shape([batch, logits[1], states]))
    let emitted = try graph.transpose(
      graph.gather(normalized.value, at: places, axis: -1, kind: .elements), [1, 0, 2])

    // A label that differs from the one before may follow it without a blank between.
    let two = min(2, states)
    let before = try graph.concatenate(
      [
        graph.filled(0, Shape([batch, two]), .int32),
        graph.slice(extended, axis: 1, from: 0, count: states - two),
      ],
      axis: 1)
    let isLabel = try graph.compare(.notEqual, extended, 0)
    let skips = try graph.binary(.logicalAnd, isLabel, graph.compare(.notEqual, extended, before))

    let position = try graph.range(states)
    let impossible = try graph.filled(Self.impossible, Shape([batch, states]))
    let first = try graph.slice(emitted, axis: 0, from: 0, count: 1)
    let start = try graph.select(
      graph.compare(.less, position, 2), graph.squeeze(first, axes: [0]), impossible)
    let rest = try graph.slice(emitted, axis: 0, from: 1, count: logits[1] - 1)
    let (ends, _) = try graph.scan(states: [start], over: [rest], capturing: [skips, impossible]) {
      (step, alpha, emitted, captured) throws(KerasError) in
      let (alpha, skips, impossible) = (alpha[0], captured[0], captured[1])
      func shifted(_ count: Int) throws(KerasError) -> Value {
        let count = min(count, states)
        return try step.concatenate(
          [
            step.slice(impossible, axis: 1, from: 0, count: count),
            step.slice(alpha, axis: 1, from: 0, count: states - count),
          ], axis: 1)
      }
      let jump = try step.select(skips, shifted(2), impossible)
      let ways = try step.stack([alpha, shifted(1), jump], axis: 2)
      return ([try step.add(step.logSumExp(ways, axes: [2]), emitted[0])], [])
    }

    // It ends with the last label or the blank behind it.
    let count = (labels .!= 0).cast(to: .int32).sum(axes: [1], keepsDimensions: true)
    let isEnd = RecordedValue(in: graph) { () throws(KerasError) in
      let last = try count.value
      let blank = try graph.compare(.equal, position, graph.add(last, last))
      let label = try graph.compare(
        .equal, position, graph.binary(.subtract, graph.add(last, last), graph.scalar(1, .int32)))
      return try graph.binary(.logicalOr, blank, label)
    }
    let total = graph[ends[0]].kept(where: isEnd, else: Self.impossible).logSumExp(axis: 1)
    return LossValues(-total)
  }

  /// The logarithm of a probability that is none.
  private static let impossible = -1e30
}
