import KerasCore

/// How many samples a part of a data set has.
public enum SplitSize: Hashable, Sendable {
  case count(Int)
  /// Of all samples, between 0 and 1; rounded to whole samples.
  case share(Double)
}

/// Samples in two parts, as Keras' `split_dataset`.
///
/// ```swift
/// let (x, y) = (Tensor(zeros: [10, 4]), Tensor(zeros: [10]))
/// let parts = try splitDataset([x, y], left: .share(0.8), shuffleSeed: 1)
/// ```
/// - Parameters:
///   - tensors: `[samples, …]`, all with as many samples: inputs and targets, say.
///   - left: of the first part; nil for what the other leaves. One of both must be given.
///   - shuffleSeed: mixes the samples first, as Keras does with this seed; nil for the order they have.
/// - Throws: `invalidArgument` where a part would be empty or both together too large; `shapeMismatch`.
public func splitDataset(
  _ tensors: [Tensor], left: SplitSize? = nil, right: SplitSize? = nil, shuffleSeed: Int? = nil
) throws(KerasError) -> (left: [Tensor], right: [Tensor]) {
  guard let count = tensors.first?.shape.first else {
    throw KerasError(.shapeMismatch, "A data set has at least one tensor, with an axis of samples.")
  }
  if let other = tensors.firstIndex(where: { $0.shape.first != count }) {
    throw KerasError(
      .shapeMismatch,
      "Expected \(count) samples, as in tensor 0, found shape \(Shape(tensors[other].shape)).",
      path: ["tensor \(other)"])
  }
  let (leftCount, rightCount) = (try samples(left, of: count), try samples(right, of: count))
  guard let first = leftCount ?? rightCount.map({ count - $0 }) else {
    throw KerasError(.invalidArgument, "Neither part says how large it is.", remedy: "give left or right.")
  }
  let second = rightCount ?? count - first
  try require(
    first > 0 && second > 0 && first + second <= count,
    "\(count) samples cannot be split into \(first) and \(second).",
    remedy: "choose sizes that leave both parts some.")
  var order = Array(0..<count)
  if let shuffleSeed {
    var random = PythonRandom(seed: shuffleSeed)
    random.shuffle(&order)
  }
  return (
    tensors.map { $0.gatheringRows(order[..<first]) },
    tensors.map { $0.gatheringRows(order[(count - second)...]) }
  )
}

private func samples(_ size: SplitSize?, of count: Int) throws(KerasError) -> Int? {
  switch size {
  case nil: return nil
  case .count(let samples):
    try require(
      (1..<max(count, 1)).contains(samples), "A part has from 1 to \(count - 1) samples, found \(samples).")
    return samples
  case .share(let share):
    try require(share > 0 && share < 1, "A part's share must be between 0 and 1, found \(share).")
    return Int((share * Double(count)).rounded(.toNearestOrEven))
  }
}
