import KerasBackendTestSupport
import KerasGraph
import KerasOpenBLASBackend
import Testing

/// What random problems do not draw: NaN, infinities and both zeros, the ends of integers, long vectors, large windows
/// and axes of no length; on every backend, against the plain one.
struct SpecialNumbersTests {
  private let plain = OpenBLASBackend()
  private static let floats: [Float] = [
    .nan, 1, -.infinity, .infinity, -0.0, 0, 2, .nan, -1, 1, -.infinity, 3, .nan, 0, -0.0, .infinity,
  ]
  private static let integers: [Int64] = [
    0, 1, -1, 2, -2, 7, -7, 127, -128, 255, 256, 32767, -32768, 2_147_483_647, -2_147_483_648, .max, .min, 5,
  ]

  private func expectAgreement(
    _ label: String, on inputs: [Tensor],
    _ make: (GraphBuilder, [Value]) throws(KerasError) -> [Value]
  ) throws {
    let builder = GraphBuilder()
    let values = inputs.map { builder.input($0.spec) }
    let outputs = try make(builder, values)
    let problem = Problem(builder.finish(returning: outputs), inputs: inputs, summands: 200, label: label)
    for backend in backendsUnderTest where backend.name != plain.name {
      if let found = try disagreement(of: backend, with: plain, on: problem) { Issue.record("\(found)") }
    }
  }

  @Test(arguments: [DataType.float16, .bfloat16, .float32, .float64])
  func orderOfFloats(type: DataType) throws {
    let line = try Tensor(Self.floats, shape: [2, 8]).converted(to: type)
    for axis in 0...1 {
      for isDescending in [false, true] {
        try expectAgreement("sort", on: [line]) { graph, x throws(KerasError) in
          let sorted = try graph.sort(x[0], axis: axis, isDescending: isDescending)
          return [sorted.values, sorted.positions]
        }
      }
      try expectAgreement("extremes", on: [line]) { graph, x throws(KerasError) in
        [
          try graph.argument(.maximum, x[0], axis: axis, keepsDimensions: false),
          try graph.argument(.minimum, x[0], axis: axis, keepsDimensions: false),
          try graph.cumulative(.maximum, x[0], axis: axis), try graph.cumulative(.minimum, x[0], axis: axis),
        ]
      }
    }
  }

  @Test(arguments: [
    Window([3, 3], strides: [2, 2], padding: [AxisPadding(1, 1), AxisPadding(1, 0)]),
    Window([2, 2], dilations: [2, 3]), Window([8, 8]),
    Window([3, 2], strides: [3, 2], padding: [AxisPadding(2, 2), AxisPadding(1, 1)]),
  ])
  func maximaOfFloats(window: Window) throws {
    let image = try Tensor((0..<4).flatMap { _ in Self.floats }, shape: [1, 8, 8, 1])
    try expectAgreement("maxima", on: [image]) { graph, x throws(KerasError) in
      let y = try graph.pooling(.maximum, x[0], window: window)
      let gradient = try graph.poolingGradient(.maximum, x[0], upstream: y, window: window)
      return [y, gradient]
    }
  }

  @Test(arguments: [
    Window([9, 9], strides: [2, 3], padding: [AxisPadding(4, 4), AxisPadding(0, 3)]),
    Window([7, 12], dilations: [2, 1]),
  ])
  func largeWindows(window: Window) throws {
    var choices = RandomChoices(seed: 41, number: 0)
    let image = choices.tensor([2, 20, 19, 3], in: 0...4, isWhole: true)
    let positions = try PoolingOperation(.maximum, window).outputSpecs(for: [image.spec])[0].lengths
    let upstream = choices.tensor(positions)
    for kind in [PoolingOperation.Kind.maximum, .average] {
      try expectAgreement("\(kind)", on: [image, upstream]) { graph, x throws(KerasError) in
        [try graph.poolingGradient(kind, x[0], upstream: x[1], window: window)]
      }
    }
  }

  @Test(arguments: [0, 1, 64, 65, 1000, 1024], [false, true])
  func searchesInLongVectors(length: Int, passesEqual: Bool) throws {
    let vector = Tensor((0..<length).map { Float($0 / 3) })
    let values = Tensor(
      (0..<60).map { Float($0 * length) / 150 } + [.nan, .infinity, -.infinity, 0, -1, Float(length)])
    try expectAgreement("search", on: [vector, values]) { graph, x throws(KerasError) in
      [try graph.searchSorted(x[0], for: x[1], passesEqual: passesEqual)]
    }
  }

  @Test(arguments: [DataType.uint8, .int8, .int16, .int32, .int64])
  func arithmeticOfIntegers(type: DataType) throws {
    let numbers = Tensor(Self.integers).converted(to: type)
    let count = Self.integers.count
    let operands = [try numbers.reshaped(to: [count, 1]), try numbers.reshaped(to: [1, count])]
    let functions = BinaryOperation.Function.allCases.filter {
      ![.logicalAnd, .logicalOr, .logicalXor, .arctangent2].contains($0)
    }
    try expectAgreement("\(type)", on: operands) { graph, x throws(KerasError) in
      var results: [Value] = []
      for function in functions { results.append(try graph.binary(function, x[0], x[1])) }
      return results
    }
    try expectAgreement("\(type)", on: [numbers]) { graph, x throws(KerasError) in
      var results: [Value] = []
      for function in CumulativeOperation.Function.allCases {
        results.append(try graph.cumulative(function, x[0], axis: 0))
      }
      let sorted = try graph.sort(x[0], axis: 0, isDescending: true)
      return results + [sorted.values, sorted.positions]
    }
  }

  @Test func axesOfNoLength() throws {
    let nothing = Tensor(zeros: [3, 0])
    let noIndices = Tensor(zeros: [0], .int32)
    try expectAgreement("empty", on: [nothing, Tensor(zeros: [0, 2]), noIndices]) {
      graph, x throws(KerasError) in
      let sorted = try graph.sort(x[0], axis: 1)
      return [
        sorted.values, sorted.positions, try graph.cumulative(.sum, x[0], axis: 1, isExclusive: true),
        try graph.reduce(.sum, x[0], axes: [1]), try graph.reduce(.maximum, x[0], axes: [1]),
        try graph.gather(x[1], at: x[2]), try graph.scatterAdd(x[1], at: x[2], length: 3),
      ]
    }
  }

  /// Random words are the same bits everywhere; what is made of them without logarithms, too.
  @Test(arguments: [
    RandomOperation.Distribution.uniform(low: 0, high: 1), .uniform(low: -0.7, high: 0.123),
    .uniform(low: -1e6, high: 3), .uniform(low: 1, high: 1.000_000_1), .bernoulli(probability: 0.3),
  ])
  func randomBits(distribution: RandomOperation.Distribution) throws {
    let builder = GraphBuilder()
    let seed = builder.input(TensorSpec([2] as [Int], .int64))
    let graph = builder.finish(returning: [try builder.random(distribution, shape: [1001], seed: seed)])
    for seed in [[0, 0], [42, 7], [.max, 3], [-1, .min]] as [[Int64]] {
      let want: [Float] = try plain.prepare(graph, options: ProgramOptions()).run([Tensor(seed)])[0].scalars()
      for backend in backendsUnderTest {
        let got: [Float] = try backend.prepare(graph, options: ProgramOptions()).run([Tensor(seed)])[0]
          .scalars()
        #expect(got.map(\.bitPattern) == want.map(\.bitPattern), "\(backend.name), seed \(seed)")
      }
    }
  }

  /// The first bad index of the first step that has one, with the nodes that lead to it.
  @Test(arguments: [[7, 1, 1], [1, -7, 8], [1, 2, 7]] as [[Int32]])
  func badIndicesInLoops(indices: [Int32]) throws {
    let builder = GraphBuilder()
    builder.scope = "outer"
    let (x, steps) = (builder.input(TensorSpec([3, 2])), builder.input(TensorSpec([3], .int32)))
    let first = builder.constant(Tensor(zeros: [2]))
    let results = try builder.scan(states: [first], over: [steps], capturing: [x]) {
      (graph, states, elements, captured) throws(KerasError) in
      graph.scope = "inner"
      return ([try graph.add(states[0], graph.gather(captured[0], at: elements[0]))], [states[0]])
    }
    let graph = builder.finish(returning: results.states + results.outputs)
    for backend in backendsUnderTest {
      let program = try backend.prepare(graph, options: ProgramOptions())
      let error = #expect(throws: KerasError.self) {
        _ = try program.run([Tensor(zeros: [3, 2]), Tensor(indices)])
      }
      let bad = indices.first { !(0..<3).contains($0) }
      #expect(
        error?.description == """
          The index \(bad ?? 0) is outside an axis of 3 elements.
            in: outer › inner
          """)
    }
  }
}
