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
    for (name, checksums) in photos {
      let path = folder.appending(path: name).path
      let size = ImageSize(side: 224)
      let images = try [
        Image(contentsOf: path), Image.load(from: path, targetSize: size),
        Image.load(from: path, targetSize: size, interpolation: .bilinear),
      ]
      #expect(images.map { crc32($0.pixels) } == checksums, "\(name)")
    }
    #expect(photos.count == 100)
  }
}
