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

  func load(_ picture: PictureWalk.Picture, size: ImageSize) throws(KerasError) -> Image {
    switch picture {
    case .file(let path):
      return switch resizing {
      case .preset(let preset):
        try Image.load(from: path, size: size, preset: preset, orientation: orientation)
      case .squash(let filter):
        try Image.load(from: path, targetSize: size, interpolation: filter, orientation: orientation)
      }
    case .standardInput:
      return try within("-") { () throws(KerasError) in
        let image = try Image(data: readStandardInput(), orientation: orientation)
        return switch resizing {
        case .preset(let preset): try image.resized(to: size, preset: preset)
        case .squash(let filter): try image.resized(to: size, using: filter)
        }
      }
    case .unreadable(_, let error): throw error
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

/// All bytes of standard input, up to a limit.
///
/// - Throws: `fileAccess` when it cannot be read, `invalidFile` when it is longer.
private func readStandardInput(limit: Int = 1 << 30) throws(KerasError) -> [UInt8] {
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = read(STDIN_FILENO, &buffer, buffer.count)
    if count < 0 && errno == EINTR { continue }
    guard count >= 0 else {
      throw KerasError(.fileAccess, "Standard input cannot be read: \(String(cString: strerror(errno))).")
    }
    if count == 0 { return bytes }
    guard bytes.count + count <= limit else {
      throw KerasError(.invalidFile, "Standard input is longer than \(readableBytes(limit)).")
    }
    bytes.append(contentsOf: buffer[..<count])
  }
}
