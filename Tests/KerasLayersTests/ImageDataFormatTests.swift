import KerasModels
import Testing

/// Where layers that are not told have their channels, as `image_data_format` of Keras' settings.
@Suite struct ImageDataFormatTests {
  /// A layer of each class that is not told, by its own initializer and by settings that say nothing.
  private static func makeAll() throws -> [Layer] {
    let made: [Layer] = [
      Conv1D(filters: 2, kernelSize: 2), Conv2D(filters: 2, kernelSize: 2), Conv3D(filters: 2, kernelSize: 2),
      Conv1DTranspose(filters: 2, kernelSize: 2), Conv2DTranspose(filters: 2, kernelSize: 2),
      Conv3DTranspose(filters: 2, kernelSize: 2), DepthwiseConv1D(kernelSize: 2),
      DepthwiseConv2D(kernelSize: 2),
      SeparableConv1D(filters: 2, kernelSize: 2), SeparableConv2D(filters: 2, kernelSize: 2),
      ConvLSTM1D(filters: 2, kernelSize: 2), ConvLSTM2D(filters: 2, kernelSize: 2),
      ConvLSTM3D(filters: 2, kernelSize: 2), LocallyConnected1D(filters: 2, kernelSize: 2),
      LocallyConnected2D(filters: 2, kernelSize: 2), MaxPooling1D(), MaxPooling2D(), MaxPooling3D(),
      AveragePooling1D(), AveragePooling2D(), AveragePooling3D(), GlobalMaxPooling1D(), GlobalMaxPooling2D(),
      GlobalMaxPooling3D(), GlobalAveragePooling1D(), GlobalAveragePooling2D(), GlobalAveragePooling3D(),
      AdaptiveMaxPooling1D(outputSize: 2), AdaptiveAveragePooling2D(outputSize: 2),
      AdaptiveAveragePooling3D(outputSize: 2), ZeroPadding1D(), ZeroPadding2D(), ZeroPadding3D(),
      Cropping2D(),
      Cropping3D(), UpSampling2D(), UpSampling3D(), Flatten(), SpatialDropout2D(0.5), SpatialDropout3D(0.5),
      Resizing(height: 2, width: 2), CenterCrop(height: 2, width: 2),
    ]
    var all = made
    for layer in made {
      for silence in [JSON?.none, .some(.null)] {
        var object = layer.serialized
        object.config["data_format"] = silence
        all.append(try Layers.deserialize(object.json))
      }
    }
    return all
  }

  @Test(arguments: DataFormat.allCases) func layersTakeTheSessions(_ format: DataFormat) throws {
    try Session.withImageDataFormat(format) { () throws in
      let layers = try Self.makeAll()
      #expect(layers.count == 3 * 42)
      for layer in layers {
        #expect(layer.config["data_format"]?.string == format.rawValue, "\(layer.className)")
      }
      // Sequences whose order Keras leaves no choice about.
      for layer in [UpSampling1D(2), Cropping1D()] as [Layer] {
        #expect(try layer.outputSpecs(for: [TensorSpec([nil, 4, 3])])[0].shape[2] == 3)
        let again = try Layers.deserialize(layer.serialized.json)
        #expect(try again.outputSpecs(for: [TensorSpec([nil, 4, 3])])[0].shape[2] == 3)
      }
    }
  }

  @Test func aLayerThatIsToldIsLeftAlone() throws {
    try Session.withImageDataFormat(.channelsFirst) { () throws in
      let layer = Conv2D(filters: 2, kernelSize: 3, dataFormat: .channelsLast)
      #expect(layer.dataFormat == .channelsLast)
      #expect(try (Layers.deserialize(layer.serialized.json) as? Conv2D)?.dataFormat == .channelsLast)
    }
  }

  @Test func theDefaultMovesChannels() throws {
    let shape = try Session.withImageDataFormat(.channelsFirst) { () throws in
      try Conv2D(filters: 5, kernelSize: 3).outputSpecs(for: [TensorSpec([nil, 3, 8, 9])])[0].shape
    }
    #expect(shape == [nil, 5, 6, 7])
  }

  @Test func sessionsKeepTheirs() {
    Session.withFresh {
      let before = Session.current.imageDataFormat
      Session.current.imageDataFormat = .channelsFirst
      #expect(DataFormat.default == .channelsFirst)
      Session.current.clear()
      #expect(DataFormat.default == .channelsFirst)
      Session.withFresh { #expect(DataFormat.default == .channelsFirst) }
      Session.withImageDataFormat(.channelsLast) { #expect(DataFormat.default == .channelsLast) }
      #expect(DataFormat.default == .channelsFirst)
      Session.current.imageDataFormat = before
    }
  }
}
