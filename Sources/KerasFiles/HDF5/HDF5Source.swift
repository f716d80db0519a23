import KerasCore
import Synchronization

/// The bytes of an HDF5 file and what has been understood of them so far.
///
/// Every structure is read once and kept by its address. A genuine file has room for all it contains, so the
/// number of things read is bounded by the file's size: a hostile one that refers to the same bytes again and
/// again runs out of budget instead of out of time or memory.
final class HDF5Source: Sendable {
  let file: FileContents
  private let parsed: Mutex<ParsedStructures>

  private struct ParsedStructures {
    var headers: [UInt64: ObjectHeader] = [:]
    var links: [UInt64: LinkTable] = [:]
    var attributes: [UInt64: AttributeTable] = [:]
    var heaps: [UInt64: GlobalHeap] = [:]
    /// How many more messages, names and heap objects this file can hold.
    var budget: Int
  }

  init(_ file: FileContents) {
    self.file = file
    // The smallest of them, a header message of the newer layout, takes 4 bytes. Threads that meet may read a
    // structure twice, so that small files get some more.
    parsed = Mutex(ParsedStructures(budget: max(file.bytes.count / 4, 1 << 16)))
  }

  /// A cursor over `byteCount` bytes at `address`.
  func cursor(
    at address: UInt64, _ byteCount: UInt64, _ structure: StaticString
  ) throws(KerasError) -> ByteCursor {
    ByteCursor(try bytes(at: address, byteCount, structure), at: address, structure)
  }

  func bytes(
    at address: UInt64, _ byteCount: UInt64, _ structure: StaticString
  ) throws(KerasError) -> UnsafeRawBufferPointer {
    let size = UInt64(file.bytes.count)
    guard address <= size, byteCount <= size - address else {
      throw .damaged("the \(structure) at byte \(address) reaches past the end of the file")
    }
    return UnsafeRawBufferPointer(rebasing: file.bytes[Int(address)..<Int(address + byteCount)])
  }

  func header(at address: UInt64) throws(KerasError) -> ObjectHeader {
    try structure(at: address, in: \.headers) { () throws(KerasError) in
      try ObjectHeader(at: address, in: self)
    }
  }

  func links(of header: ObjectHeader) throws(KerasError) -> LinkTable {
    try structure(at: header.address, in: \.links) { () throws(KerasError) in
      try LinkTable(of: header, in: self)
    }
  }

  func attributes(of header: ObjectHeader) throws(KerasError) -> AttributeTable {
    try structure(at: header.address, in: \.attributes) { () throws(KerasError) in
      try AttributeTable(of: header, in: self)
    }
  }

  func heap(at address: UInt64) throws(KerasError) -> GlobalHeap {
    try structure(at: address, in: \.heaps) { () throws(KerasError) in
      try GlobalHeap(at: address, in: self)
    }
  }

  /// Counts `count` more entries of tables against what a file of this size can hold.
  func spend(_ count: Int) throws(KerasError) {
    let isCovered = parsed.withLock { state in
      state.budget -= count
      return state.budget >= 0
    }
    guard isCovered else { throw .damaged("its structures overlap") }
  }

  /// Counts a name, which takes more room the longer it is.
  func spend(forName byteCount: Int) throws(KerasError) { try spend(1 + byteCount / 8) }

  private func structure<Structure: Sendable>(
    at address: UInt64, in table: WritableKeyPath<ParsedStructures, [UInt64: Structure]> & Sendable,
    parse: () throws(KerasError) -> Structure
  ) throws(KerasError) -> Structure {
    if let known = parsed.withLock({ $0[keyPath: table][address] }) { return known }
    let structure = try parse()
    parsed.withLock { $0[keyPath: table][address] = structure }
    return structure
  }
}
