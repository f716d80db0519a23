import KerasGraph
import Testing

struct ConvolutionTests {
  @Test func givesThePositionsOfTheWindow() {
    let plain = ConvolutionOperation(Window([3, 3]))
    #expect(outcome(.convolution(plain), spec(2, 7, 9, 4), spec(3, 3, 4, 8)) == "float32(2, 5, 7, 8)")
    let strided = ConvolutionOperation(
      Window([3, 5], strides: [2, 3], padding: [AxisPadding(1, 1), AxisPadding(0, 2)]))
    #expect(outcome(.convolution(strided), spec(2, 7, 9, 4), spec(3, 5, 4, 8)) == "float32(2, 4, 3, 8)")
    let dilated = ConvolutionOperation(Window([3], dilations: [4]))
    #expect(outcome(.convolution(dilated), spec(1, 9, 1), spec(3, 1, 1)) == "float32(1, 1, 1)")
    let grouped = ConvolutionOperation(Window([1, 1, 1]), groups: 2)
    #expect(
      outcome(.convolution(grouped), spec(1, 2, 2, 2, 6), spec(1, 1, 1, 3, 4)) == "float32(1, 2, 2, 2, 4)")
  }

  @Test func unknownLengthsStayUnknown() {
    let operation = ConvolutionOperation(Window([3, 3], strides: [2, 2]))
    #expect(
      outcome(.convolution(operation), spec(nil, nil, 9, nil), spec(3, 3, 4, 8))
        == "float32(None, None, 4, 8)")
  }

  @Test func refusesImagesThatDoNotFit() {
    let operation = Operation.convolution(ConvolutionOperation(Window([3, 3])))
    #expect(
      outcome(operation, spec(1, 5, 5, 3), spec(3, 3, 4, 8))
        == "Expected an image with 4 channels, found float32(1, 5, 5, 3).")
    #expect(
      outcome(operation, spec(1, 5, 3), spec(3, 3, 4, 8))
        == "A convolution over 2 axes takes an image and a kernel of rank 4 and of one floating-point type, "
        + "found float32(1, 5, 3) and float32(3, 3, 4, 8).")
    #expect(
      outcome(operation, spec(1, 5, 5, 4, of: .int32), spec(3, 3, 4, 8, of: .int32))
        == "A convolution over 2 axes takes an image and a kernel of rank 4 and of one floating-point type, "
        + "found int32(1, 5, 5, 4) and int32(3, 3, 4, 8).")
    #expect(
      outcome(operation, spec(1, 2, 5, 4), spec(3, 3, 4, 8)) == """
        A window of 3 does not fit into 2 elements with padding 0+0.
          try: use a larger input, a smaller window, or padding `same`.
        """)
  }

  @Test func refusesKernelsThatDoNotFit() {
    let operation = Operation.convolution(ConvolutionOperation(Window([3, 3])))
    #expect(
      outcome(operation, spec(1, 5, 5, 4), spec(5, 5, 4, 8))
        == "Expected a kernel with window [3, 3], found float32(5, 5, 4, 8).")
    #expect(
      outcome(operation, spec(1, 5, 5, 4), spec(3, 3, nil, 8))
        == "Expected a kernel with window [3, 3], found float32(3, 3, None, 8).")
    #expect(outcome(operation, spec(1, 5, 5, 4)) == "convolution takes 2 inputs, found 1.")
  }

  @Test(arguments: [
    (Window([3, 3], strides: [0, 1]), "strides [0, 1]"),
    (Window([3, 3], dilations: [1, -1]), "dilations [1, -1]"),
    (Window([3, 3], padding: [AxisPadding(-1, 0), .none]), "padding [-1+0, 0+0]"),
    (Window([3, 3], dilations: [1, .max]), "dilations [1, 9223372036854775807]"),
    (Window([3, 3], padding: [AxisPadding(.max, 1), .none]), "padding [9223372036854775807+1, 0+0]"),
  ])
  func refusesSenselessWindows(window: Window, found: String) {
    #expect(
      outcome(.convolution(ConvolutionOperation(window)), spec(1, 5, 5, 4), spec(3, 3, 4, 8))
        == "convolution needs sizes, strides and dilations from 1 and padding from 0 to 2147483647, "
        + "found window [3, 3] \(found).")
  }

  @Test(arguments: [Window([3, 3], strides: [1]), Window([]), Window([1, 1, 1, 1])])
  func refusesOtherNumbersOfAxes(window: Window) {
    #expect(
      outcome(.convolution(ConvolutionOperation(window)), spec(1, 5, 5, 4), spec(3, 3, 4, 8))
        == "convolution needs one stride, dilation and padding for each of 1 to 3 axes.")
  }

  @Test func refusesLengthsNothingCanHave() {
    let operation = Operation.convolution(ConvolutionOperation(Window([3])))
    #expect(
      outcome(operation, spec(1, .max, 4), spec(3, 4, 8))
        == "convolution takes lengths from 0 to 2^48, found float32(1, 9223372036854775807, 4).")
    #expect(
      outcome(operation, spec(1, -5, 4), spec(3, 4, 8))
        == "convolution takes lengths from 0 to 2^48, found float32(1, -5, 4).")
  }

  @Test func refusesGroupsThatDoNotDivide() {
    let operation = Operation.convolution(ConvolutionOperation(Window([1]), groups: 3))
    #expect(
      outcome(operation, spec(1, 5, 6), spec(1, 2, 4))
        == "Expected groups that share 4 filters evenly, found 3.")
    #expect(
      outcome(.convolution(ConvolutionOperation(Window([1]), groups: 0)), spec(1, 5, 6), spec(1, 2, 4))
        == "Expected groups that share 4 filters evenly, found 0.")
  }

  @Test func checksWhatTheEpilogueAdds() {
    let all = Epilogue(hasScale: true, hasBias: true, hasResidual: true, activation: .relu)
    let operation = Operation.convolution(ConvolutionOperation(Window([1]), epilogue: all))
    let (image, kernel) = (spec(1, 5, 6), spec(1, 6, 4))
    #expect(outcome(operation, image, kernel, spec(4), spec(4), spec(1, 5, 4)) == "float32(1, 5, 4)")
    #expect(
      outcome(operation, image, kernel, spec(5), spec(4), spec(1, 5, 4))
        == "A fused scale must be one number a channel of float32(1, 5, 4), found float32(5,).")
    #expect(
      outcome(operation, image, kernel, spec(4), spec(1, 4), spec(1, 5, 4))
        == "A fused bias must be one number a channel of float32(1, 5, 4), found float32(1, 4).")
    #expect(
      outcome(operation, image, kernel, spec(4), spec(4), spec(1, 1, 4))
        == "A fused residual must be float32(1, 5, 4), found float32(1, 1, 4).")
    #expect(outcome(operation, image, kernel) == "convolution takes 5 inputs, found 2.")
  }

  /// Values of `tf.keras.layers.Conv2D(padding="same")`: the odd element goes to the end.
  @Test(arguments: [
    (224, 3, 2, 1, AxisPadding(0, 1)), (7, 3, 1, 1, AxisPadding(1, 1)), (6, 5, 3, 1, AxisPadding(1, 1)),
    (5, 3, 1, 2, AxisPadding(2, 2)), (5, 2, 1, 1, AxisPadding(0, 1)), (5, 1, 2, 1, AxisPadding(0, 0)),
  ])
  func samePadding(length: Int, size: Int, stride: Int, dilation: Int, expected: AxisPadding) {
    #expect(Window.samePadding(length: length, size: size, stride: stride, dilation: dilation) == expected)
  }
}
