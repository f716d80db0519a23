import KerasBackendTestSupport
import KerasGraph
import Testing

@testable import KerasXLABackend

/// What is particular to states on a device: steps are enqueued, and their faults are told to whoever waits first.
@Suite(.enabled(if: TestPlugin.file != nil, "needs a plugin for CPUs"))
struct XLAStatesTests {
  /// Adds rows `indices` of a table of 3 to a state of 2, and returns the state before.
  private func lookup() throws -> Graph {
    let builder = GraphBuilder()
    let indices = builder.input(TensorSpec([1], .int32))
    let state = builder.input(TensorSpec([1, 2], .float32))
    let table = builder.constant(try Tensor([1, 2, 3, 4, 5, 6] as [Float], shape: [3, 2]))
    let sum = try builder.add(state, builder.gather(table, at: indices, axis: 0))
    return try builder.finish(returning: [state], states: [GraphState(input: state, update: sum)])
  }

  private func index(_ number: Int32) throws -> [Tensor] { [try Tensor([number], shape: [1])] }

  @Test func stepsFollowEachOther() throws {
    let backend = try TestPlugin.backend()
    let program = try backend.prepare(lookup(), options: ProgramOptions())
    let store = try backend.makeStates([Tensor([0, 0] as [Float], shape: [1, 2])])
    let session = try program.makeSession(on: store)
    let pending = try [0, 1, 2].map { try session.start(index($0)) }
    #expect(try store.read([0])[0].scalars(as: Float.self) == [9, 12])
    #expect(try pending.map { try $0.wait()[0].scalars(as: Float.self) } == [[0, 0], [1, 2], [4, 6]])
  }

  @Test func afterAFaultTheStateIsAsItWas() throws {
    let backend = try TestPlugin.backend()
    let program = try backend.prepare(lookup(), options: ProgramOptions())
    let store = try backend.makeStates([Tensor([0, 0] as [Float], shape: [1, 2])])
    let session = try program.makeSession(on: store)
    try session.step(index(1))
    let wrong = try session.start(index(3))
    let error = thrown { _ = try wrong.wait() }
    #expect(error?.kind == .invalidArgument)
    #expect(error?.what == "The index 3 is outside an axis of 3 elements.")
    #expect(try store.read([0])[0].scalars(as: Float.self) == [3, 4])
    try session.step(index(0))
    #expect(try store.read([0])[0].scalars(as: Float.self) == [4, 6])
  }

  @Test func aFaultNobodyWaitedForIsToldOnceToTheNext() throws {
    let backend = try TestPlugin.backend()
    let program = try backend.prepare(lookup(), options: ProgramOptions())
    let store = try backend.makeStates([Tensor([0, 0] as [Float], shape: [1, 2])])
    let session = try program.makeSession(on: store)
    _ = try session.start(index(-1))
    let next = try session.start(index(2))
    #expect(thrown { _ = try next.wait() }?.what == "The index -1 is outside an axis of 3 elements.")
    #expect(try next.wait()[0].scalars(as: Float.self) == [0, 0])
    _ = try session.start(index(7))
    #expect(thrown { _ = try store.read([0]) }?.what == "The index 7 is outside an axis of 3 elements.")
    #expect(try store.read([0])[0].scalars(as: Float.self) == [5, 6])
  }

  @Test func anotherBackendsStatesAreRefused() throws {
    let backend = try TestPlugin.backend()
    let program = try backend.prepare(lookup(), options: ProgramOptions())
    let store = try backendsUnderTest[0].makeStates([Tensor([0, 0] as [Float], shape: [1, 2])])
    let error = thrown { _ = try program.makeSession(on: store) }
    #expect(error?.what == "The states are not on the device where the program computes.")
    #expect(error?.remedy == "make them by the backend that prepared the program.")
  }

  /// Updates take the place of the old numbers.
  @Test func statesAreDonated() throws {
    let builder = GraphBuilder()
    let state = builder.input(TensorSpec([1000], .float32))
    let update = try builder.unary(.linear(scale: 0.5, offset: 1), state)
    let graph = try builder.finish(returning: [], states: [GraphState(input: state, update: update)])
    let backend = try TestPlugin.backend()
    let program = try #require(backend.prepare(graph, options: ProgramOptions()) as? XLAProgram)
    #expect(program.executable.memory()?.aliasedByteCount == 4000)
    let store = try backend.makeStates([Tensor(repeating: 2 as Float, shape: [1000])])
    let session = try program.makeSession(on: store)
    for _ in 0..<3 { try session.step([]) }
    #expect(try store.read([0])[0].scalars(as: Float.self) == [Float](repeating: 2, count: 1000))
  }

  /// A weight that changes is an upload: the same text finds the program that was compiled.
  @Test func assigningAConstantCompilesNothing() throws {
    let backend = try TestPlugin.backend(cache: ExecutableCache(folder: nil))
    func program(_ weight: [Float]) throws -> any Program {
      let builder = GraphBuilder()
      let x = builder.input(TensorSpec([2], .float32))
      let y = try builder.multiply(x, builder.constant(Tensor(weight, shape: [2])))
      return try backend.prepare(builder.finish(returning: [y]), options: ProgramOptions())
    }
    let input = [try Tensor([1, 2] as [Float], shape: [2])]
    #expect(try program([3, 4]).run(input)[0].scalars(as: Float.self) == [3, 8])
    let second = try program([5, 6])
    #expect(try second.run(input)[0].scalars(as: Float.self) == [5, 12])
    #expect(second.plan[0].contains("compiled before"))
  }
}
