import KerasGraph

/// Adds in the order of the indices, so that sums are the same every time.
struct ScatterAddKernel: ElementKernel {
  private let indexing: Indexing
  private let resultCount: Int
  private let clear: @Sendable (UnsafeMutableRawPointer, Int) -> Void
  let dataType: DataType
  let summary: String

  init(_ operation: ScatterAddOperation, at indices: [Int], output: TensorSpec, _ context: KernelContext) {
    indexing = Indexing(operation.kind, axis: operation.axis, whole: output.lengths, indices: indices)
    resultCount = elementCountOf(output.lengths)
    clear = context.clear
    dataType = output.dataType
    summary = "add \(indexing.count) \(operation.settings)"
  }

  func run<E: Element>(_ operands: Operands, _ type: E.Type) throws(KerasError) {
    let (updates, y) = (operands.input(0, as: E.self), operands.output(as: E.self))
    clear(y, resultCount * MemoryLayout<E>.stride)
    try indexing.forEachRun(operands.input(1)) { whole, part, count in
      let (target, source) = (y + whole, updates + part)
      for i in 0..<count { target[i] = E(rounding: target[i].number.added(to: source[i].number)) }
    }
  }
}
