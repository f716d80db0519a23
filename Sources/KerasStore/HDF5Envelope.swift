import Glibc

/// Whether a file looks like a whole HDF5 file, told from its first bytes and its size alone.
///
/// The superblock (HDF5 File Format Specification 3.0, section II.A) begins with a signature at byte 0,
/// 512, 1024, 2048, … and states the address just past the last byte. A download that was cut, or a web
/// page that came instead, does not pass. That the numbers inside are right, only a hash can tell.
enum HDF5Envelope: Equatable {
  case whole
  case empty
  case webPage
  case otherFormat
  /// The file says it has `expected` bytes.
  case wrongSize(expected: Int, found: Int)

  init(descriptor: Int32) {
    let byteCount = FileStatus(descriptor: descriptor)?.byteCount ?? 0
    self = Self.judge(byteCount: byteCount) { offset, count in
      var bytes = [UInt8](repeating: 0, count: count)
      let found = pread(descriptor, &bytes, count, off_t(offset))
      return Array(bytes.prefix(max(found, 0)))
    }
  }

  /// The size that the beginning of a file claims for the whole; nil when it claims none, or has it.
  var missingSize: Int? {
    if case .wrongSize(let expected, let found) = self, expected > found { expected } else { nil }
  }

  static func judge(byteCount: Int, read: (_ offset: Int, _ count: Int) -> [UInt8]) -> HDF5Envelope {
    if byteCount == 0 { return .empty }
    var offset = 0
    while offset < byteCount {
      let head = read(offset, 96)
      if head.starts(with: signature) {
        guard let end = endOfFile(in: head) else { return .otherFormat }
        return end == UInt64(byteCount)
          ? .whole : .wrongSize(expected: Int(clamping: end), found: byteCount)
      }
      offset = offset == 0 ? 512 : offset * 2
    }
    return isWebPage(read(0, 512)) ? .webPage : .otherFormat
  }

  private static let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]

  /// The end-of-file address; nil when the superblock is cut or of a version that does not exist.
  private static func endOfFile(in superblock: [UInt8]) -> UInt64? {
    guard superblock.count >= 16 else { return nil }
    // Where the width of an address stands, and where the first of the addresses (base, extension or
    // free space, end of file) does.
    let layout: (width: Int, addresses: Int)
    switch superblock[8] {
    case 0: layout = (13, 24)
    case 1: layout = (13, 28)
    case 2, 3: layout = (9, 12)
    default: return nil
    }
    let width = Int(superblock[layout.width])
    let start = layout.addresses + 2 * width
    guard [2, 4, 8].contains(width), superblock.count >= start + width else { return nil }
    return superblock[start..<start + width].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private static func isWebPage(_ head: [UInt8]) -> Bool {
    let text = String(decoding: head, as: UTF8.self).lowercased()
    return text.contains("<!doctype html") || text.contains("<html")
  }
}
