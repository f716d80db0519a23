import KerasModels
import Testing

/// The same functions on tensors, on symbolic tensors and inside layers.
@Suite struct OpsTests {
  private let x = Tensor(uninitialized: [2, 3], Float.self) { elements in
    for i in elements.indices { elements[i] = [1, -2, 3, 0, 5, -6][i] }
  }

  @Test func tensorsAreComputedAtOnce() throws {
    #expect(try Ops.relu(x).scalars(as: Float.self) == [1, 0, 3, 0, 5, 0])
    #expect(try Ops.sum(x, axes: [1]).scalars(as: Float.self) == [2, -1])
    #expect(try Ops.argmax(x).scalars(as: Int32.self) == [2, 1])
    #expect(try Ops.transpose(x).shape == [3, 2])
    #expect(try Ops.take(x, Tensor([1, 0, 1] as [Int32])).shape == [3, 3])
    #expect(try Ops.topK(x, count: 2).values.scalars(as: Float.self) == [3, 1, 5, 0])
    #expect(try Ops.cumsum(x, axis: 1).scalars(as: Float.self) == [1, -1, 2, 0, 5, -1])
    #expect(try Ops.where(Ops.greater(x, Tensor(zeros: [2, 3])), x, Ops.negative(x)).scalars(as: Float.self)
      == [1, 2, 3, 0, 5, 6])
    #expect(try Ops.einsum("ij,kj->ik", [x, x]).scalars(as: Float.self) == [14, -28, -28, 61])
    #expect(try Ops.oneHot(Tensor([2, 0] as [Int32]), classes: 3).scalars(as: Float.self) == [0, 0, 1, 1, 0, 0])
  }

  @Test func symbolicTensorsBecomeLayers() throws {
    let input = Input(shape: [3])
    let doubled = try Ops.softmax(input + input)
    let model = try Model(inputs: input, outputs: doubled)
    let want = try Ops.softmax(Ops.add(x, x))
    #expect(try model.predict(x).scalars(as: Float.self) == want.scalars(as: Float.self))
  }

  @Test func stepsCarryAState() throws {
    let sums = try Ops.scan(state: Tensor(zeros: [3]), over: x) { (state, element) throws(KerasError) in
      let sum = try Ops.add(state, element)
      return (sum, try Ops.square(sum))
    }
    #expect(sums.state.scalars(as: Float.self) == [1, 3, -3])
    #expect(sums.outputs.scalars(as: Float.self) == [1, 4, 9, 1, 9, 9])
  }

  @Test func whatDoesNotFitIsAnError() throws {
    let error = #expect(throws: KerasError.self) { try Ops.matmul(x, x) }
    #expect(error?.kind == .shapeMismatch)
    let symbolic = Input(shape: [3]) + Input(shape: [4])
    #expect(throws: KerasError.self) { try Model(inputs: Input(shape: [3]), outputs: symbolic) }
  }

  @Test func indicesOutsideAreAnErrorOfTheRun() {
    #expect(throws: KerasError.self) { try Ops.take(x, Tensor([7] as [Int32])) }
    #expect(throws: KerasError.self) { try Ops.take(x, Tensor([-3] as [Int32])) }
  }
}
