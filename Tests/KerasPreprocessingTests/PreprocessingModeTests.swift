import KerasCore
import Testing

@testable import KerasPreprocessing

@Suite struct PreprocessingModeTests {
  private func bits(_ tensor: Tensor) -> [UInt32] { tensor.scalars(as: Float.self).map(\.bitPattern) }

  /// To the last bit, for every pixel value and for others.
  @Test(arguments: ImageGoldens.shared.preprocess_input)
  func equalsKeras(_ golden: ImageGoldens.Preprocessing) throws {
    let mode = try #require(PreprocessingMode(rawValue: golden.mode))
    let dataFormat = try #require(DataFormat(rawValue: golden.data_format))
    let output = try mode(tensor(golden.input, golden.shape), dataFormat: dataFormat)
    let expected = try tensor(golden.output, golden.shape)
    #expect(output.shape == golden.shape)
    #expect(bits(output) == bits(expected))
  }

  @Test(arguments: PreprocessingMode.allCases)
  func integersAreConverted(_ mode: PreprocessingMode) throws {
    let bytes = try Tensor((0..<24).map { UInt8($0 * 10) }, shape: [2, 4, 3])
    let output = try mode(bytes)
    #expect(output.dataType == .float32)
    #expect(try bits(output) == bits(mode(bytes.converted(to: .float32))))
  }

  @Test(arguments: PreprocessingMode.allCases, [Image.Mode.rgb, .rgba, .grayscale])
  func fusedPathIsTheSame(_ mode: PreprocessingMode, _ imageMode: Image.Mode) throws {
    let pixels = (0..<8 * 4 * imageMode.bytesPerPixel).map { UInt8(truncatingIfNeeded: $0 * 37) }
    let image = try Image(width: 8, height: 4, mode: imageMode, pixels: pixels)
    var batch = [Float](repeating: .nan, count: 8 * 4 * 3)
    batch.withUnsafeMutableBufferPointer { image.write(into: $0, mode: mode) }
    let channels = imageMode.channelCount
    let rgb = (0..<32).flatMap { i in
      (0..<3).map { pixels[i * channels + (channels == 1 ? 0 : $0)] }
    }
    let expected = try mode(Tensor(rgb, shape: [4, 8, 3]))
    #expect(batch.map(\.bitPattern) == bits(expected))
  }

  @Test func refusesOtherShapes() {
    #expect(
      message { () throws(KerasError) in try PreprocessingMode.caffe(Tensor(zeros: [4, 4, 1])) } == """
        Expected RGB images, [height, width, 3] or [batch, height, width, 3], found shape [4, 4, 1].
          try: pass the data format in which the tensor is, and convert other pictures to RGB.
        """)
    #expect(
      message { () throws(KerasError) in
        try PreprocessingMode.torch(Tensor(zeros: [4, 3]), dataFormat: .channelsFirst)
      } == """
        Expected RGB images, [3, height, width] or [batch, 3, height, width], found shape [4, 3].
          try: pass the data format in which the tensor is, and convert other pictures to RGB.
        """)
  }

  /// What the warning says of values, before its advice.
  static let ranges: [(values: [Float], finding: String?)] = [
    ([0, 128, 255], nil),
    ([0, 0, 0], nil),
    ([0, 0.5, 1], "0.0 and 1.0: they look already divided by 255."),
    ([-1, 0.5, 1], "-1.0 and 1.0: they look already preprocessed (scaled to −1…1)."),
    ([-123.5, 0, 151], "-123.5 and 151.0: they look already preprocessed (centred)."),
    ([0, 65535], "0.0 and 65535.0: pixels end at 255."),
  ]

  @Test(arguments: ranges)
  func warnsOfWrongRanges(_ values: [Float], _ finding: String?) {
    let expected = finding.map { "The values lie between \($0) Pass RGB pixels of 0…255 instead." }
    #expect(PreprocessingMode.tf.rangeWarning(for: Tensor(values)) == expected)
  }

  @Test func warnsOfWhatIsNoNumber() {
    #expect(
      PreprocessingMode.tf.rangeWarning(for: Tensor([0, .nan] as [Float]))
        == "Some values are not numbers (NaN or infinite): the answer will be neither.")
  }

  @Test func warnsOfIntegersOnlyOutsideThePixels() {
    #expect(PreprocessingMode.none.rangeWarning(for: Tensor([0, 1] as [UInt8])) == nil)
    #expect(
      PreprocessingMode.none.rangeWarning(for: Tensor([0, 300] as [Int32]))
        == "The values lie between 0.0 and 300.0: pixels end at 255. "
        + "This model scales its input itself: pass RGB pixels of 0…255 instead.")
  }
}
