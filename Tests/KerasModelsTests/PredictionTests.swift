import KerasModels
import Synchronization
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
    let model = try Model(inputs: x, outputs: Dense(units: 1)(x), name: "three")
    #expect(try model.predict(Self.rows(3)).shape == [3, 1])
    #expect(throws: KerasError.self) { try model.predict(Self.rows(4)) }
  }

  // MARK: Messages

  @Test func wrongShapes() throws {
    let model = try Self.line()
    let remedy = "\n  try: the first axis is the batch: a single image is [1, height, width, channels]."
    func failure(_ x: Tensor) -> String? { message { () throws(KerasError) in _ = try model.predict(x) } }
    #expect(
      failure(Tensor(zeros: [2])) == "Expected float32(None, 2), found float32(2,).\n  in: line › x" + remedy)
    #expect(
      failure(Tensor(zeros: [4, 3])) == "Expected float32(None, 2), found float32(4, 3).\n  in: line › x"
        + remedy)
    #expect(
      failure(Tensor(zeros: [])) == "Expected float32(None, 2), found float32().\n  in: line › x" + remedy)
    #expect(
      failure(Tensor(zeros: [4, 2], .int32))
        == "Expected float32(None, 2), found int32(4, 2).\n  in: line › x" + remedy)
  }

  @Test func wrongCounts() throws {
    let model = try Self.line()
    let x = Self.rows(3)
    #expect(
      message { () throws(KerasError) in _ = try model.predict([x, x]) }
        == "Expected 1 input tensors, found 2.\n  in: line")
    #expect(
      message { () throws(KerasError) in _ = try model.predict([Tensor]()) }
        == "Expected 1 input tensors, found 0.\n  in: line")
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
        == "There is no backend called `abacus`.\n  try: use one of \(Backends.all.map(\.name).joined(separator: ", "))."
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

  // MARK: Programs

  /// A program, as long as somebody holds it.
  struct Witness { weak var program: AnyObject? }

  @Test func programsAreKeptAndTheOldestGoes() throws {
    let model = try Self.line()
    var witnesses = try (1...4).map { Witness(program: try model.program(for: [[$0, 2]]) as AnyObject) }
    #expect(witnesses.allSatisfy { $0.program != nil })
    #expect(try model.program(for: [[1, 2]]) as AnyObject === witnesses[0].program)
    // The second is now the one whose last use is longest ago.
    witnesses.append(Witness(program: try model.program(for: [[5, 2]]) as AnyObject))
    #expect(witnesses.map { $0.program != nil } == [true, false, true, true, true])
    witnesses.append(
      Witness(program: try model.program(for: [[1, 2]], options: ComputeOptions(threads: 1)) as AnyObject))
    #expect(witnesses.map { $0.program != nil } == [true, false, false, true, true, true])
  }

  @Test func assigningAWeightMakesProgramsStale() throws {
    let model = try Self.line()
    let before = Witness(program: try model.program(for: [[3, 2]]) as AnyObject)
    #expect(try model.predict(Self.rows(3)).scalars() == Self.expected(3))
    #expect(before.program != nil)
    try model.weights[1].assign(Tensor([101] as [Float]))
    #expect(try model.predict(Self.rows(3)).scalars() == Self.expected(3).map { $0 + 100 })
    #expect(before.program == nil)
  }

  @Test func predictionsFromFourThreads() throws {
    let image = Input(shape: [9, 9, 3])
    let x = Conv2D(filters: 8, kernelSize: 3, activation: .relu)(image)
    let model = try Model(inputs: image, outputs: Dense(units: 4)(Flatten()(MaxPooling2D()(x))))
    try model.fillWithPatterns()
    let inputs = (0..<4).map { pattern([2 + $0 % 2, 9, 9, 3], $0) }
    let expected = try inputs.map { try model.predict($0).scalars(as: Float.self) }
    try model.weights[0].assign(model.weights[0].value)
    let wrong = Mutex(0)
    try inThreads(4) { thread in
      for _ in 0..<25 {
        let y = try model.predict(inputs[thread]).scalars(as: Float.self)
        if y != expected[thread] { wrong.withLock { $0 += 1 } }
      }
    }
    #expect(wrong.withLock { $0 } == 0)
  }
}
