import Foundation
import KerasCore
import Testing

/// A folder of its own for a test, removed at the end.
final class Scratch {
  let path = FileManager.default.temporaryDirectory.appending(path: "keras-\(UUID().uuidString)").path

  init(_ files: [String: String] = [:]) throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    for (name, text) in files { try write(Array(text.utf8), to: name) }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  @discardableResult
  func write(_ bytes: [UInt8], to name: String) throws -> String {
    let folder = (file(name) as NSString).deletingLastPathComponent
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(filePath: file(name)))
    return file(name)
  }
}

/// What a person reads when `body` fails.
func failure(_ body: () throws(KerasError) -> Void) -> String? {
  do throws(KerasError) {
    try body()
    return nil
  } catch {
    return error.description
  }
}
