import KerasBackendTestSupport
import KerasGraph
import KerasModels
import Synchronization
import Testing

@testable import KerasTraining

/// Steps that are started before those before them are looked at.
@Suite struct StartedStepTests {
  /// Five batches an epoch, on a backend that notes what is asked of it.
  private func fit(
    on backend: WatchedBackend, epochs: Int = 1, labels: Tensor? = nil, callbacks: [Callback] = []
  ) throws -> (weights: [[UInt32]], history: [String: [UInt64]]) {
    let (x, y) = FitTests.data()
    let model = try FitTests.model(dropout: 0.25)
    let compilation = Compilation(
      optimizer: .adam(learningRate: 0.02), losses: .all(.sparseCategoricalCrossentropy),
      metrics: .all([.accuracy]), weightedMetrics: .none)
    model.trainer = try Trainer(compilation, options: ComputeOptions(), seed: 7, on: backend)
    let history = try model.fit(
      x, labels ?? y, batchSize: 12, epochs: epochs, shuffles: false, callbacks: callbacks, verbosity: .silent
    )
    return (
      model.weights.map { $0.value.scalars(as: Float.self).map(\.bitPattern) },
      history.metrics.mapValues { $0.map(\.bitPattern) }
    )
  }

  @Test(arguments: backendsUnderTest.map(WatchedBackend.init))
  func nextStepsAreStartedBeforeOneIsRead(backend: WatchedBackend) throws {
    _ = try fit(on: backend)
    #expect(
      backend.events.all == [
        "start 0", "start 1", "start 2", "read 0", "start 3", "read 1", "start 4", "read 2", "read 3",
        "read 4",
      ])
  }

  @Test func whoLooksWaits() throws {
    let backend = WatchedBackend(backendsUnderTest[0])
    var seen: [String] = []
    _ = try fit(on: backend, callbacks: [LambdaCallback(onTrainBatchEnd: { seen += $1.names })])
    #expect(backend.events.all == (0..<5).flatMap { ["start \($0)", "read \($0)"] })
    #expect(seen == (0..<5).flatMap { _ in ["accuracy", "loss"] })
  }

  @Test func whoLooksAtTimesWaitsForAllBefore() throws {
    let backend = WatchedBackend(backendsUnderTest[0])
    _ = try fit(on: backend, callbacks: [LambdaCallback(onTrainBatchEnd: { if $0 == 1 { _ = $1["loss"] } })])
    #expect(
      backend.events.all == [
        "start 0", "start 1", "read 0", "read 1", "start 2", "start 3", "start 4", "read 2", "read 3",
        "read 4",
      ])
  }

  /// To the bit: weights, and the means that stand in the history.
  @Test(arguments: backendsUnderTest.map(WatchedBackend.init))
  func nothingDependsOnWhoLooks(backend: WatchedBackend) throws {
    let unseen = try fit(on: backend, epochs: 3)
    let seen = try fit(
      on: backend, epochs: 3, callbacks: [LambdaCallback(onTrainBatchEnd: { _ = $1.description })])
    #expect(unseen.weights == seen.weights)
    #expect(unseen.history == seen.history)
    #expect(unseen.history["loss"]?.count == 3)
  }

  @Test func evaluationReadsLater() throws {
    let (x, y) = FitTests.data()
    let model = try FitTests.model()
    let backend = WatchedBackend(backendsUnderTest[0])
    model.trainer = try Trainer(
      Compilation(
        optimizer: .sgd(), losses: .all(.sparseCategoricalCrossentropy), metrics: .none,
        weightedMetrics: .none),
      options: ComputeOptions(), seed: 0, on: backend)
    _ = try model.evaluate(x, y, batchSize: 15, verbosity: .silent)
    #expect(
      backend.events.all == [
        "start 0", "start 1", "start 2", "read 0", "start 3", "read 1", "read 2", "read 3",
      ])
  }

  /// A device says so when somebody looks, two steps later or at a later step: it is the batch in which it was wrong.
  @Test(arguments: [nil, 2, 3, 4])
  func faultIsToldOfItsBatch(looked: Int?) throws {
    let backend = WatchedBackend(backendsUnderTest[0], faults: [2: KerasError(.custom, "The device broke.")])
    var told: [Int] = []
    let error = #expect(throws: KerasError.self) {
      _ = try fit(
        on: backend,
        callbacks: [
          LambdaCallback(onTrainBatchEnd: { batch, logs in
            if batch == looked {
              told.append(batch)
              guard logs["loss"] != nil else { throw KerasError(.custom, "There is no loss.") }
            }
          })
        ])
    }
    #expect(
      error?.description == """
        The device broke.
          in: epoch 0, batch 2
        """)
    #expect(told == (looked.map { [$0] } ?? []))
  }

  /// Whatever the backend finds wrong, and whenever: data that ends in an error comes after it.
  @Test func faultComesBeforeTheDatas() throws {
    let backend = WatchedBackend(backendsUnderTest[0], faults: [1: KerasError(.custom, "The device broke.")])
    let (x, y) = FitTests.data()
    let model = try FitTests.model()
    model.trainer = try Trainer(
      Compilation(
        optimizer: .sgd(), losses: .all(.sparseCategoricalCrossentropy), metrics: .none,
        weightedMetrics: .none),
      options: ComputeOptions(), seed: 0, on: backend)
    let error = #expect(throws: KerasError.self) {
      try model.fit(BrokenData(batches: [Batch(x, y), Batch(x, y)]), verbosity: .silent)
    }
    #expect(
      error?.description == """
        The device broke.
          in: epoch 0, batch 1
        """)
  }

  @Test(arguments: backendsUnderTest.map(WatchedBackend.init))
  func labelThatIsNoClass(backend: WatchedBackend) throws {
    let (_, y) = FitTests.data()
    var labels = y.scalars(as: Int32.self)
    labels[17] = 3
    let error = #expect(throws: KerasError.self) { _ = try fit(on: backend, labels: Tensor(labels)) }
    #expect(
      error?.description == """
        Expected class numbers from 0 to 2, found 3 in sample 5.
          in: epoch 0, batch 1 › target 0
          try: give the model an output for every class, or number classes from 0.
        """)
  }
}

/// Two batches, then an error.
private struct BrokenData: DataSource {
  let batches: [Batch]
  var batchCount: Int? { nil }
  func batches(inEpoch epoch: Int) -> BatchStream {
    var rest = batches[...]
    return BatchStream {
      guard let batch = rest.popFirst() else { throw KerasError(.custom, "The file ends too early.") }
      return batch
    }
  }
}

/// A backend that notes which steps are started and read, and finds what is wrong only when they are read.
final class WatchedBackend: Backend, CustomTestStringConvertible {
  let events = Events()
  private let backend: any Backend
  private let faults: [Int: KerasError]

  convenience init(_ backend: any Backend) { self.init(backend, faults: [:]) }
  init(_ backend: any Backend, faults: [Int: KerasError]) { (self.backend, self.faults) = (backend, faults) }

  var name: String { backend.name }
  var testDescription: String { backend.name }
  var evaluator: (any ConstantEvaluator)? { backend.evaluator }
  func makeStates(_ initial: [Tensor]) throws(KerasError) -> any StateStore {
    try backend.makeStates(initial)
  }
  func prepare(_ graph: Graph, options: ProgramOptions) throws(KerasError) -> any Program {
    WatchedProgram(program: try backend.prepare(graph, options: options), events: events, faults: faults)
  }

  final class Events: Sendable {
    private let state = Mutex<(all: [String], count: Int)>(([], 0))
    var all: [String] { state.withLock { $0.all } }
    func start() -> Int {
      state.withLock { state in
        state.all.append("start \(state.count)")
        state.count += 1
        return state.count - 1
      }
    }
    func read(_ number: Int) { state.withLock { $0.all.append("read \(number)") } }
  }
}

private struct WatchedProgram: Program {
  let program: any Program
  let events: WatchedBackend.Events
  let faults: [Int: KerasError]
  var plan: [String] { program.plan }
  func run(_ inputs: [Tensor]) throws(KerasError) -> [Tensor] { try program.run(inputs) }
  func makeSession(on store: any StateStore, at positions: [Int]?) throws(KerasError) -> any ProgramSession {
    WatchedSession(session: try program.makeSession(on: store, at: positions), events: events, faults: faults)
  }
}

private struct WatchedSession: ProgramSession {
  let session: any ProgramSession
  let events: WatchedBackend.Events
  let faults: [Int: KerasError]
  func start(_ inputs: [Tensor]) throws(KerasError) -> any PendingOutputs {
    let number = events.start()
    return WatchedOutputs(
      outputs: try session.start(inputs), number: number, events: events, fault: faults[number])
  }
}

private struct WatchedOutputs: PendingOutputs {
  let outputs: any PendingOutputs
  let number: Int
  let events: WatchedBackend.Events
  let fault: KerasError?
  func wait() throws(KerasError) -> [Tensor] {
    events.read(number)
    if let fault { throw fault }
    return try outputs.wait()
  }
}
