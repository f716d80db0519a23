import Glibc
import KerasCore
import KerasModels
import KerasStore
import KerasWeights

/// What models made of pictures, on the disk: a classifier that is trained again on the same pictures has none of it
/// computed again.
///
/// A file for each model (layers, weights, and how it is computed, by which version of this package), a row for each
/// input, found by the hash of the very numbers that go into the model and their shape; so nothing can be out of date. It is a help and no more: what cannot be read or written,
/// is used by another run or fails its checksum is computed, as though there were none. Files that were not used for
/// longest go first when all together are too large.
public struct FeatureCache: Sendable {
  public let folder: String
  /// How many bytes all files together may have.
  public let limit: Int

  /// - Parameter folder: made when it is first needed.
  public init(folder: String, limit: Int = 2 << 30) {
    self.folder = folder
    self.limit = limit
  }

  /// In Keras' folder: `~/.keras/features`.
  public init(_ home: KerasHome = KerasHome()) { self.init(folder: home.writeFolder("features")) }

  /// The rows under a ``key(of:_:)``; nil where they cannot be kept.
  func shelf(_ key: FileHash, width: Int) -> FeatureShelf? {
    guard width > 0, width < 1 << 24, (try? makeFolders(folder)) != nil else { return nil }
    let path = joined(folder, key.digits.prefix(32) + Self.ending)
    let least = FeatureShelf.leastSize(width: width)
    guard room(for: path, least) >= least else { return nil }
    return FeatureShelf(path, key: key, width: width, limit: limit) { wanted in room(for: path, wanted) }
  }

  private static let ending = ".features"

  /// Everything that decides what the model makes of numbers, before it is first used: it says then of more shapes what
  /// it was built for.
  static func key(of model: Model, _ options: ComputeOptions) throws(KerasError) -> FileHash {
    let hash = try RunningHash(.sha256)
    func add(_ text: String) throws(KerasError) {
      try Tensor(Array((text + "\n").utf8)).withUnsafeBytes { (bytes) throws(KerasError) in
        try hash.update(bytes)
      }
    }
    try add(PackageVersion.current)
    try add(model.getConfig().replacing(model.placesByName).text())
    try add("\(options.chosenBackend().name) \(options.precision) \(options.purpose)")
    for weight in model.weights {
      try add("\(weight.value.spec)")
      try weight.value.withUnsafeBytes { (bytes) throws(KerasError) in try hash.update(bytes) }
    }
    return try hash.value()
  }

  /// How large a file may become; others that were not used for longest are removed for it, unless a run has them.
  private func room(for path: String, _ wanted: Int) -> Int {
    var files: [(path: String, size: Int, used: Int)] = []
    for name in names(inFolder: folder) ?? [] where name.hasSuffix(Self.ending) {
      var status = stat()
      let other = joined(folder, name)
      guard other != path, lstat(other, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
      files.append((other, Int(status.st_size), Int(status.st_mtim.tv_sec)))
    }
    var total = files.reduce(0) { $0 + $1.size }
    for file in files.sorted(by: { $0.used < $1.used }) where total + wanted > limit && !isInUse(file.path) {
      unlink(file.path)
      total -= file.size
    }
    return limit - total
  }

  private func isInUse(_ path: String) -> Bool {
    let descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { return true }
    defer { close(descriptor) }
    return flock(descriptor, LOCK_EX | LOCK_NB) != 0
  }
}

extension Model {
  /// For each layer's name, that of its place: names are counted on from model to model.
  fileprivate var placesByName: [String: String] {
    var places: [String: String] = [:]
    func visit(_ model: Model) {
      for layer in model.layers {
        places[layer.name] = places[layer.name] ?? "#\(places.count)"
        if let inner = layer as? Model { visit(inner) }
      }
    }
    places[name] = "#"
    visit(self)
    return places
  }
}

extension JSON {
  /// The same with some strings replaced.
  fileprivate func replacing(_ strings: [String: String]) -> JSON {
    switch self {
    case .string(let text): .string(strings[text] ?? text)
    case .array(let elements): .array(elements.map { $0.replacing(strings) })
    case .object(let object):
      .object(
        object.keys.reduce(into: JSONObject()) { replaced, key in
          replaced[key] = object[key]?.replacing(strings)
        })
    default: self
    }
  }
}

/// One model's rows: a head, then records of a hash of the input, a row of numbers, and a checksum of both.
///
/// A record that was not written to its end is cut off; one whose checksum is wrong is passed over.
final class FeatureShelf {
  private let descriptor: Int32
  private let width: Int
  /// How large the file may be, and become.
  private let limit: Int
  private var room = 0
  private let makeRoom: (_ wanted: Int) -> Int
  private var end: Int
  /// Where the record of an input begins.
  private var places: [FileHash: Int] = [:]

  private static let headSize = 48
  private static let hashSize = 32
  private static let checksumSize = 8
  /// Room is asked for in pieces of so many bytes.
  private static let pieceSize = 1 << 20
  private var recordSize: Int { Self.leastSize(width: width) - Self.headSize }

  /// With one row.
  static func leastSize(width: Int) -> Int { headSize + hashSize + width * 4 + checksumSize }

  /// nil where the file cannot be used: another run does, or it is no file of this user's own.
  ///
  /// - Parameter makeRoom: how large the file may become, which wants to be so large.
  init?(
    _ path: String, key: FileHash, width: Int, limit: Int, makeRoom: @escaping (_ wanted: Int) -> Int
  ) {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
    guard descriptor >= 0 else { return nil }
    self.descriptor = descriptor
    self.width = width
    self.limit = limit
    self.makeRoom = makeRoom
    end = 0
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_uid == geteuid(),
      flock(descriptor, LOCK_EX | LOCK_NB) == 0
    else { return nil }
    let head =
      Array("KERASFT1".utf8) + key.bytes + withUnsafeBytes(of: UInt64(width).littleEndian, Array.init)
    let size = Int(status.st_size)
    if size >= head.count, size <= limit, read(at: 0, count: head.count) == head {
      end = head.count
      while end + recordSize <= size, let hash = read(at: end, count: Self.hashSize) {
        places[FileHash(bytes: hash)] = end
        end += recordSize
      }
      ftruncate(descriptor, off_t(end))
    } else {
      ftruncate(descriptor, 0)
      guard write(head, at: 0) else { return nil }
      end = head.count
    }
    // Used now.
    futimens(descriptor, nil)
    room = makeRoom(end)
  }

  deinit { close(descriptor) }

  /// The row of an input; nil where there is none, or none that can be trusted.
  func row(of hash: FileHash) -> [Float]? {
    guard let place = places[hash], let record = read(at: place, count: recordSize) else { return nil }
    let content = record.dropLast(Self.checksumSize)
    guard Array(record.suffix(Self.checksumSize)) == Self.checksum(content) else { return nil }
    let row = content.dropFirst(Self.hashSize).withUnsafeBytes { bytes in
      (0..<width).map {
        Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)))
      }
    }
    return row.allSatisfy(\.isFinite) ? row : nil
  }

  /// Keeps a row, if there is room.
  func add(_ row: ArraySlice<Float>, of hash: FileHash) {
    guard row.count == width, places[hash] == nil, hasRoom() else { return }
    var record = hash.bytes
    record.reserveCapacity(recordSize)
    for number in row { withUnsafeBytes(of: number.bitPattern.littleEndian) { record += $0 } }
    guard let checksum = Self.checksum(record[...]) else { return }
    if write(record + checksum, at: end) {
      places[hash] = end
      end += recordSize
    } else {
      // A full disk, perhaps: what stands there is cut off.
      ftruncate(descriptor, off_t(end))
    }
  }

  /// Whether another row fits in.
  private func hasRoom() -> Bool {
    let size = end + recordSize
    guard size <= limit else { return false }
    if size > room { room = makeRoom(min(max(size, end + Self.pieceSize), limit)) }
    return size <= room
  }

  private static func checksum(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
    guard let hash = try? FileHash(sha256Of: Tensor(Array(bytes))) else { return nil }
    return Array(hash.bytes.prefix(checksumSize))
  }

  private func read(at place: Int, count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    let found = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, count, off_t(place)) }
    return found == count ? bytes : nil
  }

  private func write(_ bytes: [UInt8], at place: Int) -> Bool {
    bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, off_t(place)) } == bytes.count
  }
}

extension FileHash {
  /// Of the numbers of a tensor; with those, of their type and shape, where these are not known.
  init(sha256Of tensor: Tensor, withSpec: Bool = false) throws(KerasError) {
    let hash = try RunningHash(.sha256)
    if withSpec {
      try Tensor(Array("\(tensor.spec)".utf8)).withUnsafeBytes { (bytes) throws(KerasError) in
        try hash.update(bytes)
      }
    }
    try tensor.withUnsafeBytes { (bytes) throws(KerasError) in try hash.update(bytes) }
    self = try hash.value()
  }

  /// Of `bytes`, which are the hash itself.
  fileprivate init(bytes: [UInt8]) {
    let digits = Array("0123456789abcdef".utf8)
    self.init(
      .sha256,
      String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self))
  }

  fileprivate var bytes: [UInt8] {
    let nibbles = digits.utf8.map { $0 < 0x3A ? $0 - 0x30 : $0 - 0x57 }
    return stride(from: 0, to: nibbles.count - 1, by: 2).map { nibbles[$0] << 4 | nibbles[$0 + 1] }
  }
}
