import KerasGraph
import KerasKernels

extension GraphCompiler {
  mutating func compile(_ operation: SoftmaxOperation) throws(KerasError) {
    let (x, y) = (try number(0), output)
    let outer = x.lengths[..<operation.axis].reduce(1, *)
    let inner = x.lengths[(operation.axis + 1)...].reduce(1, *)
    let (length, from, to) = (x.lengths[operation.axis], kernelType(x.type), kernelType(y.type))
    add("softmax \(x.lengths)", places: [x.place, y.place]) { operands in
      kk_softmax(operands[0], from, operands[1], to, outer, length, inner)
    }
  }
}
