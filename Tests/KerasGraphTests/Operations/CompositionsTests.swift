import KerasBackendTestSupport
import KerasGraph
import KerasOpenBLASBackend
import Testing

/// Functions over the vocabulary: small answers that can be checked by eye, and NumPy's.
struct CompositionsTests {
  /// The result of a composition, its shape first.
  private func result(
    _ inputs: [Tensor], _ record: (GraphBuilder, [Value]) throws -> Value
  ) throws -> (shape: [Int], numbers: [Double]) {
    let builder = GraphBuilder()
    let output = try record(builder, inputs.map { builder.input($0.spec) })
    let tensor = try OpenBLASBackend().prepare(
      builder.finish(returning: [output]), options: ProgramOptions()
    ).run(inputs)[0]
    return (tensor.shape, tensor.scalars(as: Double.self))
  }

  private func counting(_ shape: [Int]) -> Tensor {
    Tensor(uninitialized: shape, Float.self) { for i in $0.indices { $0[i] = Float(i) } }
  }

  private func expectClose(_ got: [Double], _ want: [Double]) {
    #expect(got.count == want.count)
    for (got, want) in zip(got, want) {
      #expect(Tolerance(absolute: 1e-6, relative: 1e-6).accepts(got, want), "\(got) ≠ \(want)")
    }
  }

  @Test func layoutsMoveElements() throws {
    let x = counting([2, 3])
    #expect(
      try result([x]) { try $0.tile($1[0], [2, 2]) }.numbers == [
        0, 1, 2, 0, 1, 2, 3, 4, 5, 3, 4, 5, 0, 1, 2, 0, 1, 2, 3, 4, 5, 3, 4, 5,
      ])
    #expect(try result([x]) { try $0.tile($1[0], [2, 1, 1]) }.shape == [2, 2, 3])
    #expect(
      try result([x]) { try $0.repeatElements($1[0], 2, axis: 1) }.numbers == [
        0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5,
      ])
    #expect(try result([x]) { try $0.roll($1[0], by: -1, axis: 1) }.numbers == [1, 2, 0, 4, 5, 3])
    #expect(try result([x]) { try $0.roll($1[0], by: 7, axis: -1) }.numbers == [2, 0, 1, 5, 3, 4])
    #expect(
      try result([x]) { try $0.stack([$1[0], $1[0]], axis: -1) }.numbers == [
        0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5,
      ])
    #expect(try result([x]) { try $0.unstack($1[0], axis: 1)[2] }.numbers == [2, 5])
    #expect(try result([x]) { try $0.split($1[0], into: 3, axis: 1)[1] }.numbers == [1, 4])
    #expect(try result([x]) { try $0.split($1[0], at: [1, 9], axis: 1)[1] }.numbers == [1, 2, 4, 5])
    #expect(try result([x]) { try $0.split($1[0], at: [1, 9], axis: 1)[2] }.shape == [2, 0])
    #expect(try result([x]) { try $0.swapAxes($1[0], 0, -1) }.numbers == [0, 3, 1, 4, 2, 5])
    #expect(
      try result([counting([2, 3, 4])]) { try $0.moveAxis($1[0], from: 0, to: -1) }.shape == [3, 4, 2])
    #expect(try result([counting([1, 3, 1])]) { try $0.squeeze($1[0]) }.shape == [3])
  }

  @Test(
    arguments: [
      (0, [0, 5, 10]), (1, [1, 6, 11]), (2, [2, 7]), (4, []), (-1, [4, 9]), (-3, []), (.max, []),
      (.min + 1, []),
    ] as [(Int, [Double])])
  func diagonals(_ offset: Int, _ expected: [Double]) throws {
    #expect(try result([counting([3, 4])]) { try $0.diagonal($1[0], offset: offset) }.numbers == expected)
  }

  @Test func statistics() throws {
    let x = try Tensor([1, 2, 4, -1, 0, 3] as [Float]).reshaped(to: [2, 3])
    try expectClose(result([x]) { try $0.variance($1[0], axes: [1]) }.numbers, [1.5555555556, 2.8888888889])
    try expectClose(result([x]) { try $0.standardDeviation($1[0]) }.numbers, [1.7078251277])
    try expectClose(result([x]) { try $0.logSumExp($1[0], axes: [-1]) }.numbers, [4.1698460, 3.0658839])
    try expectClose(result([x]) { try $0.norm($1[0], order: 3, axes: [1]) }.numbers, [4.1793392, 3.0365890])
    try expectClose(result([x]) { try $0.norm($1[0], order: .infinity) }.numbers, [4])
    try expectClose(result([x]) { try $0.norm($1[0], order: 0, axes: [1]) }.numbers, [3, 2])
    try expectClose(
      result([x]) { try $0.normalize($1[0], axes: [0]) }.numbers,
      [0.7071068, 1, 0.8, -0.7071068, 0, 0.6])
    #expect(try result([x]) { try $0.any($1[0], axes: [0]) }.numbers == [1, 1, 1])
    #expect(try result([x]) { try $0.all($1[0], axes: [1]) }.numbers == [1, 0])
    #expect(try result([x]) { try $0.countNonzero($1[0], axes: [1], keepsDimensions: true) }.shape == [2, 1])
  }

  @Test func logSumExpOfNothing() throws {
    let x = try Tensor([-.infinity, -.infinity, 1000, 1000] as [Float]).reshaped(to: [2, 2])
    let numbers = try result([x]) { try $0.logSumExp($1[0], axes: [1]) }.numbers
    #expect(numbers[0] == -.infinity)
    expectClose([numbers[1]], [1000.6931472])
  }

  @Test func choices() throws {
    let x = Tensor([3, 1, 2] as [Int32])
    #expect(try result([x]) { try $0.oneHot($1[0], count: 3) }.numbers == [0, 0, 0, 0, 1, 0, 0, 0, 1])
    #expect(
      try result([x]) { try $0.oneHot($1[0], count: 3, axis: 0) }.numbers == [0, 0, 0, 0, 1, 0, 0, 0, 1])
    #expect(try result([x]) { try $0.multiHot($1[0], count: 4) }.numbers == [0, 1, 1, 1])
    let y = Tensor([3, 1, 2] as [Float])
    #expect(try result([y]) { try $0.topK($1[0], count: 2).values }.numbers == [3, 2])
    #expect(try result([y]) { try $0.topK($1[0], count: 2).positions }.numbers == [0, 2])
    #expect(
      try result([y, Tensor([1, 0, 4] as [Float])]) { try $0.divideNoNaN($1[0], $1[1]) }.numbers == [
        3, 0, 0.5,
      ])
    #expect(
      try result([]) { builder, _ in try builder.lowerTriangle(rows: 2, columns: 3, offset: 1) }.numbers == [
        1, 1, 0, 1, 1, 1,
      ])
    #expect(
      try result([]) { builder, _ in try builder.identityMatrix(rows: 2, columns: 3, offset: 1) }.numbers == [
        0, 1, 0, 0, 0, 1,
      ])
  }

  @Test(
    arguments: [
      ([3], [3], []), ([3], [2, 3, 4], [2, 4]), ([2, 1, 5, 3], [4, 3, 2], [2, 4, 5, 2]), ([2, 3], [3], [2]),
      ([2, 2, 3], [3, 4], [2, 2, 4]),
    ] as [([Int], [Int], [Int])])
  func matrixProducts(_ a: [Int], _ b: [Int], _ expected: [Int]) throws {
    #expect(try result([counting(a), counting(b)]) { try $0.matrixProduct($1[0], $1[1]) }.shape == expected)
  }

  @Test func products() throws {
    let (x, y) = (counting([2, 3]), counting([3, 2]))
    #expect(try result([x, y]) { try $0.tensorDot($1[0], $1[1], count: 1) }.numbers == [10, 13, 28, 40])
    #expect(try result([x, y]) { try $0.tensorDot($1[0], $1[1], axes: [1, 0], [0, 1]) }.numbers == [50])
    #expect(try result([x, y]) { try $0.tensorDot($1[0], $1[1], count: 0) }.shape == [2, 3, 3, 2])
    #expect(
      try result([counting([2]), counting([3])]) { try $0.outer($1[0], $1[1]) }.numbers == [0, 0, 0, 0, 1, 2])
    #expect(try result([x]) { try $0.trace($1[0], offset: 1) }.numbers == [6])
    #expect(try result([x]) { try $0.lowerTriangle(of: $1[0]) }.numbers == [0, 0, 0, 3, 4, 0])
    #expect(try result([x]) { try $0.upperTriangle(of: $1[0], offset: 1) }.numbers == [0, 1, 2, 0, 0, 5])
    #expect(try result([x]) { try $0.difference($1[0], count: 2) }.numbers == [0, 0])
    #expect(try result([counting([1])]) { try $0.difference($1[0], count: 2) }.shape == [0])
    #expect(
      try result([x, counting([3])]) { try $0.average($1[0], weights: $1[1], axes: [1]) }.numbers
        == [5.0 / 3, 14.0 / 3].map { Double(Float($0)) })
  }

  @Test func whatStopsHasNoGradient() throws {
    let builder = GraphBuilder()
    let x = builder.input(TensorSpec([3] as [Int]))
    let y = try builder.multiply(x, builder.stoppingGradient(x))
    let gradient = try #require(
      try builder.gradients(from: [(y, builder.scalar(1).broadcast(in: builder, [3]))], to: [x])[0])
    let program = try OpenBLASBackend().prepare(
      builder.finish(returning: [gradient]), options: ProgramOptions())
    #expect(try program.run([Tensor([1, 2, 3] as [Float])])[0].scalars(as: Float.self) == [1, 2, 3])
  }

  @Test func mistakes() {
    func message(_ record: (GraphBuilder, Value) throws -> Value) -> String? {
      let builder = GraphBuilder()
      let x = builder.input(TensorSpec([2, 3] as [Int]))
      return #expect(throws: KerasError.self) { try record(builder, x) }?.description
    }
    #expect(
      message { try $0.tile($1, [-1]) }
        == "A tensor repeats a number of times that is not negative, found [-1].")
    #expect(message { try $0.sum($1, axes: [0, -2]) } == "Axes [0, -2] name one axis twice.")
    #expect(message { try $0.topK($1, count: 4).values } == "There are no 4 largest of 3 elements.")
    #expect(message { try $0.squeeze($1, axes: [1]) } == "Axis 1 of float32(2, 3) has not length 1.")
    #expect(
      message { try $0.split($1, into: 2, axis: 1)[0] }
        == "Axis 1 of float32(2, 3) does not split into 2 equal parts.")
    #expect(
      message { builder, _ in try builder.range(-1) } == "A range has from 0 to 2^32 numbers, found -1.")
  }
}

extension Value {
  fileprivate func broadcast(in builder: GraphBuilder, _ shape: Shape) throws(KerasError) -> Value {
    try builder.broadcast(self, to: shape)
  }
}
