import CCrypto
import Glibc
import KerasGraph
import Synchronization

/// Compiled modules: the last few in memory, and on disk, where the next process finds them.
///
/// A file is named after the hash of all that decides what is in it: the module's text, how it is compiled, the plugin,
/// the kind of device. It begins with a hash of the rest, so that a damaged one is noticed and made anew. Processes may
/// share the folder: files appear whole, by renaming.
final class ExecutableCache: Sendable {
  /// Nil where nothing is kept on disk.
  private let folder: String?
  /// When files take more bytes, those that were used least recently are removed.
  private let byteLimit: Int
  private struct Entry: Sendable {
    let key: String
    let executable: Executable
  }
  /// Most recently used last.
  private let entries = Mutex<[Entry]>([])
  private static let memoryLimit = 32
  private static let magic = Array("keras-xla 1\n".utf8)

  init(folder: String?, byteLimit: Int = 1 << 30) { (self.folder, self.byteLimit) = (folder, byteLimit) }

  /// The one of this process: in `~/.keras/xla`, or nowhere on disk where `KERAS_XLA_CACHE` is `0`.
  static let shared: ExecutableCache = {
    if let setting = processEnvironment("KERAS_XLA_CACHE"), !isOn(setting) {
      return ExecutableCache(folder: nil)
    }
    return ExecutableCache(folder: KerasHome().writeFolder("xla"))
  }()

  /// - Returns: the program, and where it comes from, for people.
  func executable(
    for text: String, _ options: CompileOptions, on client: Client, kind: String
  ) throws(KerasError) -> (executable: Executable, origin: String) {
    let key = Self.hexadecimal(
      Self.hash(
        Array("\(client.identity)\n\(kind)\n\(client.devices.count) devices\n\(options.bytes)\n".utf8)
          + Array(text.utf8)))
    if let known = remembered(key) { return (known, "compiled before") }
    if let stored = load(key, on: client) {
      remember(stored, as: key)
      return (stored, "compiled before, from \(folder ?? "disk")")
    }
    let start = ContinuousClock.now
    let made = try Executable(compiling: text, options, on: client)
    let taken = Int(start.duration(to: .now).inSeconds * 1000)
    remember(made, as: key)
    store(made, as: key)
    return (made, "compiled in \(taken) ms")
  }

  // MARK: - Memory

  private func remembered(_ key: String) -> Executable? {
    entries.withLock { entries in
      guard let index = entries.lastIndex(where: { $0.key == key }) else { return nil }
      let entry = entries.remove(at: index)
      entries.append(entry)
      return entry.executable
    }
  }

  private func remember(_ executable: Executable, as key: String) {
    entries.withLock { entries in
      entries.append(Entry(key: key, executable: executable))
      if entries.count > Self.memoryLimit { entries.removeFirst() }
    }
  }

  // MARK: - Disk

  private static let suffix = ".xla"
  private static let largestFile = 1 << 30

  private func path(_ key: String) -> String? { folder.map { joined($0, key + Self.suffix) } }

  /// A program from the disk; nil where there is none, or none that can be used.
  private func load(_ key: String, on client: Client) -> Executable? {
    guard let path = path(key) else { return nil }
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    // It is run as it is: nobody else may have written it.
    guard status.st_uid == geteuid(), status.st_mode & 0o022 == 0 else {
      Warnings.report("\(path) is not used: others than this user can write to it. It is compiled anew.")
      return nil
    }
    guard let bytes = try? readFile(path, atMost: Self.largestFile) else { return nil }
    let body = bytes.dropFirst(Self.magic.count + 32)
    guard bytes.starts(with: Self.magic),
      bytes.dropFirst(Self.magic.count).prefix(32).elementsEqual(Self.hash(Array(body)))
    else {
      Warnings.report("\(path) is damaged; it is removed, and compiled anew.")
      unlink(path)
      return nil
    }
    // A device that has no room for it now may have it later.
    guard let executable = try? Executable(loading: Array(body), on: client) else { return nil }
    // Used now, and so removed last.
    utimensat(AT_FDCWD, path, nil, 0)
    return executable
  }

  /// Keeps a program for later processes. What fails here only costs them time.
  private func store(_ executable: Executable, as key: String) {
    guard let folder, let path = path(key), let body = try? executable.serialized(),
      body.count < Self.largestFile
    else { return }
    guard makeFolder(folder) else { return }
    try? writeFile(at: path) { (file) throws(KerasError) in
      try file.append(Self.magic + Self.hash(body) + body)
    }
    chmod(path, 0o600)
    removeOldest(in: folder)
  }

  private func makeFolder(_ folder: String) -> Bool {
    if isFolder(folder) { return true }
    if let parent = parentFolder(folder), !isFolder(parent) { mkdir(parent, 0o755) }
    return mkdir(folder, 0o700) == 0 || errno == EEXIST
  }

  private func removeOldest(in folder: String) {
    var files: [(path: String, byteCount: Int, used: Int)] = []
    for name in names(inFolder: folder) ?? [] where name.hasSuffix(Self.suffix) {
      let path = joined(folder, name)
      var status = stat()
      guard lstat(path, &status) == 0 else { continue }
      files.append((path, Int(status.st_size), status.st_mtim.tv_sec))
    }
    files.sort { $0.used > $1.used }
    var total = 0
    for file in files {
      total += file.byteCount
      if total > byteLimit { unlink(file.path) }
    }
  }

  // MARK: - Hashing

  static func hash(_ bytes: [UInt8]) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 32)
    EVP_Digest(bytes, bytes.count, &digest, nil, EVP_sha256(), nil)
    return digest
  }

  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
