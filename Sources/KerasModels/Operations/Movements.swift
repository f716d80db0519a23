import KerasLayers

/// How numbers around a tensor are made up. Raw values are Keras'.
public enum PaddingMode: String, Hashable, Sendable, CaseIterable {
  case constant
  /// What lies behind the border's element, mirrored at it.
  case reflect
  /// What lies behind the border, mirrored at that.
  case symmetric
}

extension GraphBuilder {
  /// Elements moved along axes, of all in one row where `axes` is nil.
  func rolled(_ x: Value, _ shifts: [Int], axes: [Int]?) throws(KerasError) -> Value {
    guard let axes else {
      let moved = try roll(flatten(x), by: shifts.reduce(0, &+), axis: 0)
      return try reshaped(moved, to: shape(of: x))
    }
    // One shift may be meant for all axes.
    guard shifts.count == axes.count || shifts.count == 1 else {
      throw KerasError(.invalidArgument, "roll needs one shift for each axis, found \(shifts) and \(axes).")
    }
    var result = x
    for (position, axis) in axes.enumerated() {
      result = try roll(result, by: shifts[shifts.count == 1 ? 0 : position], axis: axis)
    }
    return result
  }

  /// More elements before and after each axis; a single pair is meant for all.
  func padded(
    _ x: Value, _ padding: [AxisPadding], _ mode: PaddingMode, value: Double
  ) throws(KerasError) -> Value {
    let rank = shape(of: x).rank
    let padding = padding.count == 1 ? [AxisPadding](repeating: padding[0], count: rank) : padding
    guard mode != .constant else { return try pad(x, padding, value: Float(value)) }
    guard padding.count == rank, padding.allSatisfy({ min($0.before, $0.after) >= 0 }) else {
      throw KerasError(
        .invalidArgument, "Padding needs a pair for each axis of \(shape(of: x)), found \(padding).")
    }
    var result = x
    for (axis, pair) in padding.enumerated() where pair != .none {
      result = try mirrored(result, axis: axis, pair, leavesBorder: mode == .reflect)
    }
    return result
  }

  private func mirrored(
    _ x: Value, axis: Int, _ padding: AxisPadding, leavesBorder: Bool
  ) throws(KerasError) -> Value {
    var shape = shape(of: x)
    guard let length = shape[axis] else { return placeholder(spec(of: x)) }
    let first = leavesBorder ? 1 : 0
    guard max(padding.before, padding.after) <= length - first else {
      throw KerasError(
        .invalidArgument,
        "Axis \(axis) of \(shape) has no \(max(padding.before, padding.after)) elements to mirror.")
    }
    guard shape.known != nil else {
      shape[axis] = length + padding.before + padding.after
      return placeholder(TensorSpec(shape, spec(of: x).dataType))
    }
    let before = try slice(x, axis: axis, from: first, count: padding.before)
    let after = try slice(x, axis: axis, from: length - first - padding.after, count: padding.after)
    return try concatenate([reverse(before, axes: [axis]), x, reverse(after, axes: [axis])], axis: axis)
  }

  /// Positions in which negative ones, counted from the back of an axis, are counted from the front.
  func counted(_ indices: Value, along axis: Int, of x: Value) throws(KerasError) -> Value {
    let positions = try cast(indices, to: .int32)
    guard let length = shape(of: x)[try resolvedAxis(axis, rank: shape(of: x).rank)] else { return positions }
    let fromBack = try add(positions, scalar(Double(length), like: positions))
    return try select(compare(.less, positions, 0), fromBack, positions)
  }

  /// Zeros of `shape` with `values` added where the last axis of `indices` says, as `keras.ops.scatter`.
  func scattered(_ indices: Value, _ values: Value, shape lengths: [Int]) throws(KerasError) -> Value {
    let (places, updates) = (shape(of: indices), shape(of: values))
    guard places.rank >= 1, let depth = places[places.rank - 1], (1...64).contains(depth),
      depth <= lengths.count,
      let total = checkedElementCount(lengths), total < 1 << 31,
      updates.rank == places.rank - 1 + lengths.count - depth
    else { throw Self.unfit(indices: places, updates, lengths) }
    guard let knownPlaces = places.known, let knownUpdates = updates.known else {
      return placeholder(TensorSpec(Shape(lengths), spec(of: values).dataType))
    }
    guard knownUpdates == Array(knownPlaces.dropLast()) + Array(lengths[depth...]) else {
      throw Self.unfit(indices: places, updates, lengths)
    }
    // Places in the first axes, counted in one row.
    var place: Value?
    for axis in 0..<depth {
      let part = try squeeze(slice(cast(indices, to: .int32), axis: -1, from: axis, count: 1), axes: [-1])
      guard let outer = place else {
        place = part
        continue
      }
      place = try add(multiply(outer, scalar(Double(lengths[axis]), like: outer)), part)
    }
    guard let place else { return values }
    let rows = lengths[..<depth].reduce(1, *)
    let spread = try scatterAdd(values, at: place, length: rows)
    return try reshape(spread, to: lengths)
  }

  private static func unfit(indices: Shape, _ values: Shape, _ lengths: [Int]) -> KerasError {
    KerasError(
      .shapeMismatch, "Indices \(indices) do not say where in \(lengths) values \(values) belong.",
      remedy: "give indices [n…, k] and values [n…, the lengths behind the first k].")
  }
}
