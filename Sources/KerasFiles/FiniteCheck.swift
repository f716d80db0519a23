import KerasCore

extension Tensor {
  /// Whether every element is a number: neither NaN nor infinite. Integers always are.
  ///
  /// Reads all elements once, at the speed of memory.
  package var isFinite: Bool {
    switch dataType {
    case .float32: return withUnsafeBytes { !hasExponent($0, of: UInt32.self, 0x7F80_0000) }
    case .float64: return withUnsafeBytes { !hasExponent($0, of: UInt64.self, 0x7FF0_0000_0000_0000) }
    case .float16: return withUnsafeBytes { !hasExponent($0, of: UInt16.self, 0x7C00) }
    case .bfloat16: return withUnsafeBytes { !hasExponent($0, of: UInt16.self, 0x7F80) }
    default: return true
    }
  }
}

/// Whether any float has all bits of `exponent` set, as NaN and infinities do: the largest one tells.
///
/// A maximum of integers without branches is what the compiler turns into vector instructions.
@inline(__always)
private func hasExponent<Bits: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
  _ bytes: UnsafeRawBufferPointer, of type: Bits.Type, _ exponent: Bits
) -> Bool {
  let elements = bytes.assumingMemoryBound(to: Bits.self)
  var largest: Bits = 0
  for i in elements.indices { largest = max(largest, elements[i] & exponent) }
  return largest == exponent
}
