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

/// Whether any float has all bits of `exponent` set, as NaN and infinities do.
///
/// Comparing for equality, without branches, is what every x86-64 and ARM can do to many elements at once.
@inline(__always)
private func hasExponent<Bits: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
  _ bytes: UnsafeRawBufferPointer, of type: Bits.Type, _ exponent: Bits
) -> Bool {
  let elements = bytes.assumingMemoryBound(to: Bits.self)
  var found: Bits = 0
  for i in 0..<elements.count { found |= elements[i] & exponent == exponent ? .max : 0 }
  return found != 0
}
