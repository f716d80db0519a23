import Foundation

/// A small file system in memory, where this process may mount one (as root, also in many containers).
final class Mount: Sendable {
  let path: String

  static let isAllowed = (try? Mount(byteCount: 65_536)) != nil

  struct Refused: Error {}

  init(byteCount: Int) throws {
    path = FileManager.default.temporaryDirectory.path + "/keras-mount-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    guard mount("tmpfs", path, "tmpfs", 0, "size=\(byteCount)") == 0 else {
      try? FileManager.default.removeItem(atPath: path)
      throw Refused()
    }
  }

  func makeReadOnly() throws {
    guard mount("tmpfs", path, "tmpfs", UInt(MS_REMOUNT) | UInt(MS_RDONLY), nil) == 0 else { throw Refused() }
  }

  deinit {
    umount2(path, Int32(MNT_DETACH))
    try? FileManager.default.removeItem(atPath: path)
  }
}
