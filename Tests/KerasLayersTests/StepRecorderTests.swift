import KerasModels
import Testing

/// Steps of training, recorded, and weights that live where they are computed.
struct StepRecorderTests {
  private let x = seeded([8, 4], 1)
  private let y = seeded([8, 2], 2)

  /// Gradient descent on the mean squared error; the momentum is a slot.
  private func descent(_ layers: [Layer], rows: Int, seed: Int64? = nil) throws -> RecordedStep {
    let recorder = StepRecorder(isTraining: true, seed: seed)
    let graph = recorder.graph
    let (x, y) = (recorder.input(TensorSpec([rows, 4])), recorder.input(TensorSpec([rows, 2])))
    var output = x
    for layer in layers { output = try recorder.call(layer, on: [output]).outputs[0] }
    let error = try graph.unary(.square, graph.binary(.subtract, output, y))
    let loss = try graph.reduce(.mean, error, axes: [0, 1])
    let weights = layers.flatMap(\.trainableWeights)
    for (weight, gradient) in zip(weights, try recorder.gradients(of: loss, by: weights)) {
      let slot = "momentum of \(weight.path)"
      let momentum = try graph.add(
        graph.unary(.linear(scale: 0.5, offset: 0), recorder.slot(slot, initial: Tensor(zeros: weight.shape))),
        gradient)
      try recorder.assign(momentum, toSlot: slot)
      let change = try graph.unary(.linear(scale: 0.1, offset: 0), momentum)
      try recorder.assign(graph.binary(.subtract, recorder.value(of: weight), change), to: weight)
    }
    return try recorder.finish(returning: [loss])
  }

  @Test func descentLowersTheLossAndEveryBackendTakesTheSameWay() throws {
    var losses: [[Float]] = []
    for backend in Backends.all {
      // Weights are drawn when layers are first called.
      let step = try Session.withFresh {
        try descent([Dense(units: 6, activation: .tanh), Dense(units: 2)], rows: 8)
      }
      let session = try ResidentStates(on: backend).prepare(step)
      let course = try (0..<20).map { _ in try session.step([x, y])[0].scalars(as: Float.self)[0] }
      #expect(course[19] < course[0] / 2, "\(backend.name)")
      losses.append(course)
    }
    for (a, b) in zip(losses[0], losses[1]) { #expect(abs(a - b) < 1e-5) }
  }

  /// A weight's value is what the last step left, what is assigned is where the next one starts, and a program for a
  /// smaller batch goes on with both weights and momenta.
  @Test func weightsAndSlotsAreShared() throws {
    for backend in Backends.all {
      let layer = Dense(units: 2)
      let states = ResidentStates(on: backend)
      let whole = try states.prepare(descent([layer], rows: 8))
      let half = try states.prepare(descent([layer], rows: 4))
      let kernel = try #require(layer.weights.first)
      let slot = "momentum of \(kernel.path)"
      let before = kernel.value
      try whole.step([x, y])
      let after = kernel.value
      #expect(try largestDifference([before], [after]) ?? 0 > 1e-4)
      let found = try states.slot(slot)
      let momentum = try #require(found)
      #expect(try largestDifference([momentum], [Tensor(zeros: [4, 2])]) ?? 0 > 1e-4)
      try half.step([x.rows(0..<4), y.rows(0..<4)])
      #expect(largestDifference([after], [kernel.value]) ?? 0 > 1e-4)
      // The same from the start again.
      for weight in layer.weights { try weight.assign(weight === kernel ? before : Tensor(zeros: [2])) }
      try states.assign(Tensor(zeros: [4, 2]), toSlot: slot)
      try states.assign(Tensor(zeros: [2]), toSlot: "momentum of \(layer.weights[1].path)")
      try whole.step([x, y])
      #expect(largestDifference([after], [kernel.value]) == 0, "\(backend.name)")
      let again = try states.slot(slot)
      #expect(largestDifference([momentum], [again].compactMap { $0 }) == 0, "\(backend.name)")
    }
  }

  /// Predictions after a step use the weights it left.
  @Test func predictionsSeeWhatAStepChanged() throws {
    let layer = Dense(units: 2)
    let input = Input(shape: [4])
    let whole = try Model(inputs: [input], outputs: [layer(input)])
    let before = try whole.predict(x)
    let session = try ResidentStates(on: Backends.all[0]).prepare(descent([layer], rows: 8))
    try session.step([x, y])
    #expect(largestDifference([before], [try whole.predict(x)]) ?? 0 > 1e-4)
  }

  @Test func movingAveragesAreUpdatedAndFrozenLayersAreNot() throws {
    for backend in Backends.all {
      let normalization = BatchNormalization()
      let frozen = Dense(units: 4)
      frozen.isTrainable = false
      let session = try ResidentStates(on: backend).prepare(
        descent([frozen, normalization, Dense(units: 2)], rows: 8))
      let before = (normalization.weights.map(\.value), frozen.weights.map(\.value))
      try session.step([x, y])
      let names = normalization.weights.map(\.name)
      let moving = try #require(names.firstIndex(of: "moving_mean"))
      #expect(largestDifference([before.0[moving]], [normalization.weights[moving].value]) ?? 0 > 1e-5)
      #expect(largestDifference(before.1, frozen.weights.map(\.value)) == 0)
    }
  }

  /// The position of the random numbers is a state: every step drops others, and the same seed the same ones.
  @Test func everyStepDrawsOtherNumbers() throws {
    for backend in Backends.all {
      var runs: [[Float]] = []
      for _ in 0..<2 {
        let recorder = StepRecorder(isTraining: true, seed: 5)
        let x = recorder.input(TensorSpec([8, 4]))
        let output = try recorder.call(Dropout(0.5), on: [x]).outputs[0]
        let session = try ResidentStates(on: backend).prepare(recorder.finish(returning: [output]))
        let first = try session.step([self.x])[0]
        let second = try session.step([self.x])[0]
        #expect(largestDifference([first], [second]) ?? 0 > 0.1)
        runs.append(first.scalars() + second.scalars())
      }
      #expect(runs[0] == runs[1], "\(backend.name)")
    }
  }

  @Test func refusesWhatCannotBe() throws {
    let layer = Dense(units: 2, name: "scores")
    func message(_ body: () throws -> Void) -> String? {
      (#expect(throws: KerasError.self) { try body() })?.description
    }
    let recorder = StepRecorder(isTraining: false, weightsAreConstant: true)
    let output = try recorder.call(layer, on: [recorder.input(TensorSpec([1, 4]))]).outputs[0]
    let constant = """
      The step was to have constant weights, and changes or differentiates one.
        in: scores/kernel
        try: record it with weightsAreConstant: false.
      """
    #expect(message { _ = try recorder.gradients(of: output, by: layer.weights) } == constant)
    #expect(
      message { try recorder.assign(output, toSlot: "m") }
        == "The step has no slot called `m`.\n  try: ask for it by slot(_:initial:) first.")
    #expect(
      message { try recorder.assign(output, to: layer.weights[0]) }
        == "Expected float32(4, 2), found float32(1, 2).\n  in: scores/kernel")
    let states = ResidentStates(on: Backends.all[0])
    #expect(try states.slot("m") == nil)
    #expect(message { try states.assign(x, toSlot: "m") } == "No step has a slot called `m`.")
  }
}
