import KerasGraph
import KerasKernels
import KerasPlainKernels

extension GraphCompiler {
  mutating func compile(_ operation: CastOperation) throws(KerasError) {
    addConversion(from: input(0), to: output)
  }

  /// Between float32 and bfloat16 with kernels on all threads; the rest, which is rare, plainly.
  mutating func addConversion(from x: Tensor, to y: Tensor) {
    let (count, from, to) = (x.elementCount, x.type, y.type)
    let floats: Set<DataType> = [.float32, .bfloat16]
    let convert: Kernel.Function
    if floats.contains(from), floats.contains(to) {
      let (from, to) = (kernelType(from), kernelType(to))
      convert = { kk_convert($0[0], from, $0[1], to, count) }
    } else {
      convert = { KerasPlainKernels.convert($0[0], from, to: $0[1], to, count: count) }
    }
    add(
      "\(from) → \(to) \(x.lengths)", places: [x.place, y.place],
      part: Part(operation: "cast", byteCount: x.byteCount + y.byteCount), convert)
  }
}
