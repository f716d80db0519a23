import KerasGraph

/// Visits every element once and gathers it into its result; sums and products are kept as Double, of integers
/// as `Int64`. A mean of integers is rounded towards zero.
struct ReductionKernel: ElementKernel {
  private let function: ReductionOperation.Function
  /// Over the input and the results; along a reduced axis the result stays.
  private let loop: LoopNest
  private let resultCount: Int
  /// How many elements make one result.
  private let gatheredCount: Int
  let dataType: DataType

  init(_ operation: ReductionOperation, of spec: TensorSpec) {
    function = operation.function
    dataType = spec.dataType
    let input = spec.lengths
    let kept = input.indices.map { operation.axes.contains($0) ? 1 : input[$0] }
    let resultStrides = zip(input.indices, rowMajorStrides(kept)).map { operation.axes.contains($0) ? 0 : $1 }
    loop = LoopNest(joining: input, strides: [rowMajorStrides(input), resultStrides])
    resultCount = elementCountOf(kept)
    gatheredCount = operation.axes.reduce(1) { $0 * input[$1] }
  }

  var summary: String { "\(function.rawValue) of \(gatheredCount) elements, \(resultCount) times" }
  var scratchByteCount: Int { resultCount * MemoryLayout<Double>.stride }

  func run<E: Element>(_ operands: Operands, _ type: E.Type) {
    typealias Sum = E.Number.Sum
    let results = operands.scratch.bindMemory(to: Sum.self, capacity: resultCount)
    let x = operands.input(0, as: E.self)
    switch function {
    case .sum, .mean: gather(x, results, from: .zero) { $0.added(to: $1) }
    case .product: gather(x, results, from: .one) { $0.multiplied(with: $1) }
    case .maximum: gather(x, results, from: Sum.lowest) { $0.larger($1) }
    case .minimum: gather(x, results, from: Sum.highest) { $0.smaller($1) }
    }
    let y = operands.output(as: E.self)
    let divisor = Sum(count: gatheredCount)
    for i in 0..<resultCount {
      y[i] = E(
        rounding: E.Number(narrowing: function == .mean ? results[i].divided(by: divisor) : results[i]))
    }
  }

  @inline(__always)
  private func gather<E: Element>(
    _ input: UnsafePointer<E>, _ results: UnsafeMutablePointer<E.Number.Sum>, from start: E.Number.Sum,
    _ combine: (E.Number.Sum, E.Number.Sum) -> E.Number.Sum
  ) {
    results.update(repeating: start, count: resultCount)
    let (inputStride, resultStride) = (loop.rowStrides[0], loop.rowStrides[1])
    loop.forEachRow { offsets in
      let (row, results) = (input + offsets[0], results + offsets[1])
      if resultStride == 0 {
        var gathered = results[0]
        for i in 0..<loop.rowLength { gathered = combine(gathered, row[i * inputStride].number.wide) }
        results[0] = gathered
      } else {
        for i in 0..<loop.rowLength {
          results[i * resultStride] = combine(results[i * resultStride], row[i * inputStride].number.wide)
        }
      }
    }
  }
}
