import KerasBackendTestSupport
import KerasGraph
import Testing

@testable import KerasXLABackend

/// Four devices that share the samples of a batch give what one does.
@Suite(.enabled(if: (TestPlugin.client?.devices.count ?? 0) >= 4, "needs a plugin with four devices"))
struct SharedBatchTests {
  /// A dense layer and its descent: weights, a batch, the squared distance from the targets.
  private func descent(rows: Int) throws -> Graph {
    let builder = GraphBuilder()
    let x = builder.input(TensorSpec([rows, 3], .float32))
    let target = builder.input(TensorSpec([rows, 2], .float32))
    let weights = builder.input(TensorSpec([3, 2], .float32))
    let distance = try builder.binary(.subtract, builder.matrixMultiply(x, weights), target)
    let loss = try builder.reduce(.mean, builder.unary(.square, distance), axes: [0, 1])
    let seed = try builder.scalar(1, like: loss)
    let gradient = try builder.gradients(from: [(loss, seed)], to: [weights])[0]
    let step = try builder.unary(.linear(scale: 0.1, offset: 0), gradient ?? weights)
    return try builder.finish(
      returning: [loss, distance],
      states: [GraphState(input: weights, update: builder.binary(.subtract, weights, step))])
  }

  /// Eight rows are two for each device; six cannot be split.
  @Test(arguments: [8, 6, 1]) func aStepOfTrainingIsTheSame(rows: Int) throws {
    func numbers(_ count: Int, _ factor: Int) -> [Float] {
      (0..<count).map { Float(($0 * factor) % 17) / 8 - 1 }
    }
    let inputs = [
      try Tensor(numbers(rows * 3, 5), shape: [rows, 3]), try Tensor(numbers(rows * 2, 7), shape: [rows, 2]),
    ]
    let start = try Tensor(numbers(6, 3), shape: [3, 2])
    var answers: [[[Float]]] = []
    for count in [1, 4] {
      let backend = XLABackend(try TestPlugin.device(count), name: "xla:cpu")
      let program = try backend.prepare(descent(rows: rows), options: ProgramOptions())
      let store = try backend.makeStates([start])
      let session = try program.makeSession(on: store)
      var outputs: [Tensor] = []
      for _ in 0..<3 { outputs += try session.step(inputs) }
      answers.append(try (outputs + store.read([0])).map { $0.scalars(as: Float.self) })
    }
    for (one, four) in zip(answers[0], answers[1]) {
      #expect(one.count == four.count)
      for (a, b) in zip(one, four) { #expect(abs(a - b) <= 1e-6 * max(1, abs(a))) }
    }
    #expect(answers[0][0][0] > answers[0][4][0])
  }

  /// Each of the four alone: a program is compiled for its device.
  @Test(arguments: 0..<4) func oneOfThemAlone(index: Int) throws {
    let client = try TestPlugin.client.orThrow(KerasError(.unsupported, "no plugin"))
    let device = XLADevice(client, [client.devices[index]], cache: ExecutableCache(folder: nil))
    let backend = XLABackend(device, name: "xla:cpu:\(index)")
    let program = try backend.prepare(descent(rows: 4), options: ProgramOptions())
    let store = try backend.makeStates([Tensor(repeating: 0.5 as Float, shape: [3, 2])])
    let x = Tensor(repeating: 1 as Float, shape: [4, 3])
    let outputs = try program.makeSession(on: store).step([x, Tensor(repeating: 1 as Float, shape: [4, 2])])
    #expect(outputs[0].scalars(as: Float.self) == [0.25])
  }

  /// The second of two machines with two devices each uploads the second half of a batch, and all of what is whole.
  @Test func aNodeUploadsItsShare() throws {
    let client = try TestPlugin.client.orThrow(KerasError(.unsupported, "no plugin"))
    let numbers = client.devices.prefix(4).map(\.number)
    let node = XLADevice(
      client, Array(client.devices[2..<4]), sharing: Array(numbers), cache: ExecutableCache(folder: nil))
    #expect(node.count == 4)
    let batch = try Tensor((0..<24).map(Float.init), shape: [8, 3])
    let split = try node.upload(batch, isSplit: true).parts.map { try $0.download().scalars(as: Float.self) }
    #expect(split == [(12..<18).map(Float.init), (18..<24).map(Float.init)])
    let whole = try node.upload(batch).parts.map { try $0.download().scalars(as: Float.self) }
    #expect(whole == [[Float]](repeating: (0..<24).map(Float.init), count: 2))
    #expect(try !node.isSame(as: TestPlugin.device(4)))
  }

  @Test func theirNameSaysSo() throws {
    #expect(try XLADevices.backend(named: "xla:cpu:all").name == "xla:cpu:all")
    #expect(try XLADevices.backend(named: "xla:cpu:all").device.count >= 4)
  }
}
