import Foundation
import KerasPreprocessing
import Testing

/// Real photographs, which stand beside the package on the machines that have them.
@Suite struct PhotographTests {
  static let folder: URL? = {
    let besidePackage = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appending(path: "../../../shared").standardized.path
    let shared = ProcessInfo.processInfo.environment["KERAS_SHARED_DIR"] ?? besidePackage
    let photos = URL(fileURLWithPath: shared).appending(path: "photos")
    return FileManager.default.fileExists(atPath: photos.path) ? photos : nil
  }()

  @Test(.enabled(if: folder != nil, "there is no folder ../shared/photos (or KERAS_SHARED_DIR) here"))
  func equalKeras() throws {
    let folder = try #require(Self.folder)
    let goldens = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appending(path: "../Goldens/photos.json")
    let photos = try JSONDecoder().decode([String: [UInt32]].self, from: Data(contentsOf: goldens))
    #expect(photos.count == 100)
    #if DEBUG
      // Unoptimized loops take seconds for each.
      let step = 10
    #else
      let step = 1
    #endif
    let names = photos.keys.sorted()
    for name in stride(from: 0, to: names.count, by: step).map({ names[$0] }) {
      let path = folder.appending(path: name).path
      let size = ImageSize(side: 224)
      let images = try [
        Image(contentsOf: path), Image.load(from: path, targetSize: size),
        Image.load(from: path, targetSize: size, interpolation: .bilinear),
      ]
      #expect(images.map { crc32($0.pixels) } == photos[name], "\(name)")
    }
  }
}
