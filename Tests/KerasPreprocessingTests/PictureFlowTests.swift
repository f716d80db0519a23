import Foundation
import KerasCore
import KerasPreprocessing
import Testing

/// Pictures in folders and tables on their way into training. Golden cases compare what generators draw with Keras.
@Suite struct PictureFlowTests {
  /// A grey picture of 7 × 5 whose numbers say which it is.
  private static func picture(_ number: Int) throws -> [UInt8] {
    try Image(
      width: 7, height: 5, mode: .grayscale, pixels: (0..<35).map { UInt8(($0 * 37 + number * 10) % 256) }
    ).encoded(as: .png)
  }

  private func all(_ data: any DataSource, epoch: Int = 0) throws -> [Batch] {
    let stream = try data.batches(inEpoch: epoch)
    var batches: [Batch] = []
    while let batch = try stream.next() { batches.append(batch) }
    #expect(try stream.next() == nil)
    return batches
  }

  private func folder() throws -> Scratch {
    let scratch = try Scratch()
    for number in 0..<3 { try scratch.write(Self.picture(number), to: "pictures/ein Hund/\(number).png") }
    for number in 3..<7 { try scratch.write(Self.picture(number), to: "pictures/котёнок/sub/\(number).PNG") }
    try scratch.write(Array("x".utf8), to: "pictures/котёнок/readme.txt")
    return scratch
  }

  @Test func foldersAreClasses() throws {
    let scratch = try folder()
    let generator = try ImageDataGenerator(rescale: 0.5, validationSplit: 0.4)
    let flow = try generator.flowFromDirectory(
      scratch.file("pictures"), size: ImageSize(height: 5, width: 7), colorMode: .grayscale, batchSize: 4,
      shuffles: false)
    #expect(flow.classNames == ["ein Hund", "котёнок"])
    #expect(flow.count == 7 && flow.batchCount == 2)
    let batches = try all(flow)
    #expect(batches.map(\.inputs[0].shape) == [[4, 5, 7, 1], [3, 5, 7, 1]])
    #expect(batches[0].targets[0].scalars() == [1, 0, 1, 0, 1, 0, 0, 1] as [Float])
    #expect(try batches[1].inputs[0].rows(2..<3).scalars(as: Float.self)[..<3] == [30, 48.5, 67])
    // The first of each class are for validation, as in Keras.
    let names = { (subset: FolderSubset) in
      try generator.flowFromDirectory(
        scratch.file("pictures"), size: ImageSize(side: 4), classMode: .binary, shuffles: false,
        subset: subset
      ).files.map { ($0 as NSString).lastPathComponent }
    }
    #expect(try names(.validation) == ["0.png", "3.PNG"])
    #expect(try names(.training) == ["1.png", "2.png", "4.PNG", "5.PNG", "6.PNG"])
  }

  /// Whoever decodes: the same numbers for a seed, epoch by epoch.
  @Test func theSeedAloneDecides() throws {
    let scratch = try folder()
    let generator = try ImageDataGenerator(
      rotationRange: 30, widthShiftRange: .fraction(0.3), horizontalFlip: true)
    func numbers(_ seed: UInt32, _ epoch: Int) throws -> [[Float]] {
      let flow = try generator.flowFromDirectory(
        scratch.file("pictures"), size: ImageSize(side: 6), classMode: .sparse, batchSize: 3, seed: seed)
      return try all(flow, epoch: epoch).flatMap { [$0.inputs[0].scalars(), $0.targets[0].scalars()] }
    }
    let first = try numbers(1, 0)
    #expect(try numbers(1, 0) == first)
    #expect(try numbers(1, 1) != first)
    #expect(try numbers(2, 0) != first)
  }

  @Test func tablesNameFilesClassesAndWeights() throws {
    let scratch = try folder()
    let path = try scratch.write(
      Array(
        """
        \u{FEFF}filename,class,"weight, of it",age\r
        ein Hund/1.png,dog,2,0.5\r
        "котёнок/sub/4.PNG","cat ""small"" one",1,-3\r
        missing.png,dog,1,0\r
        \r
        ein Hund/2.png,dog,0.25,1e2\r

        """.utf8), to: "list.csv")
    let table = try Table(contentsOf: path)
    #expect(table.columns == ["filename", "class", "weight, of it", "age"] && table.rows.count == 4)
    let warnings = Recorded()
    let flow = try Warnings.withHandler {
      warnings.add($0)
    } _: {
      try ImageDataGenerator().flowFromTable(
        table, folder: scratch.file("pictures"), weightColumn: "weight, of it",
        size: ImageSize(height: 5, width: 7),
        colorMode: .grayscale, classMode: .sparse, shuffles: false)
    }
    #expect(
      warnings.all == [
        "\(path): 1 of 4 files are not there and are left out, the first of them \(scratch.file("pictures/missing.png"))."
      ])
    #expect(flow.classNames == ["cat \"small\" one", "dog"] && flow.count == 3)
    let batch = try #require(try all(flow).first)
    #expect(batch.targets[0].scalars() == [1, 0, 1] as [Int32])
    #expect(batch.sampleWeights[0].scalars() == [2, 1, 0.25] as [Float])
    let ages = try Warnings.withHandler { _ in
    } _: {
      try all(
        ImageDataGenerator().flowFromTable(
          table, folder: scratch.file("pictures"), targetColumns: ["age"], size: ImageSize(side: 4),
          shuffles: false))
    }
    #expect(ages[0].targets[0].scalars() == [0.5, -3, 100] as [Float])
  }

  private final class Recorded: @unchecked Sendable {
    // Warnings come on the thread that asks.
    private(set) var all: [String] = []
    func add(_ text: String) { all.append(text) }
  }

  @Test(arguments: [
    ("a,b\n1\n", "Line 2 has 1 columns, the heading 2.\n  in: the table"),
    ("a,a\n", "Two columns are called alike: [\"a\", \"a\"].\n  in: the table"),
    ("", "The table is empty.\n  in: the table"),
    ("a\n\"x\ny\n", "A quote that begins in line 2 does not end.\n  in: the table"),
  ])
  func tablesThatAreNone(_ text: String, _ message: String) {
    #expect(failure { () throws(KerasError) in _ = try Table(csv: text) } == message)
  }

  @Test func whatIsNotThereIsNamed() throws {
    let scratch = try folder()
    let table = try Table(csv: "filename,class\nx.png,a\n")
    #expect(
      failure { () throws(KerasError) in _ = try table.column("clas") }
        == "There is no column called `clas`.\n  in: the table\n  try: did you mean class?")
    #expect(
      failure { () throws(KerasError) in _ = try ImageDataGenerator().flowFromTable(table) } == """
        None of the 1 files that the table names is there; the first is x.png.
          in: the table
          try: say which folder they are in.
        """)
    try scratch.write([], to: "empty/a/readme.txt")
    #expect(
      failure { () throws(KerasError) in
        _ = try ImageDataGenerator().flowFromDirectory(scratch.file("empty"))
      } == "There are no pictures (.png, .jpg, .jpeg, .bmp, .ppm, .tif, .tiff) in \(scratch.file("empty")).")
    try scratch.write(Array("no picture".utf8), to: "pictures/ein Hund/broken.png")
    let data = try ImageFolder(scratch.file("pictures"), size: ImageSize(side: 4)).data()
    let error = #expect(throws: KerasError.self) { try all(data) }
    #expect(error?.path == [scratch.file("pictures/ein Hund/broken.png")])
    #expect(error?.what == "This is not an image: it starts with the text \"no picture\".")
  }

  @Test func generatorsRefuseWhatMakesNoSense() throws {
    let pictures = Tensor(zeros: [4, 3, 3, 1])
    func failed(_ body: () throws(KerasError) -> Void) -> String? { failure(body) }
    #expect(
      failed { () throws(KerasError) in _ = try ImageDataGenerator(validationSplit: 1) }
        == "The share for validation must be from 0 to below 1, found 1.0.")
    #expect(
      failed { () throws(KerasError) in _ = try ImageDataGenerator(interpolationOrder: 6) }
        == "Splines have an order from 0 to 5, found 6.")
    #expect(
      failed { () throws(KerasError) in
        _ = try ImageDataGenerator().flow(pictures, Tensor([1, 2] as [Int32]))
      }
        == "4 pictures need as many targets, found shape [2].")
    #expect(
      failed { () throws(KerasError) in _ = try ImageDataGenerator().flow(pictures, subset: .validation) }
        == "A share of 0.0 leaves one part of 4 samples nothing.")
    var generator = try ImageDataGenerator(featurewiseCenter: true)
    try generator.fit(pictures)
    #expect(
      failed { () throws(KerasError) in _ = try generator.standardizing(Tensor(zeros: [3, 3, 3])) }
        == "The generator has seen pictures of 1 channels, found 3.")
  }

  @Test func copiesAreKept() throws {
    let scratch = try Scratch(["copies/x": ""])
    let pictures = Tensor(uninitialized: [3, 4, 4, 3], Float.self) { elements in
      for i in elements.indices { elements[i] = Float(i) }
    }
    let flow = try ImageDataGenerator().flow(
      pictures, batchSize: 2, seed: 5, copies: PictureFlow.Copies(folder: scratch.file("copies"), prefix: "p")
    )
    _ = try all(flow)
    let names = try FileManager.default.contentsOfDirectory(atPath: scratch.file("copies")).filter {
      $0 != "x"
    }
    #expect(names.count == 3 && names.allSatisfy { $0.hasPrefix("p_") && $0.hasSuffix(".png") })
  }

  /// The numbers of TensorFlow 2.21: `tf.image.resize`, and `smart_resize` to 4 × 2.
  @Test(arguments: [
    (
      PictureInterpolation.bilinear,
      [14.875, 79.625, 144.375, 209.125, 19.875, 84.625, 149.375, 214.125, 24.875, 89.625, 154.375, 219.125]
        as [Float]
    ),
    (
      PictureInterpolation.nearest,
      [0, 74, 148, 222, 6, 80, 154, 228, 12, 86, 160, 234] as [Float]
    ),
    (
      PictureInterpolation.bicubic,
      [11.126, 79.348, 144.098, 212.32, 16.403, 84.625, 149.375, 217.597, 21.68, 89.902, 154.652, 222.874]
        as [Float]
    ),
    (
      PictureInterpolation.lanczos3,
      [9.729, 78.662, 144.592, 213.525, 15.102, 84.035, 149.965, 218.898, 20.475, 89.408, 155.338, 224.271]
        as [Float]
    ),
    (
      PictureInterpolation.area,
      [17.057, 80.486, 143.914, 207.343, 21.857, 85.286, 148.714, 212.143, 26.657, 90.086, 153.514, 216.943]
        as [Float]
    ),
  ])
  func resizesAsTensorFlow(_ interpolation: PictureInterpolation, _ numbers: [Float]) throws {
    let scratch = try Scratch()
    let path = try scratch.write(Self.picture(0), to: "a/x.png")
    let folder = try ImageFolder(
      scratch.path, colorMode: .grayscale, size: ImageSize(height: 3, width: 4), interpolation: interpolation)
    let got: [Float] = try folder.picture(path).scalars()
    #expect(got.count == 12 && zip(got, numbers).allSatisfy { abs($0 - $1) < 2e-3 }, "\(got)")
  }

  @Test func cropsAsTensorFlow() throws {
    let scratch = try Scratch()
    let path = try scratch.write(Self.picture(0), to: "a/x.png")
    let folder = try ImageFolder(
      scratch.path, colorMode: .grayscale, size: ImageSize(height: 4, width: 2), fitting: .crop)
    let got: [Float] = try folder.picture(path).scalars()
    let numbers: [Float] = [74.375, 111.375, 78.125, 115.125, 81.875, 118.875, 85.625, 122.625]
    #expect(got.count == 8 && zip(got, numbers).allSatisfy { abs($0 - $1) < 2e-3 }, "\(got)")
  }

  private static let padded: [(ImageSize, [Float])] = [
    (ImageSize(height: 4, width: 2), [0, 0, 52.25, 181.75, 0, 0, 0, 0]),
    (ImageSize(height: 3, width: 8), wide),
    (ImageSize(side: 6), square),
  ]
  private static let wide: [Float] = [
    0, 14.875, 79.625, 144.375, 209.125, 0, 0, 0, 0, 19.875, 84.625, 149.375, 214.125, 0, 0, 0, 0, 24.875,
    89.625, 154.375, 219.125, 0, 0, 0,
  ]
  private static let square: [Float] = [
    3.458, 46.625, 89.792, 132.958, 176.125, 219.292, 7.208, 50.375, 93.542, 136.708, 179.875, 223.042,
    10.958,
    54.125, 97.292, 140.458, 183.625, 226.792, 14.708, 57.875, 101.042, 144.208, 187.375, 230.542, 0, 0, 0, 0,
    0,
    0, 0, 0, 0, 0, 0, 0,
  ]

  /// The numbers of `image_dataset_from_directory(pad_to_aspect_ratio=True)`.
  @Test(arguments: padded)
  func padsAsTensorFlow(_ size: ImageSize, _ numbers: [Float]) throws {
    let scratch = try Scratch()
    // The picture of these numbers has 5 rows, the first of 0, 37, 74 …
    let path = try scratch.write(Self.picture(0), to: "a/x.png")
    for format in [DataFormat.channelsLast, .channelsFirst] {
      let folder = try ImageFolder(
        scratch.path, colorMode: .grayscale, size: size, fitting: .pad, dataFormat: format)
      let got: [Float] = try folder.picture(path).scalars()
      #expect(got.count == numbers.count && zip(got, numbers).allSatisfy { abs($0 - $1) < 2e-3 }, "\(got)")
    }
    // Too flat to leave anything: one row stays.
    try scratch.write(
      Image(width: 900, height: 1, mode: .grayscale, pixels: [UInt8](repeating: 9, count: 900)).encoded(
        as: .png),
      to: "a/flat.png")
    let folder = try ImageFolder(scratch.path, colorMode: .grayscale, size: ImageSize(side: 3), fitting: .pad)
    #expect(
      try folder.picture(scratch.file("a/flat.png")).scalars() == [0, 0, 0, 9, 9, 9, 0, 0, 0] as [Float])
  }

  @Test func channelsMayComeFirst() throws {
    let scratch = try Scratch()
    let pixels = (0..<60).map { UInt8($0 * 4) }
    let path = try scratch.write(
      Image(width: 5, height: 4, mode: .rgb, pixels: pixels).encoded(as: .png), to: "a/x.png")
    func numbers(_ format: DataFormat) throws -> Tensor {
      try ImageFolder(scratch.path, size: ImageSize(height: 3, width: 2), dataFormat: format).picture(path)
    }
    let (last, first) = (try numbers(.channelsLast), try numbers(.channelsFirst))
    #expect(first.shape == [3, 3, 2])
    let (a, b): ([Float], [Float]) = (last.scalars(), first.scalars())
    let moved = (0..<18).map { (index: Int) -> Float in b[index % 3 * 6 + index / 3] }
    #expect(a == moved)
  }

  /// As lists in a column of Keras' `flow_from_dataframe`.
  @Test func picturesMayHaveSeveralClasses() throws {
    let scratch = try folder()
    let table = try Table(
      csv: "filename,class\nein Hund/0.png,brown; small\nein Hund/1.png,small\nein Hund/2.png,\n")
    func targets(_ names: [String]? = nil) throws -> PictureFlow {
      try ImageDataGenerator().flowFromTable(
        table, folder: scratch.file("pictures"), labelSeparator: ";", size: ImageSize(side: 2),
        classNames: names, shuffles: false)
    }
    let all = try targets()
    #expect(all.classNames == ["brown", "small"])
    #expect(try self.all(all)[0].targets[0].scalars() == [1, 1, 0, 1, 0, 0] as [Float])
    // With names given, rows that have none of them are left out.
    let chosen = try targets(["tall", "brown"])
    #expect(try self.all(chosen)[0].targets[0].scalars() == [0, 1] as [Float])
    #expect(
      failure { () throws(KerasError) in
        _ = try ImageDataGenerator().flowFromTable(
          table, folder: scratch.file("pictures"), labelSeparator: ";", classMode: .sparse)
      } == "Pictures of several classes need the class mode categorical, found sparse.")
  }

  @Test func tablesMustBeText() throws {
    let scratch = try Scratch()
    let path = try scratch.write(Array("filename\ncaf".utf8) + [0xE9], to: "latin1.csv")
    #expect(
      failure { () throws(KerasError) in _ = try Table(contentsOf: path) }
        == "The table is not UTF-8 text.\n  in: \(path)")
  }

  @Test func imageFoldersAreBatches() throws {
    let scratch = try folder()
    let folder = try ImageFolder(
      scratch.file("pictures"), size: ImageSize(side: 4), dataFormat: .channelsFirst, shuffleSeed: 3)
    #expect(folder.classNames == ["ein Hund", "котёнок"])
    let data = try folder.data(batchSize: 5, labelMode: .binary)
    let batches = try all(data)
    #expect(batches.map(\.inputs[0].shape) == [[5, 3, 4, 4], [2, 3, 4, 4]])
    #expect(batches.map(\.targets[0].shape) == [[5, 1], [2, 1]])
    #expect(
      try all(data).map { $0.inputs[0].scalars(as: Float.self) } == batches.map { $0.inputs[0].scalars() })
    #expect(try all(data, epoch: 1)[0].inputs[0].scalars(as: Float.self) != batches[0].inputs[0].scalars())
    let part = try folder.subset(.validation, validationShare: 0.3)
    #expect(part.files.paths == Array(folder.files.paths.suffix(2)))
  }
}
