import KerasGraph

/// Visits every element once and gathers it into its result; sums and products are kept as Double.
struct ReductionKernel: Kernel {
  private let function: ReductionOperation.Function
  /// Over the input and the results; along a reduced axis the result stays.
  private let loop: StridedLoop
  private let resultCount: Int
  /// How many elements make one result.
  private let gatheredCount: Int

  init(_ operation: ReductionOperation, of input: [Int]) {
    function = operation.function
    let kept = input.indices.map { operation.axes.contains($0) ? 1 : input[$0] }
    let resultStrides = zip(input.indices, rowMajorStrides(kept)).map { operation.axes.contains($0) ? 0 : $1 }
    loop = StridedLoop(input, strides: [rowMajorStrides(input), resultStrides])
    resultCount = elementCountOf(kept)
    gatheredCount = operation.axes.reduce(1) { $0 * input[$1] }
  }

  var summary: String { "\(function.rawValue) of \(gatheredCount) elements, \(resultCount) times" }
  var scratchByteCount: Int { resultCount * MemoryLayout<Double>.stride }

  func run(_ operands: Operands) {
    let results = operands.scratch.bindMemory(to: Double.self, capacity: resultCount)
    switch function {
    case .sum, .mean: gather(operands.input(0), results, from: 0) { $0 + $1 }
    case .product: gather(operands.input(0), results, from: 1) { $0 * $1 }
    case .maximum: gather(operands.input(0), results, from: -.infinity) { $0 > $1 || $0.isNaN ? $0 : $1 }
    case .minimum: gather(operands.input(0), results, from: .infinity) { $0 < $1 || $0.isNaN ? $0 : $1 }
    }
    let divisor = function == .mean ? Double(gatheredCount) : 1
    for i in 0..<resultCount { operands.result[i] = Float(results[i] / divisor) }
  }

  @inline(__always)
  private func gather(
    _ input: UnsafePointer<Float>, _ results: UnsafeMutablePointer<Double>, from start: Double,
    _ combine: (Double, Double) -> Double
  ) {
    results.update(repeating: start, count: resultCount)
    let (inputStride, resultStride) = (loop.rowStrides[0], loop.rowStrides[1])
    loop.forEachRow { offsets in
      let (row, results) = (input + offsets[0], results + offsets[1])
      if resultStride == 0 {
        var gathered = results[0]
        for i in 0..<loop.rowLength { gathered = combine(gathered, Double(row[i * inputStride])) }
        results[0] = gathered
      } else {
        for i in 0..<loop.rowLength {
          results[i * resultStride] = combine(results[i * resultStride], Double(row[i * inputStride]))
        }
      }
    }
  }
}
