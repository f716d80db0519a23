import Foundation

/// Files that lie beside the project, where they do: `KERAS_SHARED_DIR`, or `../shared`.
enum SharedFolder {
  static let path: String? = {
    let root = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let beside = root.deletingLastPathComponent().appendingPathComponent("shared").path
    let candidates = [ProcessInfo.processInfo.environment["KERAS_SHARED_DIR"], beside]
    return candidates.compactMap { $0 }.first { FileManager.default.fileExists(atPath: $0) }
  }()

  static func file(_ name: String) -> String? {
    guard let path, FileManager.default.fileExists(atPath: path + "/" + name) else { return nil }
    return path + "/" + name
  }
}
