import Glibc
import KerasCore

/// Zeros in place of weights that nobody computes with: as many as wanted, and no memory is used for them. (Pages that
/// are only read are all the system's one page of zeros.)
package final class ZeroMemory: Sendable {
  private let start: UInt
  private let byteCount: Int

  /// - Parameter byteCount: of the largest tensor wanted.
  /// - Throws: `libraryFailure` where there are not so many addresses.
  package init(byteCount: Int) throws(KerasError) {
    self.byteCount = max(byteCount, 1)
    let address = mmap(nil, self.byteCount, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    guard let address, address != MAP_FAILED else {
      throw KerasError(.libraryFailure, "There are no addresses for \(byteCount) bytes.")
    }
    start = UInt(bitPattern: address)
  }

  deinit { munmap(UnsafeMutableRawPointer(bitPattern: start), byteCount) }

  /// Another tensor each time, all of the same zeros.
  func tensor(_ spec: TensorSpec) -> Tensor {
    let lengths = spec.shape.known ?? []
    let bytes = UnsafeRawBufferPointer(
      start: UnsafeRawPointer(bitPattern: start), count: elementCountOf(lengths) * spec.dataType.byteCount)
    return Tensor(viewing: bytes, shape: lengths, spec.dataType, owner: self)
  }
}
