import KerasCore
import KerasPreprocessing
import Testing

@Suite struct ImageTensorTests {
  @Test(arguments: ImageGoldens.shared.array_to_img)
  func imageOfTensorEqualsKeras(_ golden: ImageGoldens.ArrayToImage) throws {
    let dataFormat = try #require(DataFormat(rawValue: golden.data_format))
    let image = try Image(
      tensor: tensor(golden.input, golden.shape), dataFormat: dataFormat, scale: golden.scale)
    #expect(image.mode == mode(named: golden.mode))
    var pixels = Array(golden.pixels)
    if golden.mode == "I" {
      // Four bytes each, where two hold the number.
      pixels = pixels.enumerated().filter { $0.offset % 4 < 2 }.map(\.element)
    }
    #expect(image.pixels == pixels)
  }

  @Test func tensorsInBothFormats() throws {
    let image = try Image(width: 2, height: 1, mode: .rgb, pixels: [1, 2, 3, 250, 251, 252])
    let last = image.tensor()
    #expect(last.shape == [1, 2, 3])
    #expect(last.scalars(as: Float.self) == [1, 2, 3, 250, 251, 252])
    let first = image.tensor(dataFormat: .channelsFirst)
    #expect(first.shape == [3, 1, 2])
    #expect(first.scalars(as: Float.self) == [1, 250, 2, 251, 3, 252])
    #expect(try Image(tensor: last, scale: false) == image)
    #expect(try Image(tensor: first, dataFormat: .channelsFirst, scale: false) == image)
  }

  @Test func sixteenBitGray() throws {
    let image = try Image(width: 2, height: 1, mode: .grayscale16, pixels: [0x34, 0x12, 0xFF, 0xFF])
    #expect(image.tensor().shape == [1, 2, 1])
    #expect(image.tensor().scalars(as: Float.self) == [4660, 65535])
    #expect(try Image(tensor: image.tensor(), scale: false) == image)
  }

  @Test func refusesOtherShapes() throws {
    #expect(
      message { () throws(KerasError) in try Image(tensor: Tensor(zeros: [1, 4, 4, 3])) } == """
        Expected a tensor of one image, [height, width, channels], found shape [1, 4, 4, 3].
          try: take one image of a batch, and leave no axis empty.
        """)
    #expect(
      message { () throws(KerasError) in try Image(tensor: Tensor(zeros: [3, 4, 5])) } == """
        An image has 1, 3 or 4 channels; shape [3, 4, 5] has 5.
          try: pass the data format in which the tensor is: this was read as [height, width, channels].
        """)
    #expect(
      message { () throws(KerasError) in
        try Image(tensor: Tensor(repeating: 70_000 as Float, shape: [1, 1, 1]), scale: false)
      } == """
        Grey values above 255 make a 16-bit image, which holds 0…65535 only.
          try: pass scale: true, or clip the values.
        """)
  }
}
