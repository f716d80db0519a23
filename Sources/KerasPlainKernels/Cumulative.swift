import KerasGraph

/// Walks each line and stores what has gathered so far; sums and products are kept as Double.
struct CumulativeKernel: ElementKernel {
  private let operation: CumulativeOperation
  private let lines: Lines
  let dataType: DataType

  init(_ operation: CumulativeOperation, of spec: TensorSpec) {
    self.operation = operation
    lines = Lines(spec.lengths, axis: operation.axis)
    dataType = spec.dataType
  }

  var summary: String { "cumulative \(operation.settings) of \(lines.length) elements, \(lines.count) times" }

  func run<E: Element>(_ operands: Operands, _ type: E.Type) {
    typealias Sum = E.Number.Sum
    switch operation.function {
    case .sum: gather(operands, E.self, from: Sum.zero) { $0.added(to: $1) }
    case .product: gather(operands, E.self, from: Sum.one) { $0.multiplied(with: $1) }
    case .maximum: gather(operands, E.self, from: Sum.lowest) { $0.larger($1) }
    case .minimum: gather(operands, E.self, from: Sum.highest) { $0.smaller($1) }
    }
  }

  @inline(__always)
  private func gather<E: Element>(
    _ operands: Operands, _ type: E.Type, from first: E.Number.Sum,
    _ combine: (E.Number.Sum, E.Number.Sum) -> E.Number.Sum
  ) {
    let (x, y) = (operands.input(0, as: E.self), operands.output(as: E.self))
    lines.forEach { _, start in
      var gathered = first
      for step in 0..<lines.length {
        let place = start + (operation.isReversed ? lines.length - 1 - step : step) * lines.inner
        let next = combine(gathered, x[place].number.wide)
        y[place] = E(rounding: E.Number(narrowing: operation.isExclusive ? gathered : next))
        gathered = next
      }
    }
  }
}
