import KerasGraph

struct GatherKernel: MovingKernel {
  private let indexing: Indexing
  let elementByteCount: Int
  let summary: String

  init(_ operation: GatherOperation, of x: TensorSpec, at indices: [Int]) {
    indexing = Indexing(operation.kind, axis: operation.axis, whole: x.lengths, indices: indices)
    elementByteCount = x.dataType.byteCount
    summary = "gather \(indexing.count) \(operation.settings) of \(indexing.length)"
  }

  func run<Bits: FixedWidthInteger & UnsignedInteger>(_ operands: Operands, _ type: Bits.Type)
    throws(KerasError)
  {
    let (x, y) = (operands.input(0, as: Bits.self), operands.output(as: Bits.self))
    try indexing.forEachRun(operands.input(1)) { whole, part, count in
      (y + part).update(from: x + whole, count: count)
    }
  }
}
