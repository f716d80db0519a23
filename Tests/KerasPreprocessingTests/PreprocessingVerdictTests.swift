import KerasCore
import KerasPreprocessing
import Testing

/// What numbers look like, told only where it can be.
@Suite struct PreprocessingVerdictTests {
  /// `[1, 32, 32, 3]`, RGB of these levels.
  private func pixels(_ level: (Int) -> Int) -> Tensor {
    Tensor(uninitialized: [1, 32, 32, 3], Float.self) { numbers in
      for index in numbers.indices { numbers[index] = Float(level(index)) }
    }
  }

  private var photograph: Tensor { pixels { ($0 * 7919) % 256 } }

  @Test(arguments: PreprocessingMode.allCases)
  func everyModeIsTold(_ mode: PreprocessingMode) throws {
    #expect(try PreprocessingVerdict(of: mode(photograph)).mode == mode)
    // Also of pictures whose channels stand first, and of one alone.
    let first = try photograph.reshaped(to: [1, 3, 32, 32])
    #expect(try PreprocessingVerdict(of: mode(first, dataFormat: .channelsFirst)).mode == mode)
    #expect(try PreprocessingVerdict(of: mode(photograph).reshaped(to: [32, 32, 3])).mode == mode)
  }

  @Test func sentences() throws {
    #expect(
      try PreprocessingVerdict(of: PreprocessingMode.caffe(photograph)).description
        == "The numbers look like caffe: blue, green, red, each less its mean.")
    #expect(
      try PreprocessingVerdict(of: photograph).description
        == "The numbers look like none: pixels as they are, 0…255.")
  }

  /// Pictures that were resized in floating point have no whole levels: range and contrast alone decide.
  @Test func whatSeveralModesMakeIsNotGuessedAt() throws {
    let blurred = Tensor(uninitialized: [1, 16, 16, 3], Float.self) { numbers in
      for index in numbers.indices { numbers[index] = Float(index % 97) * 2.6104 + 0.3 }
    }
    let verdict = try PreprocessingVerdict(of: PreprocessingMode.tf(blurred))
    #expect(verdict.mode == nil && verdict.fitting == [.tf, .torch])
    #expect(verdict.description == "It cannot be told which mode made the numbers: these fit: tf, torch.")
    // Bright pictures in −1…1 are pictures in 0…1, too, of every other level.
    let bright = try PreprocessingVerdict(of: PreprocessingMode.tf(pixels { 128 + $0 % 128 }))
    #expect(bright.mode == nil && bright.fitting == [.tf, .unit])
    // Dark ones less their means are whole levels only in one way.
    #expect(try PreprocessingVerdict(of: pixels { $0 % 100 }).mode == PreprocessingMode.none)
  }

  @Test func littleContrastTellsNothing() throws {
    let flat = try PreprocessingVerdict(of: PreprocessingMode.unit(pixels { 100 + $0 % 60 }))
    #expect(flat.mode == nil && flat.fitting == [] && flat.tooFlat.contains(.unit))
    #expect(
      flat.description.hasPrefix("The numbers lie too close together to tell the mode: these would fit: "))
    let black = try PreprocessingVerdict(of: pixels { _ in 0 })
    #expect(black.mode == nil && black.fitting == [])
  }

  @Test func otherNumbersFitNothing() throws {
    let centred = Tensor(uninitialized: [8, 8, 3], Float.self) { numbers in
      for index in numbers.indices { numbers[index] = Float(index % 41) * 20 - 400 }
    }
    let verdict = try PreprocessingVerdict(of: centred)
    #expect(verdict.fitting == [] && verdict.tooFlat == [])
    #expect(
      verdict.description == "The numbers look like none of the modes: they lie between -400.0 and 400.0.")
    #expect(verdict.channels.count == 3 && verdict.channels[0].minimum == -400)
  }

  @Test func numbersThatAreNone() throws {
    let broken = Tensor(uninitialized: [4, 4, 3], Float.self) { numbers in
      for index in numbers.indices {
        numbers[index] = index == 5 ? .nan : index == 7 ? .infinity : Float(index * 5)
      }
    }
    let verdict = try PreprocessingVerdict(of: broken)
    #expect(verdict.notFiniteCount == 2 && verdict.mode == nil && verdict.fitting == [])
    #expect(
      verdict.description == "No preprocessing makes NaN or infinite numbers of pixels; found 2.")
    let nothing = try PreprocessingVerdict(of: Tensor(repeating: Float.nan, shape: [2, 2, 1]))
    #expect(nothing.notFiniteCount == 4 && nothing.channels[0].mean == 0)
  }

  @Test func greyPicturesHaveFewerModes() throws {
    let grey = Tensor(uninitialized: [16, 16, 1], Float.self) { numbers in
      for index in numbers.indices { numbers[index] = Float(index) }
    }
    #expect(try PreprocessingVerdict(of: PreprocessingMode.tf(grey)).mode == .tf)
    #expect(try PreprocessingVerdict(of: PreprocessingMode.unit(grey)).mode == .unit)
    // Bytes are pixels.
    #expect(try PreprocessingVerdict(of: grey.converted(to: .uint8)).mode == PreprocessingMode.none)
  }

  @Test func refusesWhatIsNoPicture() {
    #expect(
      message { () throws(KerasError) in try PreprocessingVerdict(of: Tensor(zeros: [0, 4, 4, 3])) }
        == "The array has no numbers: its shape is (0, 4, 4, 3).")
    for shape in [[5], [4, 3], [2, 2, 2, 2, 3], [7, 5, 2], []] {
      #expect(
        message { () throws(KerasError) in try PreprocessingVerdict(of: Tensor(zeros: shape)) }
          == "Expected pictures, [height, width, channels] or [batch, height, width, channels] or with the channels "
          + "before the height, of 3 channels or 1; found shape \(Shape(shape)).")
    }
  }

  @Test func channelsOfPictures() throws {
    let image = try Image(width: 2, height: 1, mode: .rgba, pixels: [0, 10, 20, 255, 30, 50, 90, 0])
    let channels = ChannelNumbers.of(image)
    #expect(channels.map(\.minimum) == [0, 10, 20, 0] && channels.map(\.maximum) == [30, 50, 90, 255])
    #expect(channels.map(\.mean) == [15, 30, 55, 127.5])
    let deep = try Image(width: 2, height: 1, mode: .grayscale16, pixels: [1, 0, 0, 2])
    #expect(ChannelNumbers.of(deep).map(\.maximum) == [512])
  }
}

/// Pictures as their files have them.
@Suite struct StoredPictureTests {
  @Test(arguments: ImageGoldens.shared.files.keys.sorted().filter { $0.hasPrefix("png-") })
  func losesNothingOfTheFile(_ name: String) throws {
    try withTemporaryFolder { folder in
      let path = folder + "/" + name
      try Image.write(ImageGoldens.file(name), to: path)
      let stored = try StoredPicture(contentsOf: path)
      let byColor = try (Image(contentsOf: path, colorMode: .rgb), Image(contentsOf: path, colorMode: .rgba))
      // What it is converted to from there is what it is read as.
      switch stored.image.mode {
      case .rgba: #expect(stored.image == byColor.1)
      case .rgb: #expect(stored.image == byColor.0)
      case .grayscale, .grayscale16:
        #expect(try stored.image == Image(contentsOf: path, colorMode: .grayscale))
      }
      if byColor.1.pixels.indices.contains(where: { $0 % 4 == 3 && byColor.1.pixels[$0] != 255 }) {
        #expect(stored.image.mode == .rgba)
      }
    }
  }

  @Test func refusesWhatIsNoPicture() throws {
    try withTemporaryFolder { folder in
      try Image.write(Array("no picture at all, but long enough".utf8), to: folder + "/a.jpg")
      #expect(
        message { () throws(KerasError) in try StoredPicture(contentsOf: folder + "/a.jpg") }
          == message { () throws(KerasError) in try Image(contentsOf: folder + "/a.jpg") })
      #expect(
        message { () throws(KerasError) in try StoredPicture(contentsOf: folder + "/b.jpg") }
          == message { () throws(KerasError) in try Image(contentsOf: folder + "/b.jpg") })
    }
  }
}

extension Image {
  fileprivate static func write(_ bytes: [UInt8], to path: String) throws {
    try writeFile(at: path) { (file) throws(KerasError) in try file.append(bytes) }
  }
}
