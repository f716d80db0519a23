import KerasModels
import Synchronization
import Testing

@Suite struct ProgramCacheTests {
  /// A program, as long as somebody holds it.
  struct Witness { weak var program: AnyObject? }

  @Test func programsAreKeptAndTheOldestGoes() throws {
    let model = try PredictionTests.line()
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
    let model = try PredictionTests.line()
    let before = Witness(program: try model.program(for: [[3, 2]]) as AnyObject)
    #expect(try model.predict(PredictionTests.rows(3)).scalars() == PredictionTests.expected(3))
    #expect(before.program != nil)
    try model.weights[1].assign(Tensor([101] as [Float]))
    #expect(try model.predict(PredictionTests.rows(3)).scalars() == PredictionTests.expected(3).map { $0 + 100 })
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

  // MARK: Models that change

  @Test func addedAndRemovedLayers() throws {
    let x = PredictionTests.rows(2)
    let model = Sequential([InputLayer(batchShape: [nil, 2]), Rescaling(scale: 2)])
    #expect(try model.predict(x).scalars() == [0, 2, 4, 6] as [Float])
    try model.add(Rescaling(scale: 3))
    #expect(try model.predict(x).scalars() == [0, 6, 12, 18] as [Float])
    // One in the place of another, for which memory may well be the same.
    for factor in [5, 7, 11] as [Float] {
      try model.pop()
      try model.add(Rescaling(scale: Double(factor)))
      #expect(try model.predict(x).scalars() == [0, 2 * factor, 4 * factor, 6 * factor])
    }
    try model.pop()
    #expect(try model.predict(x).scalars() == [0, 2, 4, 6] as [Float])
  }

  @Test func removingTheLastLayer() throws {
    let model = Sequential([InputLayer(batchShape: [nil, 2])], name: "empty")
    #expect(
      message { () throws(KerasError) in try model.pop() } == "There is no layer to remove.\n  in: empty")
    let dense = Dense(units: 3)
    try model.add(dense)
    #expect(model.outputs.map(\.shape) == [[nil, 3]])
    #expect(try model.pop() === dense)
    #expect(model.layers.isEmpty && model.outputs.isEmpty && model.weights.isEmpty)
    try model.add(Dense(units: 4))
    #expect(model.outputs.map(\.shape) == [[nil, 4]])
  }

  @Test func aNestedModelThatChanges() throws {
    let inner = Sequential([InputLayer(batchShape: [nil, 2]), Rescaling(scale: 2)])
    let x = Input(shape: [2])
    let model = try Model(inputs: x, outputs: inner(x))
    #expect(try model.predict(PredictionTests.rows(1)).scalars() == [0, 2] as [Float])
    try inner.add(Rescaling(scale: 3))
    #expect(try model.predict(PredictionTests.rows(1)).scalars() == [0, 6] as [Float])
  }

  final class Replaceable: Model, @unchecked Sendable {
    var scale: Layer = Rescaling(scale: 2)
    override func call(_ x: Value, in context: CallContext) throws(KerasError) -> Value {
      try context.apply(scale, to: x)
    }
  }

  @Test func aPropertyThatIsReplaced() throws {
    let model = Replaceable()
    #expect(try model.predict(PredictionTests.rows(1)).scalars() == [0, 2] as [Float])
    model.scale = Rescaling(scale: 3)
    #expect(try model.predict(PredictionTests.rows(1)).scalars() == [0, 3] as [Float])
  }

  /// A model that makes its weights when it is first called is prepared once.
  @Test func theFirstCallBuilds() throws {
    let model = Sequential { Dense(units: 1) }
    let first = try model.program(for: [[2, 2]]) as AnyObject
    #expect(try model.program(for: [[2, 2]]) as AnyObject === first)
  }

  @Test func adaptedLayers() throws {
    let x = Input(shape: [2])
    let dense = Dense(units: 1, kernelInitializer: .ones)
    let model = try Model(inputs: x, outputs: dense(x))
    #expect(try model.predict(PredictionTests.rows(1)).scalars() == [1] as [Float])
    try dense.enableLoRA(rank: 1, aInitializer: .ones, bInitializer: .ones)
    #expect(try model.predict(PredictionTests.rows(1)).scalars() == [2] as [Float])
  }

  // MARK: Preparing

  /// Counts how often it is recorded for a number of rows, and waits there until it is let go.
  final class Gate: Layer, @unchecked Sendable {
    let recordings = Mutex<[Int: Int]>([:])
    let isOpen = Atomic(false)
    override func call(_ x: Value, in context: CallContext) throws(KerasError) -> Value {
      guard let rows = context.graph.shape(of: x)[0] else { return x }
      recordings.withLock { $0[rows, default: 0] += 1 }
      if rows == 7 { while !isOpen.load(ordering: .acquiring) {} }
      return x
    }
  }

  @Test func preparingOneShapeLeavesOthersAlone() throws {
    let gate = Gate()
    let x = Input(shape: [2])
    let model = try Model(inputs: x, outputs: gate(x))
    let isDone = Mutex(false)
    try inThreads(3) { thread in
      if thread < 2 {
        // Both want the same program, which is not there before the gate opens.
        let y = try model.predict(PredictionTests.rows(7))
        #expect(y.shape == [7, 2])
        #expect(isDone.withLock { $0 })
      } else {
        while gate.recordings.withLock({ $0[7] }) == nil {}
        let y = try model.predict(PredictionTests.rows(3))
        #expect(y.shape == [3, 2])
        isDone.withLock { $0 = true }
        gate.isOpen.store(true, ordering: .releasing)
      }
    }
    #expect(gate.recordings.withLock { $0 } == [3: 1, 7: 1])
  }
}
