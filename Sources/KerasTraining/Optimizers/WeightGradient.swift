import KerasGraph
import KerasLayers

/// A weight's gradient, and where it came from if rows were looked up in the weight.
///
/// Keras on TensorFlow keeps the gradient of an `Embedding` as one row for each look-up (`IndexedSlices`), and squares,
/// clips and measures these rows, not their sums: a row that is looked up twice has the square of the one plus the
/// square of the other. So do we; everything linear is computed on the sum.
struct WeightGradient {
  /// The gradient itself.
  private(set) var dense: RecordedValue
  /// Rows that add up to it; nil where it is nothing but itself.
  private var rows: [Rows]?

  private struct Rows {
    var values: RecordedValue
    let indices: Value
    let length: Int?

    /// Their sums at their places.
    var sum: RecordedValue {
      values.then { (graph, x) throws(KerasError) in try graph.scatterAdd(x, at: indices, length: length) }
    }
  }

  init(_ value: Value, of variable: Variable, in graph: GraphBuilder) {
    dense = graph[value].cast(to: variable.dataType)
    rows = graph.spec(of: value).dataType == variable.dataType ? Self.rows(of: value, in: graph) : nil
  }

  /// A value without rows.
  init(dense: RecordedValue) { self.dense = dense }

  /// The look-ups whose gradient this is, if it is nothing else.
  private static func rows(of value: Value, in graph: GraphBuilder) -> [Rows]? {
    let node = graph.graph.nodes[value.node]
    switch node.operation {
    case .scatterAdd(let operation) where operation.axis == 0 && operation.kind == .slices:
      return [Rows(values: graph[node.inputs[0]], indices: node.inputs[1], length: operation.length)]
    case .binary(let operation) where operation.function == .add:
      guard let first = rows(of: node.inputs[0], in: graph), let second = rows(of: node.inputs[1], in: graph)
      else {
        return nil
      }
      return first + second
    default: return nil
    }
  }

  /// Times a factor.
  func scaled(by factor: RecordedValue) -> WeightGradient { changed { $0 * factor } }
  func scaled(by factor: Double) -> WeightGradient { changed { $0 * factor } }

  private func changed(_ linear: (RecordedValue) -> RecordedValue) -> WeightGradient {
    var changed = self
    changed.dense = linear(dense)
    changed.rows = rows?.map { Rows(values: linear($0.values), indices: $0.indices, length: $0.length) }
    return changed
  }

  /// Cut to an interval around 0.
  func clipped(to limit: Double) -> WeightGradient {
    guard let rows else { return WeightGradient(dense: dense.clipped(-limit, limit)) }
    var changed = self
    let cut = rows.map {
      Rows(values: $0.values.clipped(-limit, limit), indices: $0.indices, length: $0.length)
    }
    changed.rows = cut
    changed.dense = Self.sum(cut) { $0 } ?? dense
    return changed
  }

  /// The squares, of rows added up.
  var squared: RecordedValue { rows.flatMap { Self.sum($0, \.squared) } ?? dense.squared }

  /// The sizes, of rows added up.
  var magnitude: RecordedValue { rows.flatMap { Self.sum($0, \.magnitude) } ?? dense.magnitude }

  /// The sum of all squares.
  var squaredNorm: RecordedValue {
    guard let rows, let first = rows.first else { return dense.squared.total() }
    return rows.dropFirst().reduce(first.values.squared.total()) { $0 + $1.values.squared.total() }
  }

  private static func sum(_ rows: [Rows], _ function: (RecordedValue) -> RecordedValue) -> RecordedValue? {
    let sums = rows.map { Rows(values: function($0.values), indices: $0.indices, length: $0.length).sum }
    return sums.dropFirst().reduce(sums.first) { sum, next in sum.map { $0 + next } }
  }
}
