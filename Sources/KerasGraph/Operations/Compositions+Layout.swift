/// Functions that move elements without computing anything.
///
/// Axes may be negative: counted from the back.
extension GraphBuilder {
  /// An axis of length 1 more, which is number `axis` of the result.
  public func expandDimensions(_ x: Value, axis: Int) throws(KerasError) -> Value {
    var lengths = shape(of: x).dimensions
    lengths.insert(1, at: try resolvedAxis(axis, rank: lengths.count + 1))
    return try reshaped(x, to: Shape(lengths))
  }

  /// The same without axes of length 1.
  ///
  /// - Parameter axes: nil for all that have length 1.
  /// - Throws: `shapeMismatch` for a named axis that has another length.
  public func squeeze(_ x: Value, axes: [Int]? = nil) throws(KerasError) -> Value {
    let shape = shape(of: x)
    let dropped =
      try axes.map { (axes) throws(KerasError) in try resolvedAxes(axes, of: x) }
      ?? shape.indices.filter { shape[$0] == 1 }
    for axis in dropped where shape[axis] != nil && shape[axis] != 1 {
      throw KerasError(.shapeMismatch, "Axis \(axis) of \(spec(of: x)) has not length 1.")
    }
    return try reshaped(x, to: Shape(shape.indices.filter { !dropped.contains($0) }.map { shape[$0] }))
  }

  /// All elements in one axis.
  public func flatten(_ x: Value) throws(KerasError) -> Value {
    try reshaped(x, to: Shape([shape(of: x).elementCount]))
  }

  /// Tensors of one shape along a new axis, which is number `axis` of the result.
  public func stack(_ values: [Value], axis: Int = 0) throws(KerasError) -> Value {
    var parts: [Value] = []
    for value in values { parts.append(try expandDimensions(value, axis: axis)) }
    return try concatenate(parts, axis: axis)
  }

  /// The slices along one axis, which is gone.
  public func unstack(_ x: Value, axis: Int = 0) throws(KerasError) -> [Value] {
    let length = try knownLength(axis, of: x)
    var parts: [Value] = []
    for index in 0..<length {
      parts.append(try squeeze(slice(x, axis: axis, from: index, count: 1), axes: [axis]))
    }
    return parts
  }

  /// `count` parts of equal length.
  public func split(_ x: Value, into count: Int, axis: Int = 0) throws(KerasError) -> [Value] {
    let length = try knownLength(axis, of: x)
    guard count > 0, length % count == 0 else {
      throw KerasError(
        .invalidArgument, "Axis \(axis) of \(spec(of: x)) does not split into \(count) equal parts.")
    }
    return try split(x, at: (1..<count).map { $0 * (length / count) }, axis: axis)
  }

  /// The parts between ascending positions; positions behind the end give empty parts.
  public func split(_ x: Value, at positions: [Int], axis: Int = 0) throws(KerasError) -> [Value] {
    let length = try knownLength(axis, of: x)
    let bounds = [0] + positions.map { min($0 < 0 ? max($0 + length, 0) : $0, length) } + [length]
    var parts: [Value] = []
    for (start, end) in zip(bounds, bounds.dropFirst()) {
      parts.append(try slice(x, axis: axis, from: min(start, end), count: max(end - start, 0)))
    }
    return parts
  }

  /// The whole tensor `counts[i]` times along axis `i`; a tensor with fewer axes gets more in front.
  public func tile(_ x: Value, _ counts: [Int]) throws(KerasError) -> Value {
    guard counts.allSatisfy({ (0..<1 << 48).contains($0) }) else {
      throw KerasError(
        .invalidArgument, "A tensor repeats a number of times that is not negative, found \(counts).")
    }
    let given = shape(of: x)
    let rank = max(given.rank, counts.count)
    let lengths = [Int?](repeating: 1, count: rank - given.rank) + given.dimensions
    let times = [Int](repeating: 1, count: rank - counts.count) + counts
    // Each axis gets one before it, along which the tensor repeats.
    let spread = try reshaped(x, to: Shape(lengths.flatMap { [1, $0] }))
    let repeated = try broadcast(spread, to: Shape(zip(times, lengths).flatMap { [$0, $1] }))
    return try reshaped(
      repeated,
      to: Shape(
        zip(times, lengths).map { times, length in
          length.flatMap { checkedElementCount([$0, times]) }
        }))
  }

  /// Each element `count` times in a row along an axis.
  public func repeatElements(_ x: Value, _ count: Int, axis: Int) throws(KerasError) -> Value {
    guard (0..<1 << 48).contains(count) else {
      throw KerasError(
        .invalidArgument, "Elements repeat a number of times that is not negative, found \(count).")
    }
    guard count != 1 else { return x }
    let axis = try resolvedAxis(axis, rank: shape(of: x).rank)
    var lengths = shape(of: x).dimensions
    lengths.insert(count, at: axis + 1)
    let repeated = try broadcast(expandDimensions(x, axis: axis + 1), to: Shape(lengths))
    lengths.remove(at: axis + 1)
    lengths[axis] = lengths[axis].flatMap { checkedElementCount([$0, count]) }
    return try reshaped(repeated, to: Shape(lengths))
  }

  /// Elements moved by `shift` along an axis; those that leave at one end come back at the other.
  public func roll(_ x: Value, by shift: Int, axis: Int) throws(KerasError) -> Value {
    let axis = try resolvedAxis(axis, rank: shape(of: x).rank)
    guard let length = shape(of: x)[axis] else { return placeholder(spec(of: x)) }
    let moved = length == 0 ? 0 : (shift % length + length) % length
    guard moved != 0 else { return x }
    let tail = try slice(x, axis: axis, from: length - moved, count: moved)
    return try concatenate([tail, slice(x, axis: axis, from: 0, count: length - moved)], axis: axis)
  }

  /// Two axes exchanged.
  public func swapAxes(_ x: Value, _ first: Int, _ second: Int) throws(KerasError) -> Value {
    let rank = shape(of: x).rank
    let (first, second) = (try resolvedAxis(first, rank: rank), try resolvedAxis(second, rank: rank))
    guard first != second else { return x }
    var order = Array(0..<rank)
    order.swapAt(first, second)
    return try transpose(x, order)
  }

  /// One axis at another place, the others in their order.
  public func moveAxis(_ x: Value, from source: Int, to destination: Int) throws(KerasError) -> Value {
    let rank = shape(of: x).rank
    let source = try resolvedAxis(source, rank: rank)
    var order = (0..<rank).filter { $0 != source }
    order.insert(source, at: try resolvedAxis(destination, rank: rank))
    return order == Array(0..<rank) ? x : try transpose(x, order)
  }

  /// The elements on the diagonal of two axes of one length, along a new last axis.
  ///
  /// - Parameter offset: how far above the diagonal, or below where negative.
  public func diagonal(
    _ x: Value, offset: Int = 0, axes: (Int, Int) = (0, 1)
  ) throws(KerasError) -> Value {
    let rank = shape(of: x).rank
    let (first, second) = (try resolvedAxis(axes.0, rank: rank), try resolvedAxis(axes.1, rank: rank))
    guard first != second else {
      throw KerasError(.invalidArgument, "A diagonal takes two different axes, found \(axes).")
    }
    let others = (0..<rank).filter { $0 != first && $0 != second }
    let matrices = try transpose(x, others + [first, second])
    let leading = others.map { shape(of: x)[$0] }
    guard let rows = shape(of: x)[first], let columns = shape(of: x)[second] else {
      return placeholder(TensorSpec(Shape(leading + [nil]), spec(of: x).dataType))
    }
    let (down, right) = offset < 0 ? (min(rows, -max(offset, -rows)), 0) : (0, min(offset, columns))
    let count = max(min(rows - down, columns - right), 0)
    // In a row of all elements, those of a diagonal are one row and one element apart.
    let flat = try reshaped(matrices, to: Shape(leading + [checkedElementCount([rows, columns])]))
    let start = down * columns + right
    guard count > 0, let lengths = shape(of: flat).known else {
      return count == 0
        ? try filled(0, Shape(leading + [0]), spec(of: x).dataType)
        : placeholder(TensorSpec(Shape(leading + [count]), spec(of: x).dataType))
    }
    var (starts, ends) = (lengths.map { _ in 0 }, lengths)
    var strides = lengths.map { _ in 1 }
    (starts[lengths.count - 1], ends[lengths.count - 1]) = (start, start + (count - 1) * (columns + 1) + 1)
    strides[lengths.count - 1] = columns + 1
    return try slice(flat, starts: starts, ends: ends, strides: strides)
  }

  /// Axes counted from the front, ascending.
  ///
  /// - Parameter axes: nil for all.
  /// - Throws: `invalidArgument` for an axis that is not there or is named twice.
  package func resolvedAxes(_ axes: [Int]?, of x: Value) throws(KerasError) -> [Int] {
    let rank = shape(of: x).rank
    guard let axes else { return Array(0..<rank) }
    var resolved: [Int] = []
    for axis in axes { resolved.append(try resolvedAxis(axis, rank: rank)) }
    guard Set(resolved).count == resolved.count else {
      throw KerasError(.invalidArgument, "Axes \(axes) name one axis twice.")
    }
    return resolved.sorted()
  }

  private func knownLength(_ axis: Int, of x: Value) throws(KerasError) -> Int {
    guard let length = shape(of: x)[try resolvedAxis(axis, rank: shape(of: x).rank)] else {
      throw KerasError(.shapeMismatch, "Axis \(axis) of \(spec(of: x)) must have a known length.")
    }
    return length
  }
}
