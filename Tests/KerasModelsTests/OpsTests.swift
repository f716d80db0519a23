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
    #expect(
      try Ops.where(Ops.greater(x, Tensor(zeros: [2, 3])), x, Ops.negative(x)).scalars(as: Float.self)
        == [1, 2, 3, 0, 5, 6])
    #expect(try Ops.einsum("ij,kj->ik", [x, x]).scalars(as: Float.self) == [14, -28, -28, 61])
    #expect(
      try Ops.oneHot(Tensor([2, 0] as [Int32]), classes: 3).scalars(as: Float.self) == [0, 0, 1, 1, 0, 0])
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

  /// `keras.ops.image.resize` of one picture; with channels first, the same.
  @Test func picturesAreResized() throws {
    let image = try x.reshaped(to: [2, 3, 1])
    let larger = try Ops.resize(image, height: 2, width: 6)
    #expect(larger.shape == [2, 6, 1])
    #expect(
      larger.scalars(as: Float.self) == [1, 0.25, -1.25, -0.75, 1.75, 3, 0, 1.25, 3.75, 2.25, -3.25, -6])
    let first = try Ops.resize(x.reshaped(to: [1, 2, 3]), height: 2, width: 6, dataFormat: .channelsFirst)
    #expect(first.shape == [1, 2, 6] && first.scalars(as: Float.self) == larger.scalars(as: Float.self))
    let bytes = Tensor([10, 250, 35, 0] as [UInt8])
    let cubic = try Ops.resize(bytes.reshaped(to: [2, 2, 1]), height: 3, width: 5, interpolation: .bicubic)
    #expect(
      cubic.scalars(as: UInt8.self) == [0, 25, 137, 250, 255, 12, 29, 74, 118, 135, 42, 33, 10, 0, 0])
    let padded = try Ops.resize(
      bytes.reshaped(to: [1, 4, 1]), height: 3, width: 4, interpolation: .nearest, fitting: .pad(7))
    #expect(padded.scalars(as: UInt8.self) == [7, 7, 7, 7, 10, 250, 35, 0, 7, 7, 7, 7])
    let error = #expect(throws: KerasError.self) { try Ops.resize(x, height: 2, width: 2) }
    #expect(error?.kind == .shapeMismatch)
  }

  @Test func slicesAreTakenAsInPython() throws {
    #expect(try Ops.slice(x, .at(-1), .from(1)).scalars(as: Float.self) == [5, -6])
    #expect(try Ops.slice(x, .ellipsis, .range(nil, nil, step: -2)).scalars(as: Float.self) == [3, 1, -6, 0])
    #expect(try Ops.slice(x, .newAxis, .to(-1)).shape == [1, 1, 3])
    #expect(try Ops.slice(x, axis: -1, from: 1, count: 5).shape == [2, 2])
    #expect(try Ops.slice(x, .range(5, 1), .all).shape == [0, 3])
    #expect(throws: KerasError.self) { try Ops.slice(x, .at(2)) }
    #expect(throws: KerasError.self) { try Ops.slice(x, .all, .all, .all) }
    #expect(throws: KerasError.self) { try Ops.slice(x, .range(0, 1, step: 0)) }
  }

  @Test func indicesOutsideAreAnErrorOfTheRun() {
    #expect(throws: KerasError.self) { try Ops.take(x, Tensor([7] as [Int32])) }
    #expect(throws: KerasError.self) { try Ops.take(x, Tensor([-3] as [Int32])) }
  }
}
