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
      let outer = lengths[..<run.lowerBound].reduce(1, *)
      let count = lengths[run].reduce(1, *)
      let inner = lengths[run.upperBound...].reduce(1, *)
      lengths.replaceSubrange(run, with: [Int](repeating: 1, count: run.count))
      let target =
        index == 0 ? y : Tensor(place: scratch(outer * inner * 4), lengths: lengths, type: .float32)
      let (function, from, to) = (
        kk_reduction(operation.function), kernelType(x.type), kernelType(target.type)
      )
      add("\(operation.function) of [\(outer), \(count), \(inner)]", places: [x.place, target.place]) {
        operands in
        kk_reduce(function, operands[0], from, operands[1], to, outer, count, inner)
      }
      x = target
    }
  }

  /// Ascending axes as ranges of neighbours.
  private static func runs(of axes: [Int]) -> [Range<Int>] {
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
