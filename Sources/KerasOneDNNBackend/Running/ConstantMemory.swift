import Glibc
import KerasGraph

/// Numbers that a program keeps: packed weights, biases, statistics. Written once, before they are shared.
final class ConstantMemory: @unchecked Sendable {
  let address: UnsafeMutableRawPointer
  let byteCount: Int
  /// The piece it was cut from; nil when it stands alone.
  private let piece: MemoryPiece?

  fileprivate init(_ address: UnsafeMutableRawPointer, byteCount: Int, of piece: MemoryPiece?) {
    self.address = address
    self.byteCount = byteCount
    self.piece = piece
  }

  deinit {
    if piece == nil { address.deallocate() }
  }
}

/// What a program keeps of a constant: programs that keep the same share one memory.
struct KeptConstant: Hashable, Sendable {
  enum Form: Hashable, Sendable {
    /// As the graph has it.
    case plain
    /// Reordered, and multiplied by a scale (bit patterns) along the axes in a bit set.
    case layout(stored: MemoryDescriptor, packed: MemoryDescriptor, scale: [UInt32], scaledAxes: Int32)
    case winograd(scale: [UInt32]?, isTransposed: Bool)
    case direct(scale: [UInt32]?, isTransposed: Bool)
    case recurrent(RecurrentCell)
    case recurrentGradient(RecurrentCell)
    /// `gamma / √(variance + epsilon)`, of gamma.
    case normalization(variance: ConstantIdentity, epsilon: Float)
  }
  let constant: ConstantIdentity
  let form: Form
}

/// Gives out memory for constants, cut from large pieces in huge pages: the system hands those over much
/// faster than the thousands of small pages that weights would else need, and kernels find them faster.
final class ConstantAllocator {
  private static let pieceByteCount = 64 << 20
  private let usesPieces: Bool
  private var piece: MemoryPiece?
  private var used = 0

  /// - Parameter byteCount: about what all constants take; little of it is not worth a huge page.
  init(expecting byteCount: Int) { usesPieces = byteCount >= 4 << 20 }

  /// The memory that another program keeps already, or new memory that `fill` fills.
  func memory<Failure: Error>(
    for key: KeptConstant, byteCount: Int, fill: (UnsafeMutableRawPointer) throws(Failure) -> Void
  ) throws(Failure) -> ConstantMemory {
    try Self.kept.object(for: key) { () throws(Failure) in
      let memory = allocate(byteCount)
      try fill(memory.address)
      return memory
    }
  }

  /// A copy, so that the memory (perhaps a mapped file) behind a constant need not be kept.
  func copy(of constant: ConstantOperation) -> ConstantMemory {
    memory(for: KeptConstant(constant: constant.identity, form: .plain), byteCount: constant.tensor.byteCount)
    {
      address in
      constant.tensor.withUnsafeBytes { bytes in
        if let source = bytes.baseAddress { address.copyMemory(from: source, byteCount: bytes.count) }
      }
    }
  }

  private static let kept = SharedObjects<KeptConstant, ConstantMemory>()

  private func allocate(_ byteCount: Int) -> ConstantMemory {
    let size = MemoryPlan.aligned(max(byteCount, 1))
    if usesPieces, piece.map({ used + size > $0.byteCount }) ?? true {
      piece = MemoryPiece(byteCount: max(size, Self.pieceByteCount))
      used = 0
    }
    guard let piece else {
      return ConstantMemory(.allocate(byteCount: size, alignment: 64), byteCount: byteCount, of: nil)
    }
    defer { used += size }
    return ConstantMemory(piece.address + used, byteCount: byteCount, of: piece)
  }
}

/// Address space, of which the system backs what is touched.
private final class MemoryPiece {
  private static let hugePage = 2 << 20
  let address: UnsafeMutableRawPointer
  let byteCount: Int
  private let mapping: UnsafeMutableRawPointer

  /// Nil when the system has no more.
  init?(byteCount: Int) {
    let length = byteCount + Self.hugePage
    guard
      let mapping = mmap(
        nil, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0),
      mapping != MAP_FAILED
    else { return nil }
    self.mapping = mapping
    self.byteCount = byteCount
    address = mapping.alignedUp(toMultipleOf: Self.hugePage)
    madvise(address, byteCount, MADV_HUGEPAGE)
  }

  deinit { munmap(mapping, byteCount + Self.hugePage) }
}
