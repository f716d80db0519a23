import KerasGraph
import KerasKernels

extension GraphCompiler {
  mutating func compile(_ operation: CastOperation) throws(KerasError) {
    addConversion(from: input(0), to: output)
  }

  /// Between float32 and bfloat16, and from bytes, with kernels; the rest, which is rare, by
  /// ``Tensor/converted(to:)``.
  mutating func addConversion(from x: Tensor, to y: Tensor) {
    let (count, from, to) = (x.elementCount, x.type, y.type)
    let floats: Set<DataType> = [.float32, .bfloat16]
    let convert: Kernel.Function
    if floats.contains(from), floats.contains(to) {
      let (from, to) = (kernelType(from), kernelType(to))
      convert = { kk_convert($0[0], from, $0[1], to, count) }
    } else if from == .uint8, to == .float32 {
      convert = { operands in
        let x = operands[0].assumingMemoryBound(to: UInt8.self)
        let y = operands[1].assumingMemoryBound(to: Float.self)
        for i in 0..<count { y[i] = Float(x[i]) }
      }
    } else {
      convert = { operands in
        let bytes = UnsafeRawBufferPointer(start: operands[0], count: count * from.byteCount)
        let tensor = KerasCore.Tensor(viewing: bytes, shape: [count], from, owner: Borrowed())
        tensor.converted(to: to).withUnsafeBytes {
          if let source = $0.baseAddress { operands[1].copyMemory(from: source, byteCount: $0.count) }
        }
      }
    }
    add("\(from) → \(to) \(x.lengths)", places: [x.place, y.place], convert)
  }
}

/// Stands for memory that outlives the tensor viewing it.
private final class Borrowed {}
