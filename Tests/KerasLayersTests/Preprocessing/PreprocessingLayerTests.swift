import KerasModels
import Testing

@Suite struct PreprocessingLayerTests {
  @Test func normalizationLearnsInBatchesWhatItLearnsAtOnce() throws {
    let data = try Tensor((0..<60).map { Float(($0 * 37) % 23) }, shape: [12, 5])
    let (whole, parts) = (Normalization(), Normalization())
    try whole.adapt(to: data)
    try parts.adapt(toBatches: [data.rows(0..<5), data.rows(5..<6), data.rows(6..<12)])
    for (a, b) in zip(whole.weights, parts.weights) {
      for (x, y) in zip(a.value.scalars(as: Double.self), b.value.scalars(as: Double.self)) {
        #expect(abs(x - y) <= 1e-5 * max(1, abs(x)))
      }
    }
  }

  @Test func resizedIntegersStayIntegers() throws {
    let input = Input(shape: [2, 2, 1], dataType: .uint8)
    let model = try Model(
      inputs: input, outputs: Resizing(height: 4, width: 2, interpolation: .bicubic)(input))
    let y = try model.predict(Tensor([0, 255, 255, 0] as [UInt8], shape: [1, 2, 2, 1]))
    #expect(y.dataType == .uint8)
    #expect(y.scalars(as: UInt8.self).allSatisfy { $0 <= 255 })
    #expect(y.shape == [1, 4, 2, 1])
  }

  @Test func shapesAreToldBeforeSizesAreKnown() {
    let pictures = Input(shape: [nil, nil, 3])
    #expect(Resizing(height: 4, width: 5, fitting: .crop)(pictures).shape == [nil, 4, 5, 3])
    #expect(Resizing(height: 4, width: 5, fitting: .pad(0))(pictures).shape == [nil, 4, 5, 3])
    #expect(CenterCrop(height: 4, width: 5)(pictures).shape == [nil, 4, 5, 3])
    let integers = Input(shape: [nil], dataType: .int32)
    #expect(CategoryEncoding(categories: 7)(integers).shape == [nil, 7])
    #expect(Hashing(bins: 3)(integers).shape == [nil, nil])
  }

  @Test func learntBoundariesAreWritten() throws {
    let layer = Discretization(bins: 2)
    try layer.adapt(to: Tensor([1, 2, 3, 4] as [Float]))
    #expect(layer.boundaries == [2])
    #expect(layer.config["bin_boundaries"] == [2.0])
    #expect(layer.config["num_bins"] == 2)
    #expect(
      Set(layer.serialized.config.keys) == [
        "name", "dtype", "bin_boundaries", "num_bins", "epsilon", "output_mode", "sparse",
      ])
  }

  /// A model may be drawn around a layer that has yet to learn; it only predicts afterwards.
  @Test func layersLearnWhenTheModelIsThere() throws {
    let input = Input(shape: [2], dataType: .int64)
    let (lookup, bins) = (try IntegerLookup(name: "l"), Discretization(bins: 2, name: "b"))
    let model = try Model(inputs: [input], outputs: [lookup(input), bins(input)])
    let x = try Tensor([5, 6] as [Int64], shape: [1, 2])
    let error = #expect(throws: KerasError.self) { try model.predict([x]) }
    #expect(error?.what == "The layer has no vocabulary yet.")
    try lookup.adapt(to: x)
    try bins.adapt(to: x)
    #expect(try model.predict([x])[0].scalars(as: Int64.self) == [2, 1])
  }

  @Test func hashesTexts() throws {
    let bins = try Hashing(bins: 10, mask: "")(StringTensor(["", "fox"]))
    #expect(bins.scalars(as: Int64.self)[0] == 0)
    #expect((1..<10).contains(bins.scalars(as: Int64.self)[1]))
  }

  static let failures: [LayerCase<String>] = [
    LayerCase(
      "too large a size", [8, 8, 1],
      "Cannot resize 8 pixels to 100000; both must be from 1, to 2^16 at most.\n  in: l",
      Resizing(height: 100_000, width: 8, name: "l")),
    LayerCase(
      "no size", [8, 8, 1],
      "Expected pictures of three or four axes and a size from 1, found float32(None, 8, 8, 1) and 0×8.\n  in: l",
      Resizing(height: 0, width: 8, name: "l")),
    LayerCase(
      "a filling beyond all measure", [60_000, 1, 1],
      "Pictures of 60000×1 cannot be filled up to 0×1000000000.\n  in: l",
      Resizing(height: 1, width: 60_000, fitting: .pad(0), name: "l")),
    LayerCase(
      "too many categories", [2],
      "The number of categories must be from 1 to 2^24, found 2000000000.\n  in: l",
      CategoryEncoding(categories: 2_000_000_000, name: "l")),
    LayerCase(
      "no bins", [2], "Hashing needs at least one bucket, found 0.\n  in: l", Hashing(bins: 0, name: "l")),
    LayerCase(
      "half a salt", [2], "A salt is two whole numbers, found [1].\n  in: l",
      Hashing(bins: 3, salt: [1], name: "l")),
    LayerCase(
      "one column to cross", [],
      "HashedCrossing takes two or more inputs of one shape (), (batch,) or (batch, 1), found (None,).\n  in: l",
      HashedCrossing(bins: 3, name: "l")),
    LayerCase(
      "falling boundaries", [2], "Boundaries must be ascending, found [1.0, 0.0].\n  in: l",
      Discretization(boundaries: [1, 0], name: "l")),
    LayerCase(
      "statistics of another shape", [2],
      "Mean (2,) and variance (1,) do not fit the axes [-1].\n  in: l",
      Normalization(mean: [1, 2], variance: [1], name: "l")),
  ]

  @Test(arguments: failures) func saysWhatIsWrong(_ example: LayerCase<String>) {
    #expect(failure(of: example.make(), on: Input(shape: example.shape)) == example.expected)
  }

  @Test func aLayerThatWasGivenItsSettingsLearnsNoOthers() throws {
    func message(_ learn: () throws -> Void) -> String? {
      #expect(throws: KerasError.self, performing: learn)?.description
    }
    let data = Tensor([1, 2] as [Float])
    #expect(
      message { try Normalization(mean: [0], variance: [1], name: "l").adapt(to: data) }
        == "The layer was given a mean and a variance.\n  in: l")
    #expect(
      message { try Discretization(boundaries: [0], name: "l").adapt(to: data) }
        == "The layer was given its boundaries.\n  in: l\n  try: make it with a number of bins to learn them."
    )
    #expect(
      message { try Normalization(name: "l").adapt(toBatches: []) }
        == "There is no data to learn from.\n  in: l")
  }
}
