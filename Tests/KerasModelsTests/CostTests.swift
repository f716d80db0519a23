import KerasModels
import KerasPlainKernels
import Testing

@testable import KerasLayers

/// What predictions of models cost, by hand.
@Suite struct CostTests {
  @Test func ofDenseLayers() throws {
    let x = Input(shape: [6])
    let model = try Model(inputs: x, outputs: Dense(units: 3)(Dense(units: 5)(x)))
    let cost = try model.cost(for: [[4, 6]])
    #expect(cost.multiplyAdds == 4 * (6 * 5 + 5 * 3))
    #expect(cost.parameterCount == 6 * 5 + 5 + 5 * 3 + 3 && cost.weightByteCount == 4 * cost.parameterCount)
    #expect(try cost.measuredSeconds(repeats: 2) > 0)
    #expect(model.weights.filter(\.hasValue).map(\.path) == [])
  }

  @Test func ofRecurrenceWithStates() throws {
    let x = Input(shape: [7, 3], batchSize: 2)
    let model = try Model(inputs: x, outputs: LSTM(units: 4, isStateful: true)(x))
    let cost = try model.cost(for: [[2, 7, 3]])
    // In each of 7 steps: the input's product and the state's.
    #expect(cost.multiplyAdds == 2 * 7 * (3 + 4) * 16)
    #expect(try cost.measuredSeconds(repeats: 2) > 0)
  }

  @Test func ofTokens() throws {
    let x = Input(shape: [5], dataType: .int32)
    let vectors = Embedding(inputDimension: 10, outputDimension: 4)(x)
    let model = try Model(inputs: x, outputs: Dense(units: 2)(Flatten()(vectors)))
    let cost = try model.cost(for: [[1, 5]])
    #expect(cost.multiplyAdds == 20 * 2)
    #expect(try cost.measuredSeconds(repeats: 1) > 0)
  }

  /// What a program really holds, where all its weights are known.
  @Test(arguments: Backends.all.map(\.name), [Purpose.firstAnswer, .throughput])
  func keptMemoryIsThatOfThePreparedProgram(_ backend: String, _ purpose: Purpose) throws {
    let image = Input(shape: [32, 32, 32])
    var x = image
    for _ in 0..<3 {
      x = ReLU()(BatchNormalization()(Conv2D(filters: 64, kernelSize: 3, padding: .same)(x)))
    }
    let model = try Model(inputs: image, outputs: Dense(units: 500)(Flatten()(MaxPooling2D(poolSize: 4)(x))))
    let options = ComputeOptions(backend: backend, purpose: purpose)
    let kept = try model.cost(for: [[1, 32, 32, 32]], options: options).program.keptByteCount
    let program = try #require(model.program(for: [[1, 32, 32, 32]], options: options) as? any HostProgram)
    let weights = Set(model.weights.map { $0.value.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) } })
    let held = program.heldConstants.filter { !weights.contains($0.address) }.map { ($0.address, $0.byteCount) }
    let real = Dictionary(held) { max($0, $1) }.values.reduce(0, +)
    #expect(Double(abs(kept - real)) < 0.02 * Double(model.parameterCount * 4), "\(kept) and \(real)")
  }

  @Test func refusesWhatDoesNotFit() throws {
    let x = Input(shape: [6], name: "x")
    let model = try Model(inputs: x, outputs: Dense(units: 3, name: "d")(x), name: "m")
    var error = #expect(throws: KerasError.self) { _ = try model.cost(for: []) }
    #expect(error?.description == "Expected 1 input shapes, found 0.\n  in: m")
    error = #expect(throws: KerasError.self) { _ = try model.cost(for: [[1, -6]]) }
    #expect(error?.description == "No tensor has the shape (1, -6).\n  in: m")
    error = #expect(throws: KerasError.self) { _ = try model.cost(for: [[1, 7]]) }
    #expect(error?.kind == .shapeMismatch)
    error = #expect(throws: KerasError.self) {
      _ = try model.cost(for: [[1, 6]], options: ComputeOptions(backend: "cuda"))
    }
    #expect(error?.kind == .unknownName)
  }

  /// As large as addresses go, and no byte is touched.
  @Test func hugeModelsCostNothingToPlan() throws {
    let x = Input(shape: [1 << 20])
    let model = try Model(inputs: x, outputs: Dense(units: 1 << 16)(x), name: "huge")
    let cost = try model.cost(for: [[1, 1 << 20]])
    #expect(cost.multiplyAdds == 1 << 36 && cost.weightByteCount == (1 << 38) + (1 << 18))
    let error = #expect(throws: KerasError.self) { _ = try cost.measuredSeconds() }
    #expect(error?.kind == .unsupported)
    #expect(error?.what.hasPrefix("A prediction needs 256.00 GB of memory, and this machine has ") == true)
  }
}
