import Foundation
import KerasBackendTestSupport
import KerasGraph
import KerasPlainKernels
import Testing

/// States that live in programs.
struct SessionTests {
  private let options = ProgramOptions()

  // MARK: Right numbers

  /// Steps of a session against the same computation of which the backend knows nothing of states, carried by hand.
  @Test(arguments: try StateProblem.samples(300, seed: 71))
  func stepsAreWhatRunsWithStatesCarriedByHandGive(problem: StateProblem) throws {
    for backend in backendsUnderTest {
      for graph in [problem.graph, try backend.pipeline.apply(to: problem.graph)] {
        let store = try backend.makeStates(problem.states)
        let session = try backend.prepare(graph, options: options).makeSession(on: store)
        let byHand = try backend.prepare(problem.carriedByHand, options: options)
        let carrying = try backend.prepare(graph, options: options)
        var states = problem.states
        for inputs in problem.steps {
          let got = try session.step(inputs) + store.read(Array(states.indices))
          let want = try byHand.run(inputs + states)
          let tolerance = Tolerance.summing(20)
          let found = difference(between: got, and: want, tolerance: tolerance)
          #expect(found == nil, "\(backend.name) on \(problem)")
          let exact = Tolerance(absolute: 0, relative: 0)
          let run = difference(between: try carrying.run(inputs + states), and: got, tolerance: exact)
          #expect(run == nil, "\(backend.name), run, on \(problem)")
          guard found == nil, run == nil else { return }
          states = Array(got.suffix(states.count))
        }
      }
    }
  }

  /// Products of many rows with wide matrices, which some backends lay out anew where states ask for the same bits on
  /// any number of threads.
  @Test(arguments: [(600, 40, 128), (512, 3, 384), (2100, 128, 256)])
  func manyRows(rows: Int, depth: Int, columns: Int) throws {
    var choices = RandomChoices(seed: 74, number: rows)
    let (x, w) = (choices.tensor([rows, depth]), choices.tensor([depth, columns]))
    let builder = GraphBuilder()
    let (input, state) = (builder.input(x.spec), builder.input(w.spec))
    let product = try builder.unary(
      .tanh, builder.add(builder.matrixMultiply(input, state), builder.scalar(0.5)))
    let graph = try builder.finish(returning: [product], states: [GraphState(input: state, update: state)])
    let want = try NaiveBackend().prepare(graph, options: options).run([x, w])
    for backend in backendsUnderTest {
      let prepared = try backend.pipeline.apply(to: graph)
      let session = try backend.prepare(prepared, options: options).makeSession(on: backend.makeStates([w]))
      let found = difference(between: try session.step([x]), and: [want[0]], tolerance: .summing(depth))
      #expect(found == nil, "\(backend.name)")
    }
  }

  /// Two training programs of different batch sizes and one that only reads, on the same weights.
  @Test func programsShareStates() throws {
    for backend in backendsUnderTest {
      let store = try backend.makeStates([Tensor(zeros: [3, 1]), Tensor(scalar: Float(0))])
      let large = try backend.prepare(descent(rows: 4), options: options).makeSession(on: store)
      let small = try backend.prepare(descent(rows: 2), options: options).makeSession(on: store)
      let evaluation = try backend.prepare(prediction(rows: 2), options: options).makeSession(
        on: store, at: [0])
      let x = try Tensor([1, 2, 3, 0, 1, 0, 2, 0, 1, 1, 1, 1] as [Float], shape: [4, 3])
      let y = try Tensor([1, 2, 3, 4] as [Float], shape: [4, 1])
      for _ in 0..<3 {
        try large.step([x, y])
        try small.step([x.rows(0..<2), y.rows(0..<2)])
      }
      #expect(try store.read([1])[0].scalars(as: Float.self) == [6], "\(backend.name)")
      let weights = try store.read([0])[0]
      let expected = try backend.prepare(prediction(rows: 2), options: options).run([x.rows(0..<2), weights])
      let got = try evaluation.step([x.rows(0..<2)])
      #expect(got.count == 1)
      #expect(got[0].scalars(as: Float.self) == expected[0].scalars(as: Float.self), "\(backend.name)")
    }
  }

  @Test func statesAreHandedOutAndTakenIn() throws {
    for backend in backendsUnderTest {
      let store = try backend.makeStates([Tensor([1, 2] as [Float]), Tensor([3] as [Int64])])
      #expect(store.specs == [TensorSpec([2]), TensorSpec([1], .int64)])
      let before = try store.read([1, 0])
      try store.write([Tensor([7] as [Int64])], to: [1])
      #expect(try store.read([1])[0].scalars(as: Int64.self) == [7])
      #expect(before[0].scalars(as: Int64.self) == [3])
      #expect(before[1].scalars(as: Float.self) == [1, 2])
      #expect(try store.add([Tensor([4] as [Float])]) == 2..<3)
      #expect(try store.read([2])[0].scalars(as: Float.self) == [4])
    }
  }

  /// What was handed out stays, whatever later steps overwrite.
  @Test func whatWasReadAndReturnedStays() throws {
    for backend in backendsUnderTest {
      let store = try backend.makeStates([Tensor([1, 2] as [Float])])
      let session = try backend.prepare(counter(length: 2), options: options).makeSession(on: store)
      let read = try store.read([0])[0]
      let pending = try session.start([Tensor([1, 1] as [Float])])
      try session.step([Tensor([1, 1] as [Float])])
      #expect(read.scalars(as: Float.self) == [1, 2])
      #expect(try pending.wait()[0].scalars(as: Float.self) == [2, 3])
      #expect(try store.read([0])[0].scalars(as: Float.self) == [3, 4])
    }
  }

  // MARK: In place

  /// Gradient descent writes every weight over the old one. What a device does is `XLAStatesTests`' affair.
  @Test func descentIsInPlace() throws {
    for backend in backendsUnderTest {
      let graph = try backend.pipeline.apply(to: descent(rows: 4))
      guard let program = try backend.prepare(graph, options: options) as? any HostProgram else { continue }
      let updates = program.interface.stateUpdates.map { "\($0)" }
      #expect(updates == ["inPlace", "inPlace"], "\(backend.name)")
    }
  }

  // MARK: Threads

  @Test func stepsOfManyThreadsAllCount() async throws {
    for backend in backendsUnderTest {
      let store = try backend.makeStates([Tensor(zeros: [64])])
      let sessions = try (0..<2).map { _ in
        try backend.prepare(counter(length: 64), options: options).makeSession(on: store)
      }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for task in 0..<4 {
          group.addTask {
            for _ in 0..<50 { try sessions[task % 2].step([Tensor(repeating: 1 as Float, shape: [64])]) }
          }
        }
        try await group.waitForAll()
      }
      #expect(try store.read([0])[0].scalars(as: Float.self) == [Float](repeating: 200, count: 64))
    }
  }

  // MARK: Failures

  @Test func aStepThatFailsLeavesTheStatesAsTheyWere() throws {
    let builder = GraphBuilder()
    let index = builder.input(TensorSpec([1], .int32))
    let (count, table) = (builder.input(TensorSpec([1])), builder.input(TensorSpec([3, 2])))
    // Counted before an index is looked at.
    let counted = try builder.unary(.linear(scale: 1, offset: 1), count)
    let row = try builder.gather(table, at: index, axis: 0)
    let changed = try builder.add(table, row)
    let graph = try builder.finish(
      returning: [row],
      states: [GraphState(input: count, update: counted), GraphState(input: table, update: changed)])
    for backend in backendsUnderTest {
      let table = try Tensor([1, 2, 3, 4, 5, 6] as [Float], shape: [3, 2])
      let store = try backend.makeStates([Tensor([0] as [Float]), table])
      let session = try backend.prepare(graph, options: options).makeSession(on: store)
      try session.step([Tensor([0] as [Int32])])
      let error = #expect(throws: KerasError.self) { try session.step([Tensor([3] as [Int32])]) }
      #expect(error?.what == "The index 3 is outside an axis of 3 elements.")
      #expect(try store.read([0])[0].scalars(as: Float.self) == [1], "\(backend.name)")
      #expect(try store.read([1])[0].scalars(as: Float.self) == [2, 4, 4, 6, 6, 8], "\(backend.name)")
      try session.step([Tensor([1] as [Int32])])
      #expect(try store.read([0])[0].scalars(as: Float.self) == [2])
    }
  }

  @Test func statesThatAStepBrokeOffOverwritingAreLost() throws {
    let store = HostStates([Tensor([1] as [Float]), Tensor([2] as [Float])])
    let session = try BreakingProgram().makeSession(on: store)
    let failure = #expect(throws: KerasError.self) { try session.step([]) }
    #expect(failure?.description == "The library broke off.")
    let lost = """
      State 1 was lost when a step broke off while overwriting it.
        try: write the states again, for instance from the last saved ones.
      """
    #expect(throws: KerasError.self) { try store.read([1]) }
    #expect((#expect(throws: KerasError.self) { try session.step([]) })?.description == lost)
    #expect(try store.read([0])[0].scalars(as: Float.self) == [1])
    try store.write([Tensor([5] as [Float])], to: [1])
    #expect(try store.read([1])[0].scalars(as: Float.self) == [5])
  }

  @Test func refusesWhatDoesNotFit() throws {
    for backend in backendsUnderTest {
      let program = try backend.prepare(descent(rows: 2), options: options)
      let store = try backend.makeStates([Tensor(zeros: [3, 1]), Tensor(scalar: Float(0))])
      func message(_ body: () throws -> Void) -> String? {
        (#expect(throws: KerasError.self) { try body() })?.description
      }
      #expect(
        message { _ = try program.makeSession(on: store, at: [0]) }
          == "The program has 2 states, found 1 positions.")
      #expect(
        message { _ = try program.makeSession(on: store, at: [0, 2]) }
          == "There is no state 2; the store holds 2.")
      #expect(
        message { _ = try program.makeSession(on: store, at: [1, 0]) }
          == "Expected float32(3, 1), found float32().\n  in: state 0")
      let twins = try backend.prepare(twins(), options: options)
      #expect(
        message { _ = try twins.makeSession(on: backend.makeStates([Tensor(zeros: [1])]), at: [0, 0]) }
          == "Position 0 is given to two states, and one updates it.")
      #expect(message { _ = try store.read([2]) } == "There is no state 2; the store holds 2.")
      #expect(
        message { try store.write([Tensor(zeros: [2])], to: [0]) }
          == "Expected float32(3, 1), found float32(2,).\n  in: state 0")
      let session = try program.makeSession(on: store)
      #expect(message { try session.step([]) } == "Expected 2 input tensors, found 0.")
      #expect(
        message { try session.step([Tensor(zeros: [2, 3]), Tensor(zeros: [2])]) }
          == "Expected float32(2, 1), found float32(2,).\n  in: input 1")
      let place = program is any HostProgram ? "in the memory of this machine," : "on the device"
      #expect(
        message { _ = try program.makeSession(on: ForeignStates()) }
          == """
          The states are not \(place) where the program computes.
            try: make them by the backend that prepared the program.
          """)
    }
  }

  // MARK: Graphs

  /// A step of gradient descent on the mean squared error of `x · w`, which also counts its calls.
  private func descent(rows: Int) throws -> Graph {
    let builder = GraphBuilder()
    let (x, y) = (builder.input(TensorSpec([rows, 3])), builder.input(TensorSpec([rows, 1])))
    let (w, count) = (builder.input(TensorSpec([3, 1])), builder.input(TensorSpec([])))
    let error = try builder.binary(.subtract, builder.matrixMultiply(x, w), y)
    let loss = try builder.reduce(.mean, builder.unary(.square, error), axes: [0, 1])
    let gradients = try builder.gradients(from: [(loss, builder.scalar(1))], to: [w])
    let gradient = try #require(gradients[0])
    let step = try builder.unary(.linear(scale: 0.05, offset: 0), gradient)
    return try builder.finish(
      returning: [loss],
      states: [
        GraphState(input: w, update: builder.binary(.subtract, w, step)),
        GraphState(input: count, update: builder.unary(.linear(scale: 1, offset: 1), count)),
      ])
  }

  private func prediction(rows: Int) throws -> Graph {
    let builder = GraphBuilder()
    let (x, w) = (builder.input(TensorSpec([rows, 3])), builder.input(TensorSpec([3, 1])))
    return try builder.finish(
      returning: [builder.matrixMultiply(x, w)], states: [GraphState(input: w, update: w)])
  }

  /// Adds its input to its state and returns the sum.
  private func counter(length: Int) throws -> Graph {
    let builder = GraphBuilder()
    let (x, sum) = (builder.input(TensorSpec([length])), builder.input(TensorSpec([length])))
    let update = try builder.add(sum, x)
    return try builder.finish(returning: [update], states: [GraphState(input: sum, update: update)])
  }

  private func twins() throws -> Graph {
    let builder = GraphBuilder()
    let (a, b) = (builder.input(TensorSpec([1])), builder.input(TensorSpec([1])))
    return try builder.finish(
      returning: [],
      states: [
        GraphState(input: a, update: a), GraphState(input: b, update: builder.unary(.square, b)),
      ])
  }
}

/// Fails when its second state may have been overwritten.
private struct BreakingProgram: HostProgram {
  var plan: [String] { [] }
  var heldConstants: [HeldConstant] { [] }

  var interface: ProgramInterface {
    let builder = GraphBuilder()
    let states = (0..<2).map { _ in builder.input(TensorSpec([1])) }
    let graph = try? builder.finish(
      returning: [], states: states.map { GraphState(input: $0, update: $0) })
    return ProgramInterface(of: graph ?? Graph(), stateUpdates: [.none, .inPlace])
  }

  func run(_ memory: RunMemory, timer: StepTimer?, overwriting: () -> Void) throws(KerasError) {
    overwriting()
    throw KerasError(.libraryFailure, "The library broke off.")
  }
}

/// Somebody else's.
private final class ForeignStates: StateStore {
  var specs: [TensorSpec] { [] }
  func add(_ initial: [Tensor]) throws(KerasError) -> Range<Int> { 0..<0 }
  func read(_ positions: [Int]) throws(KerasError) -> [Tensor] { [] }
  func write(_ tensors: [Tensor], to positions: [Int]) throws(KerasError) {}
}
