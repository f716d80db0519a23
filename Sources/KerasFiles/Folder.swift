import Glibc
import KerasCore

/// The files below a folder, without following symbolic links.
struct Folder {
  let path: String
  /// Paths from the folder, sorted.
  private(set) var names: [String] = []

  private static let mostFiles = 20_000
  private static let deepest = 20

  var name: String { path.split(separator: "/").last.map(String.init) ?? path }

  /// - Throws: `fileAccess` when a folder cannot be read; `invalidFile` for more files or levels than a saved
  ///   model has.
  init(_ path: String) throws(KerasError) {
    self.path = path
    try list("", depth: 0)
    names.sort()
  }

  private mutating func list(_ inner: String, depth: Int) throws(KerasError) {
    guard depth < Self.deepest, let entries = KerasCore.names(inFolder: path + "/" + inner) else {
      throw KerasError(.fileAccess, "Cannot list the folder \((path + "/" + inner).escaped).")
    }
    for entryName in entries {
      let inside = inner.isEmpty ? entryName : inner + "/" + entryName
      var status = stat()
      guard lstat(path + "/" + inside, &status) == 0 else { continue }
      if status.st_mode & S_IFMT == S_IFDIR {
        try list(inside, depth: depth + 1)
      } else if status.st_mode & S_IFMT == S_IFREG {
        guard names.count < Self.mostFiles else {
          throw KerasError(
            .invalidFile, "The folder holds more than \(Self.mostFiles) files.", path: [name.escaped])
        }
        names.append(inside)
      }
    }
  }

  /// - Throws: what mapping the file throws; an empty file has no bytes.
  func bytes(of name: String) throws(KerasError) -> [UInt8] {
    var status = stat()
    if lstat(path + "/" + name, &status) == 0, status.st_size == 0 { return [] }
    let file = try FileContents(path: path + "/" + name)
    return withExtendedLifetime(file) { Array($0.bytes) }
  }
}

/// The bytes of a file, or of all files below a folder.
func fileSize(_ path: String) throws(KerasError) -> Int {
  var total = 0
  for file in isFolder(path) ? try Folder(path).names.map({ path + "/" + $0 }) : [path] {
    var status = stat()
    guard stat(file, &status) == 0 else { continue }
    total += Int(status.st_size)
  }
  return total
}
