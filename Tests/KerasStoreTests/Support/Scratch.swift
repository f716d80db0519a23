import Foundation
import KerasCore
import KerasLoopbackServer
import KerasStore
import KerasWeights
import Synchronization

/// A Keras folder of its own, gone with the test.
final class Scratch: Sendable {
  let home: String
  /// Where weights lie in it.
  var models: String { home + "/models" }

  init() throws {
    // The loopback must not be looked for behind a proxy.
    setenv("no_proxy", "127.0.0.1", 1)
    home = FileManager.default.temporaryDirectory.path + "/keras-store-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: home) }

  func path(_ name: String) -> String { models + "/" + name }

  /// All names in the models folder, but for the notes of verification of files that are there.
  var names: [String] {
    let all = Set((try? FileManager.default.contentsOfDirectory(atPath: models)) ?? [])
    return all.subtracting(all.map { ".\($0).verified" }).sorted()
  }

  func put(_ bytes: [UInt8], as name: String) throws {
    try FileManager.default.createDirectory(atPath: models, withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
  }

  func bytes(of name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: path(name))))
  }
}

/// Collects from any thread.
final class Log<Element: Sendable>: Sendable {
  private let elements = Mutex<[Element]>([])
  func append(_ element: Element) { elements.withLock { $0.append(element) } }
  var all: [Element] { elements.withLock { $0 } }
}

/// What stands in for HDF5 weights: a superblock (version 0) that states the size, then noise.
func sampleWeights(byteCount: Int = 300_000, stating stated: Int? = nil, seed: UInt64 = 7) -> [UInt8] {
  let noise = CounterRandom(seed: seed)
  let words = (0...byteCount / 8).map { noise.bits(stream: 0, at: UInt64($0)) }
  var bytes = Array(words.withUnsafeBytes { $0.prefix(byteCount) })
  let head: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 0, 0, 8, 8, 0]
  bytes.replaceSubrange(0..<16, with: head)
  let end = UInt64(stated ?? byteCount)
  bytes.replaceSubrange(40..<48, with: (0..<8).map { UInt8(truncatingIfNeeded: end >> (8 * $0)) })
  return bytes
}

/// A file that only the test knows.
func sampleFile(_ name: String = "sample.h5", url: String = "", hash: FileHash? = nil) -> RemoteFile {
  RemoteFile(
    name: name, subfolder: "models", url: url, mirrorPath: "family/" + name, hash: hash, format: .hdf5)
}

/// Options that never wait and never leave this machine.
func loopbackOptions(_ mirrors: String..., attempts: Int = 3, sleeps: Log<Double>? = nil) -> StoreOptions {
  var options = StoreOptions()
  options.mirrors = mirrors
  options.usesOfficialHosts = false
  options.retries.attempts = attempts
  options.retries.random = { 0.5 }
  options.retries.sleep = { sleeps?.append($0) }
  return options
}

extension WeightStore {
  init(_ scratch: Scratch, _ options: StoreOptions, log: Log<StoreEvent>? = nil) {
    self.init(home: KerasHome(path: scratch.home), options: options, onEvent: { log?.append($0) })
  }
}

/// The error that `body` throws.
func error(_ body: () throws -> Void) -> KerasError? {
  do {
    try body()
    return nil
  } catch {
    return error as? KerasError
  }
}
