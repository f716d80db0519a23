import KerasGraph

/// How one node is computed: on row-major tensors in the types and shapes of the node's specs.
package protocol Kernel: Sendable {
  /// One line for people.
  var summary: String { get }
  /// Bytes a run of this kernel may use for itself.
  var scratchByteCount: Int { get }
  /// - Throws: what can only be seen in the numbers: an index outside its axis.
  func run(_ operands: Operands) throws(KerasError)
}

extension Kernel {
  package var scratchByteCount: Int { 0 }
}

/// The memory a kernel reads and writes.
package struct Operands {
  package let inputs: UnsafeBufferPointer<UnsafeMutableRawPointer>
  package let outputs: UnsafeBufferPointer<UnsafeMutableRawPointer>
  package let scratch: UnsafeMutableRawPointer

  /// - Parameter addresses: of the inputs, then of the outputs.
  package init(
    _ addresses: UnsafePointer<UnsafeMutableRawPointer>, inputCount: Int, outputCount: Int,
    scratch: UnsafeMutableRawPointer
  ) {
    inputs = UnsafeBufferPointer(start: addresses, count: inputCount)
    outputs = UnsafeBufferPointer(start: addresses + inputCount, count: outputCount)
    self.scratch = scratch
  }

  func input<Number>(_ position: Int, as type: Number.Type = Number.self) -> UnsafePointer<Number> {
    UnsafePointer(inputs[position].assumingMemoryBound(to: Number.self))
  }

  func output<Number>(_ position: Int = 0, as type: Number.Type = Number.self) -> UnsafeMutablePointer<Number>
  {
    outputs[position].assumingMemoryBound(to: Number.self)
  }
}

// MARK: - Kernels for many types

/// A kernel whose code is the same for every element type, and compiled for each.
protocol ElementKernel: Kernel {
  var dataType: DataType { get }
  func run<E: Element>(_ operands: Operands, _ type: E.Type) throws(KerasError)
}

extension ElementKernel {
  @inline(__always)
  package func run(_ operands: Operands) throws(KerasError) {
    switch dataType {
    case .bool: try run(operands, Bool.self)
    case .uint8: try run(operands, UInt8.self)
    case .int8: try run(operands, Int8.self)
    case .int16: try run(operands, Int16.self)
    case .int32: try run(operands, Int32.self)
    case .int64: try run(operands, Int64.self)
    case .float16: try run(operands, Float16.self)
    case .bfloat16: try run(operands, BFloat16.self)
    case .float32: try run(operands, Float.self)
    case .float64: try run(operands, Double.self)
    }
  }
}

/// A kernel that calculates in float32 or float64; ``EdgeConversionKernel`` brings it 16-bit floats.
protocol RealKernel: Kernel {
  var dataType: DataType { get }
  func run<R: Real>(_ operands: Operands, _ type: R.Type) throws(KerasError)
}

extension RealKernel {
  @inline(__always)
  package func run(_ operands: Operands) throws(KerasError) {
    if dataType == .float64 { try run(operands, Double.self) } else { try run(operands, Float.self) }
  }
}

/// A kernel that only moves elements, of any size.
protocol MovingKernel: Kernel {
  var elementByteCount: Int { get }
  func run<Bits: FixedWidthInteger & UnsignedInteger>(_ operands: Operands, _ type: Bits.Type)
    throws(KerasError)
}

extension MovingKernel {
  @inline(__always)
  package func run(_ operands: Operands) throws(KerasError) {
    switch elementByteCount {
    case 1: try run(operands, UInt8.self)
    case 2: try run(operands, UInt16.self)
    case 4: try run(operands, UInt32.self)
    default: try run(operands, UInt64.self)
    }
  }
}

extension TensorSpec {
  /// The lengths of a shape of which all are known.
  package var lengths: [Int] { shape.compactMap { $0 } }
  package var byteCount: Int { elementCountOf(lengths) * dataType.byteCount }
}
