import KerasGraph
import KerasKernels

extension GraphCompiler {
  /// Neighbouring axes are reduced together; what is left goes run by run, from the last to the first.
  mutating func compile(_ operation: ReductionOperation) throws(KerasError) {
    let y = output
    var x = try number(0)
    var lengths = x.lengths
    var runs = Self.runs(of: operation.axes)
    if runs.isEmpty { runs = [0..<0] }
    for (index, run) in runs.enumerated().reversed() {
      let plan = ReductionShape(of: run, in: lengths)
      lengths.replaceSubrange(run, with: [Int](repeating: 1, count: run.count))
      let target =
        index == 0 ? y : Tensor(place: scratch(plan.resultCount * 4), lengths: lengths, type: .float32)
      addReduction(operation.function, plan, from: x, to: target)
      x = target
    }
  }

  /// Reduces the middle axis of a tensor that is seen as one of three.
  mutating func addReduction(
    _ function: ReductionOperation.Function, _ shape: ReductionShape, from x: Tensor, to y: Tensor,
    part: Part? = nil,
    summary: String? = nil
  ) {
    let (plan, from) = (shape.plan(of: function, storedAs: kernelType(y.type)), kernelType(x.type))
    let scratch = scratch(for: plan)
    add(summary ?? "\(function) of \(shape)", places: [x.place, y.place, scratch], part: part) { operands in
      withUnsafePointer(to: plan) {
        kk_reduce($0, operands[0], from, operands[1], operands[2].assumingMemoryBound(to: Float.self))
      }
    }
  }

  mutating func scratch(for plan: kk_reduction_plan) -> Place {
    scratch(withUnsafePointer(to: plan) { kk_reduction_scratch_count($0) } * 4)
  }

  /// Ascending axes as ranges of neighbours.
  static func runs(of axes: [Int]) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    for axis in axes {
      if let last = runs.last, last.upperBound == axis {
        runs[runs.count - 1] = last.lowerBound..<(axis + 1)
      } else {
        runs.append(axis..<(axis + 1))
      }
    }
    return runs
  }
}

/// A tensor whose neighbouring axes `run` are reduced, as one of three axes.
struct ReductionShape: CustomStringConvertible {
  let outer, count, inner: Int

  init(of run: Range<Int>, in lengths: [Int]) {
    outer = lengths[..<run.lowerBound].reduce(1, *)
    count = lengths[run].reduce(1, *)
    inner = lengths[run.upperBound...].reduce(1, *)
  }

  var resultCount: Int { outer * inner }
  var description: String { "[\(outer), \(count), \(inner)]" }

  func plan(of function: ReductionOperation.Function, storedAs type: kk_type) -> kk_reduction_plan {
    kk_reduction_plan(r: kk_reduction(function), outer: outer, n: count, inner: inner, y_type: type)
  }
}

extension kk_reduction {
  fileprivate init(_ function: ReductionOperation.Function) {
    self =
      switch function {
      case .sum: KK_SUM
      case .mean: KK_MEAN
      case .maximum: KK_HIGHEST
      case .minimum: KK_LOWEST
      case .product: KK_PRODUCT
      }
  }
}
