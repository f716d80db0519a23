import KerasBackendTestSupport
import KerasGraph
import KerasModels
import KerasTraining
import Testing

/// Training on several devices that share the samples: four that XLA's CPU plays.
@Suite(
  .enabled(if: backendsUnderTest.contains { $0.name.hasPrefix("xla") }, "needs a plugin with four devices"))
struct DevicesTests {
  /// Three epochs of five batches of twelve, of which four devices get three samples each, then one smaller batch.
  private func fit(_ devices: [DeviceSelection?], batchSize: Int = 12) throws -> (
    weights: [Float], loss: [Double]
  ) {
    let (x, y) = FitTests.data(65)
    let model = try FitTests.model(dropout: 0.25)
    try model.compile(
      optimizer: .adam(learningRate: 0.02), loss: .sparseCategoricalCrossentropy, metrics: [.accuracy],
      options: ComputeOptions(device: "xla:cpu"), seed: 7)
    var loss: [Double] = []
    for (number, devices) in devices.enumerated() {
      loss +=
        try model.fit(
          x, y, batchSize: batchSize, epochs: number + 1, initialEpoch: number, devices: devices,
          verbosity: .silent)["loss"] ?? []
    }
    return (model.weights.flatMap { $0.value.scalars(as: Float.self) }, loss)
  }

  private func expectSame(
    _ one: (weights: [Float], loss: [Double]), _ other: (weights: [Float], loss: [Double])
  ) {
    #expect(one.weights.count == other.weights.count && one.loss.count == other.loss.count)
    for (a, b) in zip(one.weights, other.weights) { #expect(abs(a - b) <= 2e-5 * max(1, abs(a))) }
    for (a, b) in zip(one.loss, other.loss) { #expect(abs(a - b) <= 1e-5 * max(1, abs(a))) }
  }

  @Test func allGiveWhatOneGives() throws {
    let one = try fit([nil, nil, nil])
    expectSame(one, try fit([.all, .all, .all]))
    expectSame(one, try fit([[1, 3], [1, 3], [1, 3]]))
    #expect(one.loss[2] < one.loss[0])
  }

  /// Momenta, the count of steps and random numbers go along: another split gives the same, nothing begins anew.
  @Test func trainingMovesOn() throws {
    expectSame(try fit([nil, nil, nil]), try fit([nil, .all, [2]]))
  }

  @Test(arguments: [
    (ComputeOptions(device: "xla:cpu", devices: .all), "xla:cpu:all"),
    (ComputeOptions(backend: "xla:cpu", devices: [0, 2]), "xla:cpu:0,2"),
    (ComputeOptions(device: "xla:cpu", devices: [3]), "xla:cpu:3"),
    (ComputeOptions(device: "xla:cpu:all", devices: .all), "xla:cpu:all"),
    (ComputeOptions(device: "cpu", devices: .all), "onednn"),
    (ComputeOptions(backend: "openblas", devices: [0]), "openblas"),
  ])
  func chosen(options: ComputeOptions, name: String) throws {
    #expect(try options.chosenBackend().name == name)
  }

  @Test(arguments: [
    (
      ComputeOptions(device: "xla:cpu", devices: [1, 1]),
      "Devices are numbered from 0, and each is named once; found [1,1]."
    ),
    (
      ComputeOptions(device: "xla:cpu", devices: []),
      "Devices are numbered from 0, and each is named once; found []."
    ),
    (
      ComputeOptions(device: "xla:cpu:1", devices: .all),
      """
      xla:cpu:1 says its devices already.
        try: say them in one place.
      """
    ),
    (
      ComputeOptions(device: "cpu", devices: [0, 1]),
      """
      onednn computes on one device, the CPU.
        try: name the devices that share the samples: device: "gpu", devices: [0, 1].
      """
    ),
  ])
  func cannotBeChosen(options: ComputeOptions, message: String) {
    let error = #expect(throws: KerasError.self) { _ = try options.chosenBackend() }
    #expect(error?.description == message)
  }

  @Test func aDeviceThatIsNotThere() {
    let error = #expect(throws: KerasError.self) {
      _ = try ComputeOptions(device: "xla:cpu", devices: [0, 99]).chosenBackend()
    }
    #expect(error?.kind == .unsupported)
    #expect(error?.what == "There is no device 99; the plugin sees 4: cpu, cpu, cpu, cpu.")
  }
}
