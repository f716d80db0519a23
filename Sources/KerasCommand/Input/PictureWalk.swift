import Glibc
import Keras

/// Goes through pictures one after the other: files as they are named, folders in sorted order with all that
/// is below them, `-` for a picture on standard input.
///
/// Only the names of the folders being walked are held in memory.
struct PictureWalk: Sequence, IteratorProtocol {
  enum Picture {
    case file(String)
    case standardInput
    /// Something that was named, but cannot be read.
    case unreadable(String, KerasError)

    var name: String {
      switch self {
      case .file(let path): path
      case .standardInput: "-"
      case .unreadable(let path, _): path
      }
    }
  }

  /// The endings of what a folder is searched for; a file named outright may end in anything.
  static let extensions = ["jpg", "jpeg", "jpe", "jfif", "png"]

  private struct Folder {
    let path: String
    let identity: FileIdentity
    /// What is left to visit, in reverse order.
    var names: [String]
    var foundPicture = false
  }

  private var arguments: [String]
  private var folders: [Folder] = []

  init(_ arguments: [String]) { self.arguments = arguments.reversed() }

  mutating func next() -> Picture? {
    while true {
      if let name = popName() {
        let folder = folders[folders.count - 1].path
        let path = folder.hasSuffix("/") ? folder + name : folder + "/" + name
        if let picture = visit(path, isNamedOutright: false) { return picture }
      } else if let finished = folders.popLast() {
        if folders.isEmpty {
          guard !finished.foundPicture else { continue }
          return .unreadable(
            finished.path,
            KerasError(
              .fileNotFound, "The folder holds no pictures (\(Self.extensions.joined(separator: ", "))).",
              path: [finished.path]))
        }
        if finished.foundPicture { folders[folders.count - 1].foundPicture = true }
      } else if let argument = arguments.popLast() {
        if argument == "-" { return .standardInput }
        if let picture = visit(argument, isNamedOutright: true) { return picture }
      } else {
        return nil
      }
    }
  }

  /// Takes up to `count` pictures.
  mutating func prefixing(_ count: Int) -> [Picture] {
    var pictures: [Picture] = []
    while pictures.count < count, let picture = next() { pictures.append(picture) }
    return pictures
  }

  private mutating func popName() -> String? {
    guard !folders.isEmpty else { return nil }
    return folders[folders.count - 1].names.popLast()
  }

  private mutating func visit(_ path: String, isNamedOutright: Bool) -> Picture? {
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
      let identity = FileIdentity(device: status.st_dev, inode: status.st_ino)
      // A link back to a folder we are in would lead round in circles.
      guard !folders.contains(where: { $0.identity == identity }) else { return nil }
      guard let names = sortedNames(in: path) else {
        let reason = String(cString: strerror(errno))
        return .unreadable(
          path, KerasError(.fileAccess, "The folder cannot be read: \(reason).", path: [path]))
      }
      folders.append(Folder(path: path, identity: identity, names: names))
      return nil
    }
    guard !isNamedOutright else { return .file(path) }
    let ending = path.split(separator: ".").last.map { $0.lowercased() } ?? ""
    guard Self.extensions.contains(ending) else { return nil }
    folders[folders.count - 1].foundPicture = true
    return .file(path)
  }

  /// The visible names in a folder, last first; nil when it cannot be read.
  private func sortedNames(in path: String) -> [String]? {
    guard let folder = opendir(path) else { return nil }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted(by: >)
  }
}

private struct FileIdentity: Equatable {
  let device: dev_t
  let inode: ino_t
}
