import KerasGraph

/// Sorts the positions of each line by what stands there, then copies the elements in that order.
struct SortKernel: ElementKernel {
  private let isDescending: Bool
  private let lines: Lines
  let dataType: DataType

  init(_ operation: SortOperation, of spec: TensorSpec) {
    isDescending = operation.isDescending
    lines = Lines(spec.lengths, axis: operation.axis)
    dataType = spec.dataType
  }

  var summary: String { "sort \(lines.length) elements, \(lines.count) times" }

  func run<E: Element>(_ operands: Operands, _ type: E.Type) {
    let (x, y) = (operands.input(0, as: E.self), operands.output(as: E.self))
    let positions = operands.output(1, as: Int32.self)
    var order = [Int32](repeating: 0, count: lines.length)
    var numbers: [E.Number] = []
    lines.forEach { _, start in
      numbers.removeAll(keepingCapacity: true)
      for k in 0..<lines.length {
        numbers.append(x[start + k * lines.inner].number)
        order[k] = Int32(k)
      }
      // A NaN is larger than any number. Positions break ties, so that equal elements keep their order.
      numbers.withUnsafeBufferPointer { numbers in
        order.sort { (a: Int32, b: Int32) -> Bool in
          let (u, v) = isDescending ? (numbers[Int(b)], numbers[Int(a)]) : (numbers[Int(a)], numbers[Int(b)])
          if u < v { return true }
          if v < u { return false }
          return u.isNotANumber == v.isNotANumber ? a < b : v.isNotANumber
        }
      }
      for (k, position) in order.enumerated() {
        y[start + k * lines.inner] = x[start + Int(position) * lines.inner]
        positions[start + k * lines.inner] = position
      }
    }
  }
}
