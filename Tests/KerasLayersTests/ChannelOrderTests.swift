import KerasModels
import Testing

/// That a network computes the same whether its channels come first or last, and does so channels-last inside.
@Suite struct ChannelOrderTests {
  /// A residual network: padding, strides, pooling, depthwise convolution, upsampling.
  static func network(_ format: DataFormat, _ image: SymbolicTensor) -> SymbolicTensor {
    func convolution(_ x: SymbolicTensor, _ filters: Int, _ activation: ActivationFunction) -> SymbolicTensor
    {
      Conv2D(
        filters: filters, kernelSize: 3, padding: .same, dataFormat: format, activation: activation,
        biasInitializer: .constant(0.1))(x)
    }
    var x = ZeroPadding2D(
      vertical: AxisPadding(1, 2), horizontal: AxisPadding(0, 3), dataFormat: format)(image)
    x = Conv2D(filters: 4, kernelSize: [3, 2], strides: 2, dataFormat: format)(x)
    x = ReLU()(x)
    let shortcut = x
    x = convolution(x, 6, .relu)
    x = DepthwiseConv2D(kernelSize: 3, padding: .same, dataFormat: format, activation: .tanh)(x)
    x = convolution(x, 4, .linear)
    x = ReLU()(Add()([x, shortcut]))
    x = MaxPooling2D(dataFormat: format)(x)
    x = Conv2DTranspose(filters: 3, kernelSize: 3, strides: 2, dataFormat: format)(x)
    x = AveragePooling2D(poolSize: 3, strides: 2, padding: .same, dataFormat: format)(x)
    return SeparableConv2D(filters: 5, kernelSize: 2, dataFormat: format)(x)
  }

  @Test func bothOrdersComputeTheSame() throws {
    let models = try [DataFormat.channelsLast, .channelsFirst].map { (format) throws(KerasError) in
      try Session.withFresh(seed: 3) { () throws(KerasError) in
        let image = Input(shape: format == .channelsLast ? [9, 12, 3] : [3, 9, 12])
        return try Model(inputs: image, outputs: Self.network(format, image))
      }
    }
    let order = Permute([3, 1, 2])
    let turn = Input(shape: [9, 12, 3])
    let turned = try Model(inputs: turn, outputs: order(turn))
    let pixels = (0..<2 * 324).map { (index: Int) -> Float in Float(index * 37 % 101) / 50 - 1 }
    let picture = try Tensor(pixels, shape: [2, 9, 12, 3])
    let last = try models[0].predict([picture])[0]
    let first = try models[1].predict(turned.predict([picture]))[0]
    let back = Input(shape: Shape(Array(last.shape.dropFirst())))
    let expected = try Model(inputs: back, outputs: Permute([3, 1, 2])(back)).predict([last])[0]
    #expect(first.shape == expected.shape)
    let pairs = zip(first.scalars(as: Float.self), expected.scalars(as: Float.self))
    #expect(pairs.allSatisfy { abs($0 - $1) < 1e-5 })

    let graph = try PassPipeline.standard().apply(to: models[1].lowered(for: [[2, 3, 9, 12]]))
    let transposes = graph.nodes.filter { if case .transpose = $0.operation { true } else { false } }
    // Once on the way in and once on the way out.
    #expect(transposes.count == 2, "\(graph)")
  }
}
