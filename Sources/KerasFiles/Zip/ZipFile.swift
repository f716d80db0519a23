import CArchive
import KerasCore

/// The members of a zip file, found by its directory and read when they are asked for.
///
/// Nothing is ever written to the disk. Refused are: names that lead out of a folder (absolute, with `..` or
/// `\`), that stand twice or are no text; anything but files and folders; encrypted members; more members, or
/// larger ones, than a file of that size can honestly hold.
package struct ZipFile: Sendable {
  /// A file inside, by its whole name (`assets/string_lookup/vocabulary.txt`).
  package struct Member: Hashable, Sendable {
    package let name: String
    /// As the directory says; reading checks it.
    package let byteCount: Int
    let position: Int
    /// Where its bytes are in the archive, when they stand there as they are.
    let stored: Range<Int>?
  }

  package let file: FileContents
  /// In the directory's order, without folders.
  package let members: [Member]

  private static let mostMembers = 20_000
  private static let longestName = 4096
  /// What may come out of a small file, in bytes; of larger ones ``largestExpansion`` times their size.
  private static let smallExpansion = 256 << 20
  private static let largestExpansion = 100

  /// - Throws: `invalidFile` when it is no zip file, is damaged or breaks the rules above; `unsupported` for
  ///   encrypted members; `libraryFailure` without libarchive.
  package init(_ file: FileContents) throws(KerasError) {
    self.file = file
    members = try within(file.name.escaped) { () throws(KerasError) in try Self.members(of: file) }
  }

  package subscript(name: String) -> Member? { members.first { $0.name == name } }

  // MARK: The directory

  private static func members(of file: FileContents) throws(KerasError) -> [Member] {
    guard file.bytes.starts(with: [0x50, 0x4B]) else { throw damaged("it is no zip file") }
    var members: [Member] = []
    var names: Set<String> = []
    var room = max(
      smallExpansion, file.bytes.count.multipliedReportingOverflow(by: largestExpansion).partialValue)
    try ZipWalk.list(file) { (entry, position) throws(KerasError) in
      guard position < mostMembers else { throw damaged("it has more than \(mostMembers) members") }
      guard let name = entry.name else { throw damaged("a name in it is no text") }
      let kind = try kind(of: name, entry.type)
      // Folders end in a slash, and `a` beside `a/` is as wrong as `a` twice.
      let bare = name.hasSuffix("/") ? String(name.dropLast()) : name
      guard names.insert(bare).inserted else { throw damaged("the name \(name.escaped) stands twice") }
      guard kind == .file else { return }
      guard !entry.isEncrypted else {
        throw KerasError(.unsupported, "The member \(name.escaped) is encrypted.")
      }
      guard let byteCount = entry.byteCount, byteCount >= 0 else {
        throw damaged("the size of \(name.escaped) is missing")
      }
      room -= min(byteCount, room + 1)
      guard room >= 0 else {
        throw damaged("its members would take more than \(largestExpansion) times its own size")
      }
      let stored = entry.stored.flatMap { $0.count == byteCount ? $0 : nil }
      members.append(Member(name: name, byteCount: byteCount, position: position, stored: stored))
    }
    return members
  }

  private enum Kind { case file, folder }

  private static func kind(of name: String, _ type: UInt32) throws(KerasError) -> Kind {
    let isFolder = name.hasSuffix("/")
    guard isProper(isFolder ? String(name.dropLast()) : name) else {
      throw damaged("the name \(String(name.prefix(200)).escaped) leads out of the archive")
    }
    switch type {
    case ZipWalk.regularFile: return isFolder ? .folder : .file
    case ZipWalk.folder: return .folder
    default: throw damaged("\(name.escaped) is neither a file nor a folder")
    }
  }

  /// Whether a name stays inside the archive wherever it is extracted.
  static func isProper(_ name: String) -> Bool {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    return parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
      && !name.utf8.contains { $0 == UInt8(ascii: "\\") || $0 == 0 } && name.utf8.count <= longestName
  }

  // MARK: Reading

  /// The bytes of members, all checked against their checksums, in the order of `wanted`.
  ///
  /// - Throws: `invalidFile` when they are damaged, or fewer or more than the directory says.
  package func bytes(of wanted: [Member]) throws(KerasError) -> [[UInt8]] {
    guard !wanted.isEmpty else { return [] }
    let members = Dictionary(wanted.map { ($0.position, $0) }, uniquingKeysWith: { first, _ in first })
    var read: [Int: [UInt8]] = [:]
    try within(file.name.escaped) { () throws(KerasError) in
      try ZipWalk.read(file, members.keys) { (position, readBlock) throws(KerasError) in
        guard let member = members[position] else { return }
        try within(member.name.escaped) { () throws(KerasError) in
          read[position] = try Self.bytes(of: member, readBlock)
        }
      }
    }
    return try wanted.map { member throws(KerasError) in
      guard let bytes = read[member.position] else {
        throw Self.damaged("\(member.name.escaped) is not there").within(file.name.escaped)
      }
      return bytes
    }
  }

  private static func bytes(
    of member: Member, _ readBlock: ZipWalk.BlockReader
  ) throws(KerasError) -> [UInt8] {
    var bytes: [UInt8] = []
    while let (block, offset) = try readBlock() {
      guard offset == bytes.count, block.count <= member.byteCount - bytes.count else {
        throw damaged("it holds more than the directory says")
      }
      bytes.append(contentsOf: block)
    }
    guard bytes.count == member.byteCount else { throw damaged("it holds less than the directory says") }
    return bytes
  }

  /// The bytes of members: those of the archive itself for what is stored uncompressed (its checksum is not
  /// looked at, which would mean reading all of it), copies for the rest.
  package func contents(of wanted: [Member]) throws(KerasError) -> [FileContents] {
    let compressed = wanted.filter { $0.stored == nil }
    let inflated = try bytes(of: compressed)
    let copies = Dictionary(
      zip(compressed.map(\.position), inflated), uniquingKeysWith: { first, _ in first })
    return wanted.map { member in
      let name = "\(file.name)/\(member.name)"
      if let stored = member.stored { return FileContents(name, stored, of: file) }
      return FileContents(name, copying: copies[member.position] ?? [])
    }
  }

  static func damaged(_ what: String) -> KerasError {
    KerasError(
      .invalidFile, "The archive is damaged or hostile: \(what).", remedy: "download or copy it again.")
  }
}
