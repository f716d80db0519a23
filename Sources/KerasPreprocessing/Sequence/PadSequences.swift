import KerasCore

/// Where sequences are filled up or cut off. Raw values are Keras'.
public enum SequenceSide: String, Hashable, Sendable, CaseIterable {
  /// In front.
  case pre
  /// At the end.
  case post
}

/// Sequences of one length, `[sequences, length]`: shorter ones are filled up, longer ones cut.
///
/// ```swift
/// let words = try padSequences([[1, 2, 3], [4]], length: 2)     // [[2, 3], [0, 4]]
/// ```
/// - Parameters:
///   - length: nil for that of the longest.
///   - padding: where `value` is added.
///   - truncating: where what is too long is cut off.
///   - dataType: of the result, as Keras int32.
/// - Throws: `invalidArgument` for a negative length, or no sequences and no length.
public func padSequences<Scalar: TensorScalar & Numeric>(
  _ sequences: [[Scalar]], length: Int? = nil, padding: SequenceSide = .pre,
  truncating: SequenceSide = .pre, value: Double = 0, dataType: DataType = .int32
) throws(KerasError) -> Tensor {
  try padSequences(
    sequences.map { Tensor($0) }, length: length, padding: padding, truncating: truncating, value: value,
    dataType: dataType)
}

/// The same of sequences of vectors or larger things, each `[steps, …]`.
///
/// - Returns: `[sequences, length, …]`.
/// - Throws: as for numbers; `shapeMismatch` for sequences whose steps differ in shape.
public func padSequences(
  _ sequences: [Tensor], length: Int? = nil, padding: SequenceSide = .pre, truncating: SequenceSide = .pre,
  value: Double = 0, dataType: DataType = .int32
) throws(KerasError) -> Tensor {
  // As in Keras, an empty sequence does not say what its steps look like.
  let step = sequences.first { $0.rank > 0 && $0.shape[0] > 0 }.map { Array($0.shape.dropFirst()) }
  return try padSequences(sequences, step: step ?? [], length, padding, truncating, value, dataType)
}

/// - Parameter step: the shape of what follows each other.
func padSequences(
  _ sequences: [Tensor], step: [Int], _ length: Int?, _ padding: SequenceSide, _ truncating: SequenceSide,
  _ value: Double, _ dataType: DataType
) throws(KerasError) -> Tensor {
  if let scalar = sequences.firstIndex(where: { $0.rank == 0 }) {
    throw KerasError(.shapeMismatch, "Sequence \(scalar) is a single number.")
  }
  guard let length = length ?? sequences.map({ $0.shape[0] }).max() else {
    throw KerasError(
      .invalidArgument, "The longest of no sequences has no length.", remedy: "say how long they shall be.")
  }
  let shape = [sequences.count, length] + step
  guard let count = checkedElementCount(shape), count < 1 << 40 else {
    throw KerasError(.invalidArgument, "\(sequences.count) sequences of \(length) steps cannot be made.")
  }
  let stepBytes = elementCountOf(step) * dataType.byteCount
  let filling = Tensor(scalar: value).converted(to: dataType)
  return try Tensor(uninitialized: shape, dataType) { (bytes) throws(KerasError) in
    filling.withUnsafeBytes { filling in
      for start in stride(from: 0, to: bytes.count, by: filling.count) {
        UnsafeMutableRawBufferPointer(rebasing: bytes[start..<start + filling.count]).copyMemory(
          from: filling)
      }
    }
    for (index, sequence) in sequences.enumerated() where sequence.shape[0] > 0 {
      guard Array(sequence.shape.dropFirst()) == step else {
        throw KerasError(
          .shapeMismatch,
          "Expected steps of shape \(Shape(step)), found \(Shape(Array(sequence.shape.dropFirst()))).",
          path: ["sequence \(index)"])
      }
      let kept = min(sequence.shape[0], length)
      let first = truncating == .pre ? sequence.shape[0] - kept : 0
      let rows = try sequence.rows(first..<first + kept).converted(to: dataType)
      let place = index * length + (padding == .pre ? length - kept : 0)
      rows.withUnsafeBytes { rows in
        UnsafeMutableRawBufferPointer(rebasing: bytes[place * stepBytes..<(place + kept) * stepBytes])
          .copyMemory(from: rows)
      }
    }
  }
}
