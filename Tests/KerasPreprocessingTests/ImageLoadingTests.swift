import Foundation
import KerasCore
import KerasPreprocessing
import Testing

@Suite struct ImageLoadingTests {
  /// Every kind of JPEG and PNG file in every colour mode and interpolation: equal to Keras' `load_img`.
  @Test(arguments: ImageGoldens.shared.cases)
  func equalsKeras(_ golden: ImageGoldens.Case) throws {
    let bytes = try ImageGoldens.file(golden.file)
    let color = try #require(ColorMode(rawValue: golden.color))
    let image = try Image(
      data: bytes, colorMode: color, orientation: golden.orientation == "apply" ? .apply : .ignore)
    var result = image
    try withTemporaryFolder { folder in
      let path = folder + "/picture"
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      guard let size = golden.size.map({ ImageSize(height: $0[0], width: $0[1]) }) else {
        if golden.orientation == nil {
          // From a file the very same.
          #expect(try Image(contentsOf: path, colorMode: color) == image)
        }
        return
      }
      if let preset = golden.preset.flatMap(ResizingPreset.init) {
        result = try Image.load(from: path, colorMode: color, size: size, preset: preset)
        #expect(try image.resized(to: size, preset: preset) == result)
      } else {
        let interpolation = try #require(golden.interpolation.flatMap(Interpolation.init))
        let keeps = golden.keep == true
        result = try Image.load(
          from: path, colorMode: color, targetSize: size, interpolation: interpolation,
          keepsAspectRatio: keeps)
        // Resized after decoding as while decoding.
        #expect(try image.resized(to: size, using: interpolation, keepsAspectRatio: keeps) == result)
      }
    }
    expect(result, golden)
  }

  private func expect(_ image: Image, _ golden: ImageGoldens.Case) {
    #expect(image.mode == mode(named: golden.mode))
    #expect(image.size == ImageSize(height: golden.height, width: golden.width))
    if let pixels = golden.pixels { #expect(image.pixels == Array(pixels)) }
    if let checksum = golden.crc32 { #expect(crc32(image.pixels) == checksum) }
    #expect((golden.pixels == nil) != (golden.crc32 == nil))
  }

  @Test func turnsPicturesUprightOnRequest() throws {
    // Orientation 6: the camera was held upright, so rows become columns.
    let file = try ImageGoldens.file("turned-6.jpg")
    #expect(try Image(data: file).size == ImageSize(height: 13, width: 19))
    let upright = try Image(data: file, orientation: .apply)
    #expect(upright.size == ImageSize(height: 19, width: 13))
    try withTemporaryFolder { folder in
      try Data(file).write(to: URL(fileURLWithPath: folder + "/a.jpg"))
      let small = try Image.load(
        from: folder + "/a.jpg", targetSize: ImageSize(side: 8), interpolation: .bicubic,
        orientation: .apply)
      #expect(try upright.resized(to: ImageSize(side: 8), using: .bicubic) == small)
    }
  }

  @Test func readsFromPipes() throws {
    let file = try ImageGoldens.file("baseline-2.jpg")
    let pipe = Pipe()
    pipe.fileHandleForWriting.write(Data(file))
    try pipe.fileHandleForWriting.close()
    let path = "/dev/fd/\(pipe.fileHandleForReading.fileDescriptor)"
    #expect(try Image(contentsOf: path) == Image(data: file))
  }

  @Test func limitsPixelsBeforeTakingMemory() throws {
    let file = try ImageGoldens.file("baseline-2.jpg")
    #expect(
      message { () throws(KerasError) in try Image(data: file, maximumPixelCount: 37 * 29 - 1) } == """
        The image is 37 × 29 = 1073 pixels; at most 1072 are decoded.
          try: if the file can be trusted, pass a larger maximumPixelCount.
        """)
    #expect(try Image(data: file, maximumPixelCount: 37 * 29).width == 37)
  }

  @Test func refusesImpossibleSizes() throws {
    let image = try Image(data: ImageGoldens.file("noise-gray.png"))
    #expect(
      message { () throws(KerasError) in try image.resized(to: ImageSize(height: 0, width: 5)) }
        == "The height and width of the target size must be 1…1000000, not 0 × 5.")
    #expect(
      message { () throws(KerasError) in try image.resized(to: ImageSize(side: 1_000_000)) }
        == "A target size of 1000000 × 1000000 is more than 178956970 pixels.")
    #expect(
      message { () throws(KerasError) in try Image(width: 2, height: -2, mode: .rgb, pixels: []) }
        == "The height and width of an image must be 1…1000000, not -2 × 2.")
    #expect(
      message { () throws(KerasError) in try Image(width: 2, height: 2, mode: .rgb, pixels: [1, 2, 3]) }
        == """
        An image of 2 × 2 pixels in mode rgb does not have 3 bytes.
          try: pass height · width · 3 bytes.
        """)
  }
}
