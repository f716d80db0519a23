import KerasGraph

/// What layers make of category numbers. Raw values are Keras'.
public enum CategoricalOutput: String, Hashable, CaseIterable, SettingValue {
  /// The numbers themselves.
  case integer = "int"
  /// 1 at the number's place along a last axis of all categories; a last axis of length 1 becomes it.
  case oneHot = "one_hot"
  /// 1 for each category that a sample holds.
  case multiHot = "multi_hot"
  /// How often a sample holds each category.
  case count
  /// The same, weighted by how rare a category is.
  case weightedCount = "tf_idf"
}

extension GraphBuilder {
  /// Category numbers as `output` shows them; numbers outside 0 ..< `depth` count for nothing.
  ///
  /// Of one axis, that is the sample; of two, the first is the batch. Of more, Keras sums along the second axis.
  ///
  /// - Parameters:
  ///   - depth: the number of categories.
  ///   - weights: of each number when counting; nil for 1.
  func encoded(
    _ categories: Value, as output: CategoricalOutput, depth: Int, _ dataType: DataType, weights: Value? = nil
  ) throws(KerasError) -> Value {
    if output == .integer { return try cast(categories, to: dataType) }
    try require(
      (1...1 << 24).contains(depth), "The number of categories must be from 1 to 2^24, found \(depth).")
    var categories = categories
    if shape(of: categories).rank == 0 { categories = try expandDimensions(categories, axis: 0) }
    let rank = shape(of: categories).rank
    switch output {
    case .integer, .oneHot:
      if rank > 1, shape(of: categories)[rank - 1] == 1 { categories = try squeeze(categories, axes: [-1]) }
      return try oneHot(categories, count: depth, dataType)
    case .multiHot:
      guard rank <= 2 else { return try maximum(of: oneHot(categories, count: depth, dataType), axes: [1]) }
      let counts = try counted(categories, depth: depth, .int32, weights: nil)
      return try cast(cast(counts, to: .bool), to: dataType)
    case .count, .weightedCount:
      guard rank <= 2 else {
        var marks = try oneHot(categories, count: depth, dataType)
        if let weights {
          marks = try multiply(marks, expandDimensions(cast(weights, to: dataType), axis: -1))
        }
        return try sum(marks, axes: [1])
      }
      return try counted(categories, depth: depth, dataType, weights: weights)
    }
  }

  /// How often each category occurs in each row. One place behind all takes what does not count.
  private func counted(
    _ categories: Value, depth: Int, _ dataType: DataType, weights: Value?
  ) throws(KerasError) -> Value {
    let shape = shape(of: categories)
    let outer = Array(shape.dropLast())
    guard let lengths = shape.known else { return placeholder(TensorSpec(Shape(outer + [depth]), dataType)) }
    let rows = lengths.count == 2 ? lengths[0] : 1
    guard let places = checkedElementCount([rows, depth]), places < Int(Int32.max) else {
      throw KerasError(.invalidArgument, "\(rows) rows of \(depth) categories are too many to count at once.")
    }
    let wide = try cast(categories, to: .int64)
    let isInside = try binary(
      .logicalAnd, compare(.greaterEqual, wide, 0), compare(.less, wide, Double(depth)))
    let starts = Tensor(uninitialized: lengths.count == 2 ? [rows, 1] : [1], Int64.self) { starts in
      for row in starts.indices { starts[row] = Int64(row * depth) }
    }
    let place = try select(isInside, add(wide, constant(starts)), scalar(Double(places), .int64))
    let amounts = try cast(weights.orElse(filled(1, shape, dataType)), to: dataType)
    let totals = try scatterAdd(
      flatten(amounts), at: flatten(cast(place, to: .int32)), axis: 0, length: places + 1)
    return try reshaped(slice(totals, axis: 0, from: 0, count: places), to: Shape(outer + [depth]))
  }
}
