import KerasGraph

/// Halves the vector until one place is left.
struct SearchSortedKernel: ElementKernel {
  private let passesEqual: Bool
  private let length: Int
  private let count: Int
  let dataType: DataType

  init(_ operation: SearchSortedOperation, in vector: TensorSpec, for values: [Int]) {
    passesEqual = operation.passesEqual
    length = vector.lengths[0]
    count = elementCountOf(values)
    dataType = vector.dataType
  }

  var summary: String { "search \(count) values among \(length)" }

  func run<E: Element>(_ operands: Operands, _ type: E.Type) {
    let (vector, values) = (operands.input(0, as: E.self), operands.input(1, as: E.self))
    let y = operands.output(as: Int32.self)
    for i in 0..<count {
      let value = values[i].number
      var (low, high) = (0, length)
      while low < high {
        let middle = (low + high) / 2
        let isBefore = passesEqual ? vector[middle].number <= value : vector[middle].number < value
        if isBefore { low = middle + 1 } else { high = middle }
      }
      y[i] = Int32(low)
    }
  }
}
