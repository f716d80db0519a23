import KerasModels
import Testing

@Suite struct ModelTests {
  static func nested() throws -> Model {
    let x = Input(shape: [4], name: "x")
    let inner = try Model(
      inputs: x, outputs: Dense(units: 3, name: "last")(Dense(units: 2, name: "first")(x)), name: "inner")
    let outerInput = Input(shape: [4], name: "outer_input")
    let middleInput = Input(shape: [4], name: "middle_input")
    let middle = try Model(inputs: middleInput, outputs: inner(middleInput), name: "middle")
    let y = BatchNormalization(name: "normal")(middle(outerInput))
    return try Model(inputs: outerInput, outputs: Dense(units: 1, name: "scores")(y), name: "outer")
  }

  // MARK: Looking up

  @Test func layersByName() throws {
    let model = try Self.nested()
    #expect(try model.layer(named: "scores") === model.layers.last)
    #expect(
      try model.layer(named: "middle/inner/first").weights.map(\.path) == ["first/kernel", "first/bias"])
    #expect(try model.layer(named: "middle/inner").className == "Functional")
    #expect(
      message { () throws(KerasError) in _ = try model.layer(named: "score") } == """
        There is no layer called `score`.
          in: outer
          try: did you mean scores?
        """)
    #expect(
      message { () throws(KerasError) in _ = try model.layer(named: "middle/inner/frist") } == """
        There is no layer called `frist`.
          in: outer › middle › inner
          try: did you mean first?
        """)
    #expect(
      message { () throws(KerasError) in _ = try model.layer(named: "zzzzzzzzzzzzzzzzzzz") } == """
        There is no layer called `zzzzzzzzzzzzzzzzzzz`.
          in: outer
        """)
  }

  @Test func namesWithSlashesComeFirst() throws {
    let x = Input(shape: [1])
    let model = try Model(inputs: x, outputs: Dense(units: 1, name: "a/b")(x))
    #expect(try model.layer(named: "a/b").name == "a/b")
  }

  @Test func modelsOfLayersOfAnother() throws {
    let base = try SummaryModels.resNetV2()
    let features = try Model(
      inputs: base.input, outputs: base.layer(named: "conv2_block1_out").output(), name: "features")
    #expect(features.layers.last?.name == "conv2_block1_out")
    #expect(features.weights.first === base.weights.first)
    #expect(try features.predict(Tensor(zeros: [1, 64, 64, 3])).shape == [1, 64, 64, 32])
  }

  // MARK: Beginning in the middle

  @Test func fromTheMiddleOn() throws {
    let x = Input(shape: [4])
    let hidden = Dense(units: 2, name: "first")(x)
    let y = Dense(units: 3, name: "second")(hidden)
    let whole = try Model(inputs: x, outputs: y)
    try whole.fillWithPatterns()
    let front = try Model(inputs: x, outputs: hidden)
    let back = try Model(inputs: hidden, outputs: y, name: "back")
    #expect(back.weights.map(\.path) == ["second/kernel", "second/bias"])
    #expect(back.layers.map(\.className) == ["InputLayer", "Dense"])
    let input = pattern([3, 4], 7)
    #expect(try back.predict(front.predict(input)).scalars() == whole.predict(input).scalars(as: Float.self))
    // The first model is what it was.
    #expect(whole.layers.count == 3 && whole.weights.count == 4)
  }

  @Test func oneOutputOfALayerWithTwo() throws {
    let x = Input(shape: [2])
    let pair = try Model(inputs: [x], outputs: [Activation(.relu)(x), Dense(units: 2)(x)], name: "pair")
    let z = Input(shape: [2], name: "z")
    let results = pair.apply(to: [z])
    // The second output has to be computed although the first is given.
    let model = try Model(inputs: [z, results[0]], outputs: [Add()(results)])
    #expect(model.layers.map(\.className) == ["InputLayer", "InputLayer", "Functional", "Add"])
    #expect(
      try model.predict([Tensor(zeros: [1, 2]), Tensor([3, 4] as [Float], shape: [1, 2])])[0].scalars() == [
        3, 4,
      ] as [Float])
  }

  // MARK: Weights

  @Test func weightsInLayerOrder() throws {
    #expect(
      try Self.nested().weights.map(\.path) == [
        "first/kernel", "first/bias", "last/kernel", "last/bias", "normal/gamma", "normal/beta",
        "normal/moving_mean", "normal/moving_variance", "scores/kernel", "scores/bias",
      ])
  }

  @Test func aLayerInTwoNestedModelsCountsOnce() throws {
    let x = Input(shape: [4])
    let dense = Dense(units: 2)
    let hidden = dense(x)
    let (one, two) = try (
      Model(inputs: x, outputs: hidden), Model(inputs: x, outputs: Dense(units: 3)(hidden))
    )
    let z = Input(shape: [4])
    let both = try Model(inputs: [z], outputs: [one(z), two(z)])
    #expect(both.parameterCount == 19)
    #expect(both.trainableWeights.count == 4)
  }

  @Test func freezing() throws {
    let model = try Self.nested()
    #expect(
      model.trainableWeights.map(\.name) == [
        "kernel", "bias", "kernel", "bias", "gamma", "beta", "kernel", "bias",
      ])
    #expect(model.nonTrainableWeights.map(\.name) == ["moving_mean", "moving_variance"])
    try model.layer(named: "middle").isTrainable = false
    #expect(try !model.layer(named: "middle/inner/first").isTrainable)
    #expect(
      model.trainableWeights.map(\.path) == ["normal/gamma", "normal/beta", "scores/kernel", "scores/bias"])
    #expect(model.nonTrainableWeights.count == 6)
    // Keras: a layer thawed inside a frozen model trains as part of the outer one.
    try model.layer(named: "middle/inner/last").isTrainable = true
    #expect(model.trainableWeights.map(\.path).prefix(2) == ["last/kernel", "last/bias"])
    #expect(try model.layer(named: "middle").trainableWeights.isEmpty)
    model.isTrainable = false
    #expect(model.trainableWeights.isEmpty && model.nonTrainableWeights.count == 10)
    model.isTrainable = true
    #expect(model.trainableWeights.count == 8)
  }

  // MARK: Nesting

  @Test func aNestedModelChecksItsInputs() throws {
    let x = Input(shape: [4, 4, 1], name: "x")
    let inner = try Model(inputs: x, outputs: Activation(.relu)(x), name: "inner")
    let result = inner(Input(shape: [5, 4, 1]))
    #expect(
      message { () throws(KerasError) in
        _ = try Model(inputs: Input(shape: [1]), outputs: result, name: "outer")
      }
        == "Expected float32(None, 4, 4, 1), found float32(None, 5, 4, 1).\n  in: outer › inner › x")
    let two = inner.apply(to: [x, x])
    #expect(
      message { () throws(KerasError) in _ = try Model(inputs: [x], outputs: two) }
        == "Expected 1 input, found 2.\n  in: inner\n  try: give a tensor for each of: x.")
    #expect(inner(Input(shape: [nil, 4, nil])).shape == [nil, nil, 4, nil])
  }

  /// As in Keras, where the last tensor given for it counts.
  @Test func anInputGivenTwiceIsOneLayer() throws {
    let (x, unused) = (Input(shape: [1], name: "x"), Input(shape: [1], name: "unused"))
    let model = try Model(inputs: [unused, x, unused, x], outputs: [Activation(.relu, name: "relu")(x)])
    #expect(model.layers.map(\.name) == ["x", "unused", "relu"])
    let values = (1...4).map { Tensor(repeating: Float($0), shape: [1, 1]) }
    #expect(try model.predict(values)[0].scalars() == [4] as [Float])
  }

  @Test func anInputMayBeAnOutput() throws {
    let x = Input(shape: [2])
    let model = try Model(inputs: x, outputs: x)
    #expect(try model.predict(Tensor([1, 2] as [Float], shape: [1, 2])).scalars() == [1, 2] as [Float])
  }

  // MARK: Lifetime

  @Test func freedModelsFreeTheirWeights() throws {
    final class Witness { weak var model: Model?; weak var layer: Layer?; weak var weight: Variable? }
    let witness = Witness()
    try {
      let model = try Self.nested()
      _ = try model.predict(Tensor(zeros: [2, 4]))
      _ = try model.summary()
      witness.model = model
      witness.layer = try model.layer(named: "middle/inner/first")
      witness.weight = try model.layer(named: "middle/inner/last").weights[0]
      #expect(witness.model != nil && witness.layer != nil && witness.weight != nil)
    }()
    #expect(witness.model == nil)
    #expect(witness.layer == nil)
    #expect(witness.weight == nil)
  }

  @Test func aLayerKeptKeepsNoModel() throws {
    weak var model: Model?
    let layer = try {
      let whole = try Self.nested()
      model = whole
      return try whole.layer(named: "scores")
    }()
    #expect(model == nil)
    #expect(layer.calls.isEmpty && layer.weights.count == 2)
  }

  @Test func manyShortLivedCallsLeaveNothing() {
    let dense = Dense(units: 1)
    for _ in 0..<1000 { _ = dense(Input(shape: [2])) }
    #expect(dense.calls.isEmpty)
  }
}
