import KerasModels
import Testing

@Suite struct PredictionTests {
  /// y = 2 x₀ + 3 x₁ + 1, of shape [n, 1].
  static func line(name: String = "line") throws(KerasError) -> Model {
    let x = Input(shape: [2], name: "x")
    let dense = Dense(units: 1, biasInitializer: .ones)
    let model = try Model(inputs: x, outputs: dense(x), name: name)
    try dense.weight("kernel").assign(Tensor([2, 3] as [Float], shape: [2, 1]))
    return model
  }

  static func rows(_ count: Int) -> Tensor {
    Tensor(uninitialized: [count, 2], Float.self) { elements in
      for i in elements.indices { elements[i] = Float(i) }
    }
  }

  static func expected(_ count: Int) -> [Float] { (0..<count).map { Float(10 * $0 + 4) } }

  @Test(arguments: [1, 2, 3, 7, 31, 32, 33, 64, 65], [1, 2, 32, 100])
  func batches(count: Int, batchSize: Int) throws {
    let y = try Self.line().predict(Self.rows(count), batchSize: batchSize)
    #expect(y.shape == [count, 1])
    #expect(y.scalars() == Self.expected(count))
  }

  @Test func severalInputsAndOutputs() throws {
    let (a, b) = (Input(shape: [2]), Input(shape: [1]))
    let sum = Add()([a, b])
    let model = try Model(inputs: [a, b], outputs: [sum, a, Flatten()(b), sum])
    let y = try model.predict(
      [Self.rows(5), Tensor([10, 20, 30, 40, 50] as [Float], shape: [5, 1])], batchSize: 2)
    #expect(y.map(\.shape) == [[5, 2], [5, 2], [5, 1], [5, 2]])
    #expect(y[0].scalars() == [10, 11, 22, 23, 34, 35, 46, 47, 58, 59] as [Float])
    #expect(y[1].scalars() == Self.rows(5).scalars(as: Float.self))
    #expect(y[2].scalars() == [10, 20, 30, 40, 50] as [Float])
    #expect(y[3].scalars() == y[0].scalars(as: Float.self))
  }

  /// Keras fails on these; here a folder without pictures gives no answers.
  @Test func noSamples() throws {
    let model = try Self.line()
    #expect(try model.predict(Self.rows(0)).shape == [0, 1])
    #expect(try model.predictOnBatch([Self.rows(0)]).map(\.shape) == [[0, 1]])
    let image = Input(shape: [nil, nil, 3])
    let x = Flatten()(GlobalMaxPooling2D()(Conv2D(filters: 4, kernelSize: 3)(image)))
    #expect(try Model(inputs: image, outputs: x).predict(Tensor(zeros: [0, 9, 8, 3])).shape == [0, 4])
  }

  @Test func unknownSizesFollowTheData() throws {
    let image = Input(shape: [nil, nil, 3])
    let model = try Model(
      inputs: image, outputs: Conv2D(filters: 4, kernelSize: 3, strides: 2, padding: .same)(image))
    for (height, width) in [(5, 8), (1, 1), (6, 3)] {
      let y = try model.predict(Tensor(zeros: [2, height, width, 3]))
      #expect(y.shape == [2, (height + 1) / 2, (width + 1) / 2, 4])
    }
  }

  @Test func fixedBatch() throws {
    let x = Input(shape: [2], batchSize: 3)
    let model = try Model(inputs: x, outputs: Ops.cumsum(x, axis: 0), name: "three")
    #expect(try model.predict(Self.rows(3)).scalars() == [0, 1, 2, 4, 6, 9] as [Float])
    // The batch size asked for is another: the model's counts.
    let sums = [0, 1, 2, 4, 6, 9, 6, 7, 14, 16, 24, 27] as [Float]
    #expect(try model.predict(Self.rows(6)).scalars() == sums)
    #expect(try model.predict(Self.rows(6), batchSize: 2).scalars() == sums)
    #expect(
      message { () throws(KerasError) in _ = try model.predict(Self.rows(4)) } == """
        The model computes batches of exactly 3 samples, and 4 are no multiple of that.
          in: three
          try: leave some out, or repeat some and drop their results.
        """)
    #expect(
      message { () throws(KerasError) in _ = try model.predictOnBatch([Self.rows(6)]) } == """
        Expected (3, 2), found (6, 2): the model computes batches of exactly 3.
          in: three › \(x.origin?.layer.name ?? "")
          try: use predict, with a multiple of that.
        """)
  }

  /// Where operations mix the samples of a batch, the last batch is computed at its own size, as in Keras.
  @Test(arguments: ["onednn", "openblas"]) func batchesThatMixSamples(backend: String) throws {
    let options = ComputeOptions(backend: backend)
    let x = Input(shape: [2])
    func predict(_ y: SymbolicTensor) throws -> Tensor {
      try Model(inputs: x, outputs: y).predict(Self.rows(5), batchSize: 2, options: options)
    }
    let centred = try predict(try Ops.subtract(x, Ops.mean(x, axes: [0], keepsDimensions: true)))
    #expect(centred.scalars() == [-1, -1, 1, 1, -1, -1, 1, 1, 0, 0] as [Float])
    // One row a batch, and two rows a sample.
    let mean = try predict(try Ops.mean(x, axes: [0], keepsDimensions: true))
    #expect(mean.shape == [3, 2])
    #expect(mean.scalars() == [1, 2, 5, 6, 8, 9] as [Float])
    let doubled = try predict(try Ops.concatenate([x, x], axis: 0))
    #expect(doubled.shape == [10, 2])
    #expect(Array(doubled.scalars(as: Float.self).suffix(4)) == [8, 9, 8, 9])
  }

  @Test func batchesThatCannotBeJoined() throws {
    let x = Input(shape: [2])
    let total = try Model(inputs: x, outputs: Ops.sum(x), name: "total")
    #expect(try total.predict(Self.rows(3)).scalars() == [15] as [Float])
    let remedy = "\n  try: predict everything in one batch, with a larger batchSize."
    #expect(
      message { () throws(KerasError) in _ = try total.predict(Self.rows(3), batchSize: 2) }
        == "An output without a batch axis cannot be joined from 2 batches.\n  in: total" + remedy)
    let turned = try Model(inputs: x, outputs: Ops.transpose(x, axes: [1, 0]), name: "turned")
    #expect(
      message { () throws(KerasError) in _ = try turned.predict(Self.rows(3), batchSize: 2) }
        == "Batches give outputs that cannot be joined: (2, 2) and (2, 1).\n  in: turned" + remedy)
  }

  // MARK: Element types

  /// Every type becomes the input's, as Keras 3.15 has it.
  @Test(arguments: DataType.allCases) func elementTypes(_ type: DataType) throws {
    let numbers = try Tensor([2.7, -3.9] as [Float], shape: [1, 2]).converted(to: type)
    for wanted: DataType in [.float32, .int32, .int64, .bool] {
      let x = Input(shape: [2], dataType: wanted)
      let model = try Model(inputs: x, outputs: Identity()(x))
      let y = try model.predict(numbers)
      #expect(y.dataType == wanted)
      #expect(y.scalars(as: Float.self) == numbers.converted(to: wanted).scalars(), "\(type) to \(wanted)")
    }
    let tokens = try Tensor([2.7, 1.2] as [Float], shape: [1, 2]).converted(to: type)
    let table = try Tensor([10, 20, 30] as [Float], shape: [3, 1])
    let found = (type == .bool ? [20, 20] : [30, 20]) as [Float]
    for wanted: DataType in [.float32, .int32] {
      let x = Input(shape: [2], dataType: wanted)
      let embedding = Embedding(inputDimension: 3, outputDimension: 1)
      let model = try Model(inputs: x, outputs: embedding(x))
      try embedding.setWeights([table])
      #expect(try model.predict(tokens).scalars() == found)
      #expect(try model(tokens).scalars() == found)
    }
    // Nested, and of a model that knows no shape before it is called.
    let line = try Self.line()
    let inner = Input(shape: [2], dataType: .int32)
    let nested = try Model(inputs: inner, outputs: line(inner)).predict(numbers)
    #expect(try nested.scalars(as: Float.self) == line.predict(numbers.converted(to: .int32)).scalars())
    let dense = Sequential { Dense(units: 1, kernelInitializer: .ones) }
    let sum = numbers.converted(to: .float32).scalars(as: Float.self).reduce(0, +)
    #expect(try dense.predict(numbers).scalars() == [sum])
  }

  @Test func lastAxesOfLengthOne() throws {
    let x = Input(shape: [3, 1])
    let model = try Model(inputs: x, outputs: Identity()(x))
    #expect(try model.predict(Tensor(zeros: [2, 3])).shape == [2, 3, 1])
    #expect(try model.predict(Tensor(zeros: [2, 3, 1, 1])).shape == [2, 3, 1])
  }

  // MARK: Messages

  @Test func wrongShapes() throws {
    let model = try Self.line()
    func failure(_ shape: [Int]) -> String? {
      message { () throws(KerasError) in _ = try model.predict(Tensor(zeros: shape)) }
    }
    #expect(
      failure([2]) == """
        Expected (None, 2), found (2,): the batch axis is missing.
          in: line › x
          try: a single sample is a batch of one: reshaped(to: [1, 2]).
        """)
    #expect(
      failure([4, 3]) == """
        Expected (None, 2), found (4, 3): axis 1 has the length 3 instead of 2.
          in: line › x
          try: give samples of the shape (2,).
        """)
    #expect(
      failure([]) == """
        Expected (None, 2), found (): it has 0 instead of 2 axes, of which the first is the batch.
          in: line › x
          try: bring the samples into the shape (2,).
        """)
  }

  @Test(arguments: [
    ([8, 6, 3], [1, 3, 8, 6], "the channels stand first, and the model has them last",
     "move that axis: Ops.transpose(x, axes: [0, 2, 3, 1])."),
    ([nil, nil, 3], [1, 3, 8, 6], "the channels stand first, and the model has them last",
     "move that axis: Ops.transpose(x, axes: [0, 2, 3, 1])."),
    ([3, 8, 6], [1, 8, 6, 3], "the channels stand last, and the model has them first",
     "move that axis: Ops.transpose(x, axes: [0, 3, 1, 2])."),
    ([8, 6, 3], [1, 8, 6, 1], "the model is for RGB, and these are grey",
     "load the pictures in colour, or repeat the channel three times."),
    ([8, 6, 1], [1, 8, 6, 3], "the model is for grey pictures, and these are RGB", "load the pictures in grey."),
    ([8, 6, 3], [1, 8, 6, 4], "the model is for RGB, and these have a fourth channel",
     "leave the last channel (alpha) out."),
    ([8, 6, 5], [1, 8, 6, 2], "it has 2 channels instead of 5", "give samples of the shape (8, 6, 5)."),
    ([8, 6, 3], [8, 6, 3], "the batch axis is missing",
     "a single sample is a batch of one: reshaped(to: [1, 8, 6, 3])."),
    ([8, 6, 3], [2, 16, 6, 3], "axis 1 has the length 16 instead of 8", "resize the pictures to 8 × 6."),
    ([8, 6, 3], [8, 6], "it has 2 instead of 4 axes, of which the first is the batch",
     "bring the samples into the shape (8, 6, 3)."),
  ] as [([Int?], [Int], String, String)])
  func wrongPictures(_ wanted: [Int?], _ found: [Int], _ what: String, _ remedy: String) throws {
    let x = Input(shape: Shape(wanted), name: "x")
    let model = try Model(inputs: x, outputs: Identity()(x), name: "m")
    #expect(
      message { () throws(KerasError) in _ = try model.predict(Tensor(zeros: found)) } == """
        Expected \(Shape([nil] + wanted)), found \(Shape(found)): \(what).
          in: m › x
          try: \(remedy)
        """)
  }

  @Test func wrongCounts() throws {
    let model = try Self.line()
    let x = Self.rows(3)
    #expect(
      message { () throws(KerasError) in _ = try model.predict([x, x]) }
        == "Expected 1 input tensor, found 2.\n  in: line")
    #expect(
      message { () throws(KerasError) in _ = try model.predict([Tensor]()) }
        == "Expected 1 input tensor, found 0.\n  in: line")
    let (a, b) = (Input(shape: [2]), Input(shape: [2]))
    let sum = try Model(inputs: [a, b], outputs: [Add()([a, b])], name: "sum")
    #expect(
      message { () throws(KerasError) in _ = try sum.predict([Self.rows(4), Self.rows(3)]) }
        == "All inputs must have the same first length, found [3, 4].\n  in: sum")
  }

  @Test(arguments: [0, -1, Int.min]) func wrongBatchSizes(_ size: Int) throws {
    let model = try Self.line()
    #expect(
      message { () throws(KerasError) in _ = try model.predict(Self.rows(3), batchSize: size) }
        == "A batch holds at least one sample, found batch size \(size).")
  }

  @Test func hugeBatchSize() throws {
    #expect(try Self.line().predict(Self.rows(3), batchSize: .max).scalars() == Self.expected(3))
  }

  @Test func unknownBackend() throws {
    let model = try Self.line()
    let text = message { () throws(KerasError) in
      _ = try model.predict(Self.rows(1), options: ComputeOptions(backend: "abacus"))
    }
    #expect(
      text
        == "There is no backend called `abacus`.\n  try: use one of \(Backends.all.map(\.name).joined(separator: ", ")), xla, gpu."
    )
  }

  @Test func preparingForImpossibleShapes() throws {
    let model = try Self.line()
    func failure(_ shapes: [[Int]]) -> String? {
      message { () throws(KerasError) in _ = try model.program(for: shapes) }
    }
    #expect(failure([[-1, 2]]) == "No tensor has the shape (-1, 2).\n  in: line")
    #expect(failure([[.max, 2]]) == "No tensor has the shape (\(Int.max), 2).\n  in: line")
    #expect(failure([[4, 3]]) == "Expected float32(None, 2), found float32(4, 3).\n  in: line › x")
    #expect(failure([[4]]) == "Expected float32(None, 2), found float32(4,).\n  in: line › x")
    #expect(failure([]) == "Expected 1 input shapes, found 0.\n  in: line")
    #expect(failure([[4, 2], [4, 2]]) == "Expected 1 input shapes, found 2.\n  in: line")
  }

  @Test func anImageTooSmall() throws {
    let image = Input(shape: [nil, nil, 3], name: "image")
    let model = try Model(
      inputs: image, outputs: Conv2D(filters: 1, kernelSize: 5, name: "five")(image), name: "net")
    #expect(
      message { () throws(KerasError) in _ = try model.predict(Tensor(zeros: [1, 4, 9, 3])) } == """
        A window of 5 does not fit into 4 elements with padding 0+0.
          in: net › five
          try: use a larger input, a smaller window, or padding `same`.
        """)
  }
}
