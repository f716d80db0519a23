import KerasCore

/// Class numbers as rows of zeros with a one in the class' place, as Keras' `to_categorical`: float32, with a
/// last axis of all classes. A last axis of length 1 becomes it.
///
/// ```swift
/// let rows = try toCategorical(Tensor([0, 2] as [Int32]), classCount: 3)     // [[1, 0, 0], [0, 0, 1]]
/// ```
/// - Parameter classCount: nil for one more than the largest number.
/// - Throws: `invalidArgument` for a number that is negative or too large.
public func toCategorical(_ classes: Tensor, classCount: Int? = nil) throws(KerasError) -> Tensor {
  try marked(classes, classCount, columns: { $0 }) { row, number in row[number] = 1 }
}

/// Ranks as rows with a one for every rank they are above, as TF-Keras' `to_ordinal`: `[…, classCount − 1]`,
/// float32.
///
/// - Throws: as ``toCategorical(_:classCount:)``.
public func toOrdinal(_ ranks: Tensor, classCount: Int? = nil) throws(KerasError) -> Tensor {
  try marked(ranks, classCount, columns: { $0 - 1 }) { row, number in row[..<number].update(repeating: 1) }
}

private func marked(
  _ classes: Tensor, _ classCount: Int?, columns: (Int) -> Int,
  _ mark: (UnsafeMutableBufferPointer<Float>, Int) -> Void
) throws(KerasError) -> Tensor {
  let numbers: [Int] = classes.scalars()
  let count = classCount ?? (numbers.max() ?? -1) &+ 1
  try require(
    count > 0, "There must be at least one class, found \(count).",
    remedy: classCount == nil && numbers.isEmpty ? "say how many classes there are." : nil)
  if let wrong = numbers.firstIndex(where: { !(0..<count).contains($0) }) {
    throw KerasError(
      .invalidArgument,
      "Expected class numbers from 0 to \(count - 1), found \(numbers[wrong]) as number \(wrong).")
  }
  let outer = classes.rank > 1 && classes.shape.last == 1 ? Array(classes.shape.dropLast()) : classes.shape
  let width = columns(count)
  guard let size = checkedElementCount(outer + [width]), size < 1 << 40 else {
    throw KerasError(.invalidArgument, "\(numbers.count) rows of \(count) classes are too many at once.")
  }
  return Tensor(uninitialized: outer + [width], Float.self) { elements in
    elements.update(repeating: 0)
    for (row, number) in numbers.enumerated() {
      mark(UnsafeMutableBufferPointer(rebasing: elements[row * width..<(row + 1) * width]), number)
    }
  }
}
