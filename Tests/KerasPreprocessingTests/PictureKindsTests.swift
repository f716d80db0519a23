import Foundation
import KerasCore
import KerasPreprocessing
import Testing

/// What Tests/Goldens/picture-kinds.json says: GIF files, and files of all colours in one folder.
struct PictureKinds: Decodable {
  struct GIF: Decodable, CustomTestStringConvertible {
    var name: String
    var file: Data
    var size: [Int]?
    var rgb: UInt32?
    var grayscale: UInt32?
    var rgba: UInt32?
    var testDescription: String { name }
  }

  struct Mixed: Decodable {
    var name: String
    var file: Data
    var pillow: Data
    var tensorflow: Data
  }

  var gif: [GIF]
  var mixed: [Mixed]

  static let shared: PictureKinds = {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appending(path: "../Goldens/picture-kinds.json")
    do {
      return try JSONDecoder().decode(PictureKinds.self, from: Data(contentsOf: file))
    } catch {
      fatalError("Tests/Goldens/picture-kinds.json cannot be read: \(error)")
    }
  }()
}

@Suite struct GIFTests {
  /// What Pillow refuses is refused, and everything else has its pixels.
  @Test(arguments: PictureKinds.shared.gif)
  func pixelsAreThoseOfPillow(_ file: PictureKinds.GIF) throws {
    for (colors, crc) in [
      (ColorMode.rgb, file.rgb), (.grayscale, file.grayscale), (.rgba, file.rgba),
    ] {
      guard let crc else {
        let error = #expect(throws: KerasError.self) { try Image(data: file.file, colorMode: colors) }
        #expect(error?.kind == .invalidFile)
        continue
      }
      let image = try Image(data: file.file, colorMode: colors)
      #expect([image.height, image.width] == file.size && crc32(image.pixels) == crc, "\(colors)")
    }
  }

  private func file(_ name: String) throws -> [UInt8] {
    Array(try #require(PictureKinds.shared.gif.first { $0.name == name }).file)
  }

  @Test func whatIsWrongIsToldInWords() throws {
    func words(_ bytes: [UInt8]) -> String? {
      failure { () throws(KerasError) in _ = try Image(data: bytes) }
    }
    let whole = try file("palette")
    #expect(
      words(Array(whole.dropLast(5))) == """
        The GIF file ends too soon, after \(whole.count - 5) bytes.
          try: copy or download the file again.
        """)
    #expect(words(try file("no picture")) == "The GIF file holds no picture.")
    // Behind the heading, 16 colours and the description of the picture.
    var damaged = whole
    damaged[13 + 48 + 10] = 13
    #expect(words(damaged) == "The GIF file is damaged: its numbers begin with 13 bits.")
    damaged = whole
    damaged[13 + 48 + 12] = 0xFF
    damaged[13 + 48 + 13] = 0xFF
    #expect(words(damaged) == "The GIF file is damaged: code 31 means nothing where it stands.")
    // A picture that says it has 65,535 rows and columns.
    for place in 13 + 48 + 5..<13 + 48 + 9 { damaged[place] = 0xFF }
    #expect(
      words(damaged) == """
        The image is 65535 × 65535 = 4294836225 pixels; at most 178956970 are decoded.
          try: if the file can be trusted, pass a larger maximumPixelCount.
        """)
  }

  /// Every cut and many changed bytes: an error or a picture, and never a crash.
  @Test(arguments: ["palette", "interlaced", "smaller, transparent", "two pictures", "cleared"])
  func damagedFilesAreRefused(_ name: String) throws {
    let whole = try file(name)
    for end in whole.indices { _ = try? Image(data: whole[..<end], maximumPixelCount: 10_000) }
    var random = NumPyRandom(seed: 1)
    for place in whole.indices {
      for _ in 0..<8 {
        var bytes = whole
        bytes[place] = UInt8(random.integer(in: 0..<256))
        _ = try? Image(data: bytes, colorMode: .rgba, maximumPixelCount: 10_000)
      }
    }
  }
}

@Suite struct MixedPicturesTests {
  private func folder() throws -> Scratch {
    let scratch = try Scratch()
    for file in PictureKinds.shared.mixed {
      try scratch.write(Array(file.file), to: "all kinds/ä/\(file.name)")
    }
    return scratch
  }

  private func batch(_ data: any DataSource, epoch: Int = 0) throws -> Batch {
    try #require(try data.batches(inEpoch: epoch).next())
  }

  /// Grey, opacity, palettes and ink in one folder: three channels each, as TensorFlow decodes them.
  @Test func foldersHaveThePixelsOfTensorFlow() throws {
    let scratch = try folder()
    let data = try ImageFolder(scratch.file("all kinds"), size: ImageSize(height: 3, width: 4)).data()
    let pictures = try batch(data).inputs[0]
    #expect(pictures.shape == [8, 3, 4, 3])
    for (row, file) in PictureKinds.shared.mixed.enumerated() {
      let got: [Float] = try pictures.rows(row..<row + 1).scalars()
      // Ink becomes light by other roundings there.
      let tolerance: Float = file.name == "6 ink.jpg" ? 3 : 0
      #expect(
        zip(got, file.tensorflow).allSatisfy { abs($0 - Float($1)) <= tolerance },
        "\(file.name): \(got) \(Array(file.tensorflow))")
    }
  }

  @Test func generatorsHaveThePixelsOfPillow() throws {
    let scratch = try folder()
    let data = try ImageDataGenerator().flowFromDirectory(
      scratch.file("all kinds"), size: ImageSize(height: 3, width: 4), shuffles: false)
    let pictures = try batch(data).inputs[0]
    for (row, file) in PictureKinds.shared.mixed.enumerated() {
      #expect(try pictures.rows(row..<row + 1).scalars() == file.pillow.map { Float($0) }, "\(file.name)")
    }
  }

  /// However many decode: the same numbers for a seed, epoch by epoch.
  @Test(arguments: [1, 2, 3, 100])
  func workersChangeNothing(_ workers: Int) throws {
    let scratch = try folder()
    let images = try ImageFolder(scratch.file("all kinds"), size: ImageSize(side: 7), shuffleSeed: 3)
    var flow = try ImageDataGenerator(rotationRange: 40, shearRange: 10, horizontalFlip: true)
      .flowFromDirectory(scratch.file("all kinds"), size: ImageSize(side: 7), batchSize: 5, seed: 8)
    for epoch in 0..<2 {
      let one = try batch(images.data(batchSize: 5), epoch: epoch)
      let other = try batch(images.data(batchSize: 5, workers: workers), epoch: epoch)
      #expect(one.inputs[0].scalars(as: Float.self) == other.inputs[0].scalars(as: Float.self))
      flow.workers = nil
      let drawn = try batch(flow, epoch: epoch).inputs[0].scalars(as: Float.self)
      flow.workers = workers
      #expect(try batch(flow, epoch: epoch).inputs[0].scalars(as: Float.self) == drawn)
    }
    #expect(
      failure { () throws(KerasError) in _ = try images.data(workers: 0) }
        == "Pictures need a worker to decode them, found 0.")
  }

  /// Parts of pictures, some in a mirror: the numbers are those that the whole picture has there.
  @Test(arguments: [DataFormat.channelsLast, .channelsFirst], [ImageFolder.Fitting.stretch, .pad])
  func viewsAreParts(_ format: DataFormat, _ fitting: ImageFolder.Fitting) throws {
    let scratch = try folder()
    for interpolation in [PictureInterpolation.bilinear, .bicubic] {
      let images = try ImageFolder(
        scratch.file("all kinds"), size: ImageSize(height: 9, width: 8), interpolation: interpolation,
        fitting: fitting, dataFormat: format)
      let view = ImageFolder.RandomView(isMirrored: true, crop: ImageSize(height: 5, width: 6), seed: 4)
      let data = try images.data(view: view)
      var found: Set<[Int]> = []
      for epoch in 0..<4 {
        let seen = try batch(data, epoch: epoch).inputs[0]
        #expect(seen.shape == (format == .channelsLast ? [8, 5, 6, 3] : [8, 3, 5, 6]))
        for (row, path) in images.files.paths.enumerated() {
          let whole: [Float] = try images.picture(path).scalars()
          let part: [Float] = try seen.rows(row..<row + 1).scalars()
          found.insert(try #require(place(of: part, in: whole, format), "\(path)"))
        }
        let again = try batch(images.data(view: view, workers: 1), epoch: epoch).inputs[0]
        #expect(again.scalars(as: Float.self) == seen.scalars(as: Float.self))
      }
      #expect(found.count > 10 && Set(found.map { $0[2] }) == [0, 1])
    }
    #expect(
      failure { () throws(KerasError) in
        _ = try ImageFolder(scratch.file("all kinds"), size: ImageSize(side: 4))
          .data(view: ImageFolder.RandomView(crop: ImageSize(height: 3, width: 5)))
      } == "Of pictures of 4 × 4, no 3 × 5 can be cut out.")
  }

  /// Top, left, and whether it is mirrored.
  private func place(of part: [Float], in whole: [Float], _ format: DataFormat) -> [Int]? {
    func number(_ numbers: [Float], _ y: Int, _ x: Int, _ c: Int, _ height: Int, _ width: Int) -> Float {
      format == .channelsLast ? numbers[(y * width + x) * 3 + c] : numbers[(c * height + y) * width + x]
    }
    for top in 0...4 {
      for left in 0...2 {
        for mirror in 0...1 {
          let isThere = (0..<90).allSatisfy { (index: Int) -> Bool in
            let (y, x, c) = (index / 18, index / 3 % 6, index % 3)
            let column = left + (mirror == 1 ? 5 - x : x)
            return number(part, y, x, c, 5, 6) == number(whole, top + y, column, c, 9, 8)
          }
          if isThere { return [top, left, mirror] }
        }
      }
    }
    return nil
  }

  /// Keras counts hidden folders in `flow_from_directory`, and leaves them out of data sets.
  @Test func hiddenFoldersAreClassesOfGenerators() throws {
    let scratch = try folder()
    try scratch.write(Array(PictureKinds.shared.mixed[0].file), to: "all kinds/.hidden/x.png")
    let flow = try ImageDataGenerator().flowFromDirectory(scratch.file("all kinds"))
    #expect(flow.classNames == [".hidden", "ä"] && flow.count == 9)
    #expect(try ImageFolder(scratch.file("all kinds")).classNames == ["ä"])
  }
}
