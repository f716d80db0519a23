import KerasGraph

struct HashKernel: Kernel {
  private let operation: HashOperation
  private let count: Int
  private let isWide: Bool

  init(_ operation: HashOperation, of x: TensorSpec) {
    self.operation = operation
    count = elementCountOf(x.lengths)
    isWide = x.dataType == .int64
  }

  var summary: String { "hash \(count) integers \(operation.settings)" }

  func run(_ operands: Operands) {
    let y = operands.output(as: Int64.self)
    func integer(_ input: Int, _ index: Int) -> Int64 {
      isWide
        ? operands.input(input, as: Int64.self)[index] : Int64(operands.input(input, as: Int32.self)[index])
    }
    for i in 0..<count {
      switch operation.function {
      case .digits(let buckets): y[i] = Int64(buckets.bucket(of: integer(0, i)))
      case .crossed(let buckets):
        let features = operands.inputs.indices.lazy.map { UInt64(bitPattern: integer($0, i)) }
        y[i] = Int64(CrossedBuckets.bucket(of: features, count: buckets))
      }
    }
  }
}
