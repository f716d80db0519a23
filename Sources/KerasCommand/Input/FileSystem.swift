import Glibc

/// What the command asks of the file system itself.
enum FileSystem {
  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
}
