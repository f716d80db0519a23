import KerasGraph

/// A comparison of two numbers; a stretched axis is read with stride 0.
struct CompareKernel: ElementKernel {
  private let function: CompareOperation.Function
  /// Over the output, the first operand and the second.
  private let loop: LoopNest
  /// Of what is compared.
  let dataType: DataType

  init(_ operation: CompareOperation, _ a: TensorSpec, _ b: TensorSpec, output: [Int]) {
    function = operation.function
    loop = LoopNest(
      joining: output,
      strides: [
        rowMajorStrides(output), broadcastStrides(a.lengths, to: output),
        broadcastStrides(b.lengths, to: output),
      ])
    dataType = a.dataType
  }

  var summary: String { "\(function.rawValue) in rows of \(loop.rowLength)" }

  func run<E: Element>(_ operands: Operands, _ type: E.Type) {
    @inline(__always) func map(_ function: (E.Number, E.Number) -> Bool) {
      loop.forEachPair(operands, as: E.self) { a, b, y in y.pointee = function(a.number, b.number) }
    }
    switch function {
    case .equal: map { $0 == $1 }
    case .notEqual: map { $0 != $1 }
    case .less: map { $0 < $1 }
    case .lessEqual: map { $0 <= $1 }
    case .greater: map { $0 > $1 }
    case .greaterEqual: map { $0 >= $1 }
    }
  }
}
