import KerasLayers

/// What is taken of one axis, as in Python's `x[1:, ..., -1]`.
///
/// ```swift
/// try Ops.slice(x, .all, .from(1), .ellipsis, .at(-1))
/// ```
public enum SliceItem: Hashable, Sendable {
  /// One element; the axis is gone. Negative ones count from the back.
  case at(Int)
  /// Every `step`-th element from `start` up to, but without, `end`. Nil means as far as there is something; negative
  /// positions count from the back, a negative step goes backwards.
  case range(_ start: Int?, _ end: Int?, step: Int = 1)
  /// All axes that the other items leave.
  case ellipsis
  /// A new axis of length 1.
  case newAxis

  /// The whole axis: `:`
  public static let all = SliceItem.range(nil, nil)
  /// `start:`
  public static func from(_ start: Int) -> SliceItem { .range(start, nil) }
  /// `:end`
  public static func to(_ end: Int) -> SliceItem { .range(nil, end) }
}

extension SliceItem {
  /// As Keras 3 stores it.
  var json: JSON {
    switch self {
    case .at(let position): .integer(position)
    case .range(let start, let end, let step):
      [
        "class_name": "__slice__",
        "config": ["start": JSON(start), "stop": JSON(end), "step": step == 1 ? .null : .integer(step)],
      ]
    case .ellipsis: ["class_name": "__ellipsis__", "config": [:]]
    case .newAxis: .null
    }
  }

  /// The items of a key: one, or a list of them.
  static func items(_ key: JSON) throws(KerasError) -> [SliceItem] {
    var items: [SliceItem] = []
    for element in key.array ?? [key] { items.append(try SliceItem(element)) }
    return items
  }

  private init(_ json: JSON) throws(KerasError) {
    if json.isNull {
      self = .newAxis
    } else if let position = json.integer {
      self = .at(position)
    } else if json["class_name"]?.string == "__ellipsis__" {
      self = .ellipsis
    } else {
      let bounds = Configuration(json["config"]?.object ?? [:], of: "slice")
      guard json["class_name"]?.string == "__slice__" else {
        throw KerasError(
          .unsupported, "A tensor is sliced by numbers and ranges, found \(json.excerpt).",
          remedy: "use Ops.take for positions that a tensor says.")
      }
      self = try .range(
        bounds.integer("start"), bounds.integer("stop"), step: bounds.integer("step", default: 1))
    }
  }

  /// The positions `start`, `start + step` … `count` of them, along an axis of `length`, by Python's rules.
  fileprivate static func positions(
    _ start: Int?, _ end: Int?, step: Int, of length: Int
  ) throws(KerasError) -> (start: Int, count: Int) {
    guard step != 0, step != .min else {
      throw KerasError(.invalidArgument, "A slice needs a step that is not 0, found \(step).")
    }
    let (lowest, highest) = step > 0 ? (0, length) : (-1, length - 1)
    func clamped(_ position: Int) -> Int {
      Swift.min(Swift.max(position < 0 ? position + length : position, lowest), highest)
    }
    let first = start.map(clamped) ?? (step > 0 ? lowest : highest)
    let last = end.map(clamped) ?? (step > 0 ? highest : lowest)
    let distance = step > 0 ? last - first : first - last
    return (first, distance <= 0 ? 0 : (distance - 1) / abs(step) + 1)
  }
}

extension GraphBuilder {
  /// What `items` take of the axes of `x`, one after the other; axes behind the last item are taken whole.
  func items(of x: Value, _ items: [SliceItem]) throws(KerasError) -> Value {
    let shape = shape(of: x)
    let taking = items.count { $0 != .newAxis && $0 != .ellipsis }
    guard taking <= shape.rank, items.count(where: { $0 == .ellipsis }) <= 1 else {
      throw KerasError(.shapeMismatch, "\(shape) has not as many axes as \(taking) items of a slice take.")
    }
    let rest = [SliceItem](repeating: .all, count: shape.rank - taking)
    var complete = items
    if let ellipsis = items.firstIndex(of: .ellipsis) {
      complete.replaceSubrange(ellipsis...ellipsis, with: rest)
    } else {
      complete += rest
    }

    var result: [Int?] = []
    var (starts, ends, steps, reversed): ([Int], [Int], [Int], [Int]) = ([], [], [], [])
    var isKnown = true
    for item in complete {
      let axis = starts.count
      func take(_ start: Int, _ count: Int, _ step: Int) {
        starts.append(count == 0 ? 0 : start)
        ends.append(count == 0 ? 0 : start + (count - 1) * step + 1)
        steps.append(step)
      }
      switch item {
      case .newAxis: result.append(1)
      case .ellipsis: break
      case .at(let position):
        guard let length = shape[axis] else {
          isKnown = false
          take(0, 0, 1)
          continue
        }
        let resolved = position < 0 ? position + length : position
        guard (0..<length).contains(resolved) else {
          throw KerasError(
            .invalidArgument, "There is no element \(position) along axis \(axis) of \(shape).")
        }
        take(resolved, 1, 1)
      case .range(let start, let end, let step):
        guard let length = shape[axis] else {
          isKnown = false
          result.append(nil)
          take(0, 0, 1)
          continue
        }
        let (first, count) = try SliceItem.positions(start, end, step: step, of: length)
        if step < 0 { reversed.append(axis) }
        take(step < 0 ? length - 1 - first : first, count, abs(step))
        result.append(count)
      }
    }
    guard isKnown else { return placeholder(TensorSpec(Shape(result), spec(of: x).dataType)) }
    let turned = reversed.isEmpty ? x : try reverse(x, axes: reversed)
    return try reshaped(slice(turned, starts: starts, ends: ends, strides: steps), to: Shape(result))
  }

  /// `lengths[i]` elements from `starts[i]` along each axis; -1 for all that follow.
  func slice(_ x: Value, starts: [Int], lengths: [Int]) throws(KerasError) -> Value {
    guard starts.count == lengths.count, lengths.count == shape(of: x).rank,
      zip(starts, lengths).allSatisfy({ $0 >= 0 && $1 >= -1 && !$0.addingReportingOverflow($1).overflow })
    else {
      throw KerasError(
        .invalidArgument,
        "slice needs a start from 0 and a length for each axis of \(shape(of: x)), found \(starts) and \(lengths)."
      )
    }
    var result = x
    for (axis, (start, length)) in zip(starts, lengths).enumerated() {
      result = try slice(result, axis: axis, from: start, count: length == -1 ? nil : length)
    }
    return result
  }
}
