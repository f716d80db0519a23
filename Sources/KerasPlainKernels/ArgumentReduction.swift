import KerasGraph

/// Walks each line and keeps the position of the best so far; a NaN is better than any number.
struct ArgumentReductionKernel: ElementKernel {
  private let function: ArgumentReductionOperation.Function
  private let lines: Lines
  let dataType: DataType

  init(_ operation: ArgumentReductionOperation, of spec: TensorSpec) {
    function = operation.function
    lines = Lines(spec.lengths, axis: operation.axis)
    dataType = spec.dataType
  }

  var summary: String {
    "position of the \(function.rawValue) of \(lines.length) elements, \(lines.count) times"
  }

  func run<E: Element>(_ operands: Operands, _ type: E.Type) {
    switch function {
    case .maximum: search(operands, E.self) { $0 > $1 }
    case .minimum: search(operands, E.self) { $0 < $1 }
    }
  }

  @inline(__always)
  private func search<E: Element>(
    _ operands: Operands, _ type: E.Type, _ isBetter: (E.Number, E.Number) -> Bool
  ) {
    let (x, y) = (operands.input(0, as: E.self), operands.output(as: Int32.self))
    lines.forEach { line, start in
      var (best, position) = (x[start].number, 0)
      for k in 1..<lines.length {
        let number = x[start + k * lines.inner].number
        if isBetter(number, best) || number.isNotANumber && !best.isNotANumber {
          (best, position) = (number, k)
        }
      }
      y[line] = Int32(position)
    }
  }
}
