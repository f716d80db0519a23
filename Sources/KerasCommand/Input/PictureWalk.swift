import Glibc
import Keras

/// Goes through pictures one after the other: files as they are named, folders in sorted order with all that
/// is below them, `-` for a picture on standard input.
///
/// Only the names of the folders being walked are held in memory.
struct PictureWalk: Sequence, IteratorProtocol {
  enum Picture {
    case file(FileName)
    case standardInput
    /// Something that was named or found, but cannot be read.
    case unreadable(FileName, KerasError)

    /// For results and messages.
    var name: String {
      switch self {
      case .file(let name), .unreadable(let name, _): name.text
      case .standardInput: "-"
      }
    }
  }

  /// The endings of what a folder is searched for; a file named outright may end in anything.
  static let extensions = ["jpg", "jpeg", "jpe", "jfif", "png", "bmp", "gif", "webp"]
  /// Pictures too, but of kinds that are not read: they are not passed over without a word.
  private static let otherKinds = [
    "tif": "TIFF", "tiff": "TIFF", "heic": "HEIF", "heif": "HEIF", "avif": "AVIF",
  ]

  private struct Folder {
    let path: FileName
    let identity: FileIdentity
    /// What is left to visit, in reverse order.
    var names: [[UInt8]]
    var foundPicture = false
  }

  private var arguments: [String] = []
  /// Files that are visited as they are, in reverse order.
  private var files: [FileName] = []
  private var folders: [Folder] = []

  private let shard: Shard?
  /// How many pictures have been passed, those of other shards included.
  private var position = 0

  init(_ arguments: [String], shard: Shard? = nil) {
    self.arguments = arguments.reversed()
    self.shard = shard
  }

  /// Files that were found before.
  init(files: [FileName]) {
    self.files = files.reversed()
    shard = nil
  }

  mutating func next() -> Picture? {
    while let picture = nextOfAll() {
      defer { position += 1 }
      if shard?.takes(position) ?? true { return picture }
    }
    return nil
  }

  private mutating func nextOfAll() -> Picture? {
    while true {
      if let name = popName() {
        let path = folders[folders.count - 1].path.appending(name)
        if let picture = visit(path, isNamedOutright: false) { return picture }
      } else if let finished = folders.popLast() {
        if folders.isEmpty {
          guard !finished.foundPicture else { continue }
          return .unreadable(
            finished.path,
            KerasError(
              .fileNotFound, "The folder holds no pictures (\(Self.extensions.joined(separator: ", "))).",
              path: [finished.path.text]))
        }
        if finished.foundPicture { folders[folders.count - 1].foundPicture = true }
      } else if let argument = arguments.popLast() {
        if argument == "-" { return .standardInput }
        if let picture = visit(FileName(argument: argument), isNamedOutright: true) { return picture }
      } else {
        return files.popLast().map { .file($0) }
      }
    }
  }

  /// Takes up to `count` pictures.
  mutating func prefixing(_ count: Int) -> [Picture] {
    var pictures: [Picture] = []
    while pictures.count < count, let picture = next() { pictures.append(picture) }
    return pictures
  }

  private mutating func popName() -> [UInt8]? {
    guard !folders.isEmpty else { return nil }
    return folders[folders.count - 1].names.popLast()
  }

  private mutating func visit(_ path: FileName, isNamedOutright: Bool) -> Picture? {
    var status = stat()
    let isThere = stat(path.cString, &status) == 0
    if isThere, status.st_mode & S_IFMT == S_IFDIR {
      let identity = FileIdentity(device: status.st_dev, inode: status.st_ino)
      // A link back to a folder we are in would lead round in circles.
      guard !folders.contains(where: { $0.identity == identity }) else { return nil }
      guard let names = visibleNames(in: path) else {
        let reason = String(cString: strerror(errno))
        return .unreadable(
          path, KerasError(.fileAccess, "The folder cannot be read: \(reason).", path: [path.text]))
      }
      folders.append(Folder(path: path, identity: identity, names: names))
      return nil
    }
    guard !isNamedOutright else { return .file(path) }
    let kind = Self.otherKinds[path.ending]
    guard kind != nil || Self.extensions.contains(path.ending) else { return nil }
    folders[folders.count - 1].foundPicture = true
    if let kind {
      return .unreadable(
        path,
        KerasError(
          .unsupported, "The file's format is \(kind); JPEG, PNG, BMP, GIF and WebP are read.",
          path: [path.text],
          remedy: "convert it to PNG first."))
    }
    // Nobody may ever write into a pipe that happens to lie here.
    guard !isThere || status.st_mode & S_IFMT == S_IFREG else {
      return .unreadable(
        path, KerasError(.fileAccess, "This is no file but a pipe, a socket or a device.", path: [path.text]))
    }
    return .file(path)
  }
}

private struct FileIdentity: Equatable {
  let device: dev_t
  let inode: ino_t
}
