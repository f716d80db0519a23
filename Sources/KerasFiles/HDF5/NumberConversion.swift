import KerasCore

/// A tensor of the numbers stored in `bytes`, copied and brought into this machine's form: byte order,
/// Booleans as 0 and 1, unsigned integers as wider signed ones. Nil for `uint64`.
func numbers(
  _ bytes: UnsafeRawBufferPointer, _ number: HDF5Datatype.Number, bigEndian: Bool, shape: [Int]
) -> Tensor? {
  guard let dataType = number.dataType else { return nil }
  return Tensor(uninitialized: shape, dataType) { output in
    switch number {
    case .bool: for i in 0..<bytes.count { output[i] = bytes[i] == 0 ? 0 : 1 }
    case .uint16: widen(bytes, UInt16.self, to: Int32.self, bigEndian, output)
    case .uint32: widen(bytes, UInt32.self, to: Int64.self, bigEndian, output)
    default:
      switch bigEndian ? number.byteCount : 1 {
      case 2: widen(bytes, UInt16.self, to: UInt16.self, bigEndian, output)
      case 4: widen(bytes, UInt32.self, to: UInt32.self, bigEndian, output)
      case 8: widen(bytes, UInt64.self, to: UInt64.self, bigEndian, output)
      default: output.copyMemory(from: bytes)
      }
    }
  }
}

@inline(__always)
private func widen<Stored: FixedWidthInteger & BitwiseCopyable, Wide: FixedWidthInteger>(
  _ bytes: UnsafeRawBufferPointer, _ stored: Stored.Type, to wide: Wide.Type, _ bigEndian: Bool,
  _ output: UnsafeMutableRawBufferPointer
) {
  let elements = output.bindMemory(to: Wide.self)
  for i in 0..<elements.count {
    let bits = bytes.loadUnaligned(fromByteOffset: i * MemoryLayout<Stored>.size, as: Stored.self)
    elements[i] = Wide(truncatingIfNeeded: bigEndian ? Stored(bigEndian: bits) : Stored(littleEndian: bits))
  }
}
