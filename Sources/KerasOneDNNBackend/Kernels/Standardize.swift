import KerasGraph
import KerasKernels

extension GraphCompiler {
  mutating func compile(_ operation: StandardizeOperation) throws(KerasError) {
    guard node.outputs[0].dataType == .float32, kk_has_vectors() else { return try compilePlainly() }
    let (x, y) = (try operand(0, as: .float32), output)
    let length = x.lengths[x.lengths.count - 1]
    let (rows, epsilon) = (x.elementCount / length, operation.epsilon)
    add("standardize \(x.lengths)", places: [x.place, y.place]) { operands in
      kk_standardize(
        operands[0].assumingMemoryBound(to: Float.self), operands[1].assumingMemoryBound(to: Float.self),
        rows, length,
        epsilon)
    }
  }
}
