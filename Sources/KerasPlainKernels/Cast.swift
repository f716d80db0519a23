import KerasGraph

/// Converts every element by the rules of ``Tensor/converted(to:)``.
struct CastKernel: Kernel {
  let input: TensorSpec
  let output: TensorSpec

  init(from input: TensorSpec, to output: TensorSpec) {
    self.input = input
    self.output = output
  }

  var summary: String { "cast \(input.dataType) to \(output.dataType)" }

  func run(_ operands: Operands) {
    convert(
      operands.inputs[0], input.dataType, to: operands.outputs[0], output.dataType,
      count: elementCountOf(input.lengths))
  }
}

/// Writes `count` elements at `address` as another type to `target`.
package func convert(
  _ address: UnsafeRawPointer, _ from: DataType, to target: UnsafeMutableRawPointer, _ to: DataType,
  count: Int
) {
  @inline(__always) func map<Source, Target>(_ source: Source.Type, _ element: (Source) -> Target) {
    let (x, y) = (
      address.assumingMemoryBound(to: Source.self), target.assumingMemoryBound(to: Target.self)
    )
    for i in 0..<count { y[i] = element(x[i]) }
  }
  switch (from, to) {
  // What layers ask for most; a truth value is a byte 0 or 1.
  case (.bool, .float32), (.uint8, .float32): map(UInt8.self) { Float($0) }
  case (.int32, .float32): map(Int32.self) { Float($0) }
  case (.int64, .float32): map(Int64.self) { Float($0) }
  case (.bool, .int32), (.uint8, .int32): map(UInt8.self) { Int32($0) }
  case (.int64, .int32): map(Int64.self) { Int32(truncatingIfNeeded: $0) }
  case (.float32, .bool): map(Float.self) { $0 != 0 }
  case (.int32, .bool): map(Int32.self) { $0 != 0 }
  default:
    let bytes = UnsafeRawBufferPointer(start: address, count: count * from.byteCount)
    let tensor = Tensor(viewing: bytes, shape: [count], from, owner: Borrowed())
    tensor.converted(to: to).withUnsafeBytes { target.copyMemory(from: $0) }
  }
}

/// Stands for memory that outlives the tensor viewing it.
package final class Borrowed {
  package init() {}
}
