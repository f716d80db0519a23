import KerasGraph
import KerasLayers

/// How the losses of a batch's samples become one number.
public enum LossReduction: String, Hashable, Sendable, CaseIterable {
  /// The sum of weighted losses, divided by how many there are. Masked ones do not count.
  case sumOverBatchSize = "sum_over_batch_size"
  case sum
  /// As ``sumOverBatchSize``.
  case mean
  /// The sum of weighted losses, divided by the sum of weights.
  case meanWithSampleWeight = "mean_with_sample_weight"
  /// One number a sample.
  case none

  static var codec: SettingCodec<LossReduction> {
    SettingCodec(
      reading: { (configuration, key, _) throws(KerasError) in
        if let json = configuration.json(key), json.isNull { return LossReduction.none }
        // Keras 2 leaves the choice open, and then chooses this.
        if configuration.json(key)?.string == "auto" { return .sumOverBatchSize }
        return try configuration.choice(key)
      },
      writing: { reduction, key, config in config[key] = .string(reduction.rawValue) })
  }

  /// As `reduce_weighted_values` in Keras 3's `losses/loss.py`.
  func reduce(
    _ values: RecordedValue, weights: RecordedValue?, mask: RecordedValue?
  ) throws(KerasError) -> RecordedValue {
    let scale = try maskedWeights(weights?.cast(to: .float32), mask: mask, isRescaled: isMean)
    var values = values
    var scaling: RecordedValue?
    if let scale {
      let (fitted, weight) = try aligned(values, scale)
      try requireBroadcast(weight, to: fitted)
      (values, scaling) = (fitted * weight, weight)
    }
    guard self != .none, try values.rank > 0 else { return values }
    let sum = values.total()
    switch self {
    case .none, .sum: return sum
    case .meanWithSampleWeight where scaling != nil:
      return scaling.map { sum.dividedOrZero(by: $0.total()) } ?? sum
    case .sumOverBatchSize, .mean, .meanWithSampleWeight:
      return sum * (1 / Double(max(try values.lengths.reduce(1, *), 1)))
    }
  }

  private var isMean: Bool { self == .sumOverBatchSize || self == .mean }

  private func requireBroadcast(_ weights: RecordedValue, to values: RecordedValue) throws(KerasError) {
    let (given, wanted) = (try weights.spec.shape, try values.spec.shape)
    let oneASample = Shape(Array(wanted.dimensions.prefix(1)) + wanted.dimensions.dropFirst().map { _ in 1 })
    // A loss that is one number for all samples is weighted by each of theirs, as in Keras.
    try require(
      wanted.rank == 0 || (try? broadcastShape(given, wanted)) == wanted, .shapeMismatch,
      "Sample weights of shape \(given) do not fit losses of shape \(wanted).",
      remedy: "give one weight a sample, as \(oneASample), or one for each of its places.")
  }
}

/// Weights of samples, with zeros where the mask is false; nil where neither is there.
///
/// - Parameter isRescaled: whether what is left is made larger, so that a mean over all is one over what counts.
func maskedWeights(
  _ weights: RecordedValue?, mask: RecordedValue?, isRescaled: Bool
) throws(KerasError) -> RecordedValue? {
  guard let mask else { return weights }
  var kept = mask.cast(to: .float32)
  if isRescaled {
    let count = Double(try mask.lengths.reduce(1, *))
    kept = kept * mask.graph.number(count).dividedOrZero(by: kept.total())
  }
  guard let weights else { return kept }
  let (a, b) = try aligned(kept, weights)
  return b * a
}
