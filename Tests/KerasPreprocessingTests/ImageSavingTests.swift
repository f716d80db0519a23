import Foundation
import KerasCore
import KerasPreprocessing
import Testing

@Suite struct ImageSavingTests {
  private func noise(_ mode: Image.Mode) throws -> Image {
    let random = CounterRandom(seed: 5)
    let pixels = (0..<13 * 9 * mode.bytesPerPixel).map {
      UInt8(truncatingIfNeeded: random.bits(stream: 0, at: UInt64($0)))
    }
    return try Image(width: 13, height: 9, mode: mode, pixels: pixels)
  }

  @Test(arguments: Image.Mode.allCases)
  func pngLosesNothing(_ mode: Image.Mode) throws {
    let image = try noise(mode)
    let color: ColorMode = mode == .rgba ? .rgba : mode == .rgb ? .rgb : .grayscale
    try withTemporaryFolder { folder in
      let path = folder + "/a.png"
      try image.save(to: path)
      #expect(try Image(contentsOf: path, colorMode: color) == image)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a.png"])
    }
  }

  @Test func jpegIsClose() throws {
    let photo = try Image(data: ImageGoldens.file("baseline-0.jpg"))
    let again = try Image(data: photo.encoded(as: .jpeg, quality: 100))
    let errors = zip(photo.pixels, again.pixels).map { abs(Int($0) - Int($1)) }
    #expect(errors.reduce(0, +) < 12 * errors.count)
    // Opacity is dropped, as Keras does it.
    let opaque = try Image(data: photo.encoded(as: .png), colorMode: .rgba)
    #expect(try opaque.encoded(as: .jpeg) == photo.encoded(as: .jpeg))
    let gray = try noise(.grayscale)
    #expect(try Image(data: gray.encoded(as: .jpeg), colorMode: .grayscale).size == gray.size)
  }

  @Test func messages() throws {
    let image = try noise(.grayscale16)
    #expect(
      message { () throws(KerasError) in try image.save(to: "picture") } == """
        The file name has no extension that names a format.
          in: picture
          try: use .png, .jpg or .jpeg, or name the format.
        """)
    #expect(
      message { () throws(KerasError) in try image.save(to: "a/b.GIF") } == """
        No image format is written for the extension "gif".
          in: a/b.GIF
          try: use .png, .jpg or .jpeg, or name the format.
        """)
    #expect(
      message { () throws(KerasError) in try image.save(to: "a.jpg") } == """
        JPEG does not hold 16-bit grey.
          in: a.jpg
          try: save it as PNG, or scale it to 0…255.
        """)
    #expect(
      message { () throws(KerasError) in try image.save(to: "/nowhere/a.png") } == """
        Cannot write /nowhere/a.png: No such file or directory.
          in: /nowhere/a.png
          try: choose a folder that exists, may be written and has room.
        """)
    #expect(
      message { () throws(KerasError) in try image.encoded(as: .jpeg, quality: 0) }
        == "The JPEG quality must be 1…100, not 0.")
    #expect(
      message { () throws(KerasError) in
        try Image(width: 70_000, height: 1, mode: .grayscale, pixels: [UInt8](repeating: 0, count: 70_000))
          .encoded(as: .jpeg)
      } == "The image cannot be written as JPEG: Maximum supported image dimension is 65500 pixels.")
  }

  /// A folder stands where the file should: what was there stays, and nothing is left beside it.
  @Test func failureLeavesNothing() throws {
    let image = try noise(.rgb)
    try withTemporaryFolder { folder in
      let path = folder + "/a.png"
      try FileManager.default.createDirectory(atPath: path + "/inside", withIntermediateDirectories: true)
      #expect(
        message { () throws(KerasError) in try image.save(to: path) } == """
          Cannot write \(path): Is a directory.
            in: \(path)
            try: choose a folder that exists, may be written and has room.
          """)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a.png"])
    }
  }
}
