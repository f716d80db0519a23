import Glibc
import Keras

/// Reads pictures and brings them to a model's size.
struct PictureLoader: Sendable {
  enum Resizing {
    case preset(ResizingPreset)
    case squash(Interpolation)
  }

  let resizing: Resizing
  let orientation: OrientationPolicy
  /// Grey for models of one channel.
  var colorMode = ColorMode.rgb

  func load(_ picture: PictureWalk.Picture, size: ImageSize) throws(KerasError) -> Image {
    switch picture {
    case .file(let name) where name.isText:
      return switch resizing {
      case .preset(let preset):
        try Image.load(
          from: name.text, colorMode: colorMode, size: size, preset: preset, orientation: orientation)
      case .squash(let filter):
        try Image.load(
          from: name.text, colorMode: colorMode, targetSize: size, interpolation: filter,
          orientation: orientation)
      }
    case .file(let name):
      return try within(name.text) { () throws(KerasError) in
        let file = open(name.cString, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw unreadable("The file", errno) }
        defer { close(file) }
        return try decoded(bytes(of: file, "The file"), size: size)
      }
    case .standardInput:
      return try within("-") { () throws(KerasError) in
        try decoded(bytes(of: STDIN_FILENO, "Standard input"), size: size)
      }
    case .unreadable(_, let error): throw error
    }
  }

  /// The picture that a result at the model's size covers: the file's own, or where only a part of it was looked at,
  /// that part as the model saw it.
  func background(_ path: String, seen: Image) throws(KerasError) -> Image {
    if case .preset(.centerCrop) = resizing { return seen }
    return try Image(contentsOf: path, colorMode: colorMode, orientation: orientation)
  }

  private func decoded(_ bytes: [UInt8], size: ImageSize) throws(KerasError) -> Image {
    let image = try Image(data: bytes, colorMode: colorMode, orientation: orientation)
    return switch resizing {
    case .preset(let preset): try image.resized(to: size, preset: preset)
    case .squash(let filter): try image.resized(to: size, using: filter)
    }
  }
}

extension PictureLoader: CustomStringConvertible {
  var description: String {
    let way =
      switch resizing {
      case .preset(let preset): preset.rawValue
      case .squash(let filter): "squashed, \(filter.rawValue)"
      }
    return way + (orientation == .apply ? ", turned as EXIF says" : ", EXIF orientation ignored")
  }
}

/// All bytes of an open file, up to a limit.
///
/// - Throws: `fileAccess` when it cannot be read, `invalidFile` when it is longer.
private func bytes(of file: Int32, _ what: String, limit: Int = 1 << 30) throws(KerasError) -> [UInt8] {
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = read(file, &buffer, buffer.count)
    if count < 0 && errno == EINTR { continue }
    guard count >= 0 else { throw unreadable(what, errno) }
    if count == 0 { return bytes }
    guard bytes.count + count <= limit else {
      throw KerasError(.invalidFile, "\(what) is longer than \(readableBytes(limit)).")
    }
    bytes.append(contentsOf: buffer[..<count])
  }
}

private func unreadable(_ what: String, _ code: Int32) -> KerasError {
  KerasError(.fileAccess, "\(what) cannot be read: \(String(cString: strerror(code))).")
}
