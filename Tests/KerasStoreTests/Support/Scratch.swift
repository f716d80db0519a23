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

/// HDF5 weights: one array of noise, laid out by hand so that the file has any size from 272 bytes on.
///
/// - Parameter stated: The size that the file claims to have, when it is not the true one.
func sampleWeights(byteCount: Int = 300_000, stating stated: Int? = nil, seed: UInt64 = 7) -> [UInt8] {
  func number(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
  func message(_ kind: Int, _ body: [UInt8]) -> [UInt8] {
    let padded = body + [UInt8](repeating: 0, count: -body.count & 7)
    return number(kind, 2) + number(padded.count, 2) + [0, 0, 0, 0] + padded
  }
  func header(_ messages: [UInt8]...) -> [UInt8] {
    let body = messages.flatMap { $0 }
    return [1, 0] + number(messages.count, 2) + number(1, 4) + number(body.count, 8) + body
  }
  let nowhere = [UInt8](repeating: 0xFF, count: 8)
  let (root, array, data) = (96, 168, 272)
  var bytes: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 0, 0, 8, 8, 0]
  bytes += [4, 0, 16, 0] + number(0, 4) + number(0, 8) + nowhere + number(stated ?? byteCount, 8) + nowhere
  bytes += number(0, 8) + number(root, 8) + number(0, 24)
  bytes += header(message(0x02, [0, 0] + nowhere + nowhere), message(0x06, [1, 0, 1, 97] + number(array, 8)))
  bytes += header(
    message(0x01, [1, 1, 0, 0, 0, 0, 0, 0] + number(byteCount - data, 8)),
    message(0x03, [0x10, 0, 0, 0] + number(1, 4) + number(0, 2) + number(8, 2) + number(0, 8)),
    message(0x08, [3, 1] + number(data, 8) + number(byteCount - data, 8)))
  let noise = CounterRandom(seed: seed)
  let words = (0...byteCount / 8).map { noise.bits(stream: 0, at: UInt64($0)) }
  return bytes + words.withUnsafeBytes { $0.prefix(byteCount - bytes.count) }
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
