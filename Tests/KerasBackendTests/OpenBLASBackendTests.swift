import KerasBackendTestSupport
import KerasGraph
import KerasOpenBLASBackend
import Testing

/// What only the plain backend promises: every element type it can move or convert, and its refusals.
struct OpenBLASBackendTests {
  private func graph(
    _ specs: [TensorSpec], _ body: (GraphBuilder, [Value]) throws(KerasError) -> Value
  ) throws -> Graph {
    let builder = GraphBuilder()
    let inputs = specs.map { builder.input($0) }
    builder.scope = "middle"
    return builder.finish(returning: [try body(builder, inputs)])
  }

  private func complaint(_ graph: Graph, _ options: ProgramOptions = ProgramOptions()) -> String? {
    do {
      _ = try OpenBLASBackend().prepare(graph, options: options)
      return nil
    } catch { return error.description }
  }

  private func run(_ graph: Graph, _ inputs: [Tensor]) throws -> Tensor {
    try OpenBLASBackend().prepare(graph, options: ProgramOptions()).run(inputs)[0]
  }

  @Test func refusesBfloat16Precision() throws {
    let graph = try graph([TensorSpec([2])]) { builder, x throws(KerasError) in try builder.unary(.relu, x[0])
    }
    #expect(
      complaint(graph, ProgramOptions(precision: .bfloat16)) == """
        The openblas backend computes in float32, not in bfloat16.
          try: use --backend onednn.
        """)
  }

  @Test(arguments: [0, -1, 5000])
  func refusesSenselessThreadCounts(threads: Int) throws {
    let graph = try graph([TensorSpec([2])]) { builder, x throws(KerasError) in try builder.unary(.relu, x[0])
    }
    #expect(
      complaint(graph, ProgramOptions(threads: threads)) == "Expected 1 to 1024 threads, found \(threads).")
  }

  @Test func refusesUnknownLengths() throws {
    let graph = try graph([TensorSpec([nil, 3])]) { builder, x throws(KerasError) in
      try builder.unary(.relu, x[0])
    }
    #expect(
      complaint(graph) == """
        A program needs every length; float32(None, 3) has an unknown one.
          in: node 0
        """)
  }

  @Test func integersWrapAndDivideByZero() throws {
    let functions: [(BinaryOperation.Function, [Int32])] = [
      (.add, [.min, 7, -7, .min]), (.divide, [0, -3, 0, .min]), (.floorDivide, [0, -4, 0, .min]),
      (.remainder, [0, -1, 0, 0]),
    ]
    for (function, want) in functions {
      let graph = try graph([TensorSpec([4], .int32), TensorSpec([4], .int32)]) {
        builder, x throws(KerasError) in
        try builder.binary(function, x[0], x[1])
      }
      let a: [Int32] = function == .add ? [.max, 9, -7, .min] : [.max, 7, -7, .min]
      let b: [Int32] = function == .add ? [1, -2, 0, 0] : [0, -2, 0, -1]
      #expect(try run(graph, [Tensor(a), Tensor(b)]).scalars(as: Int32.self) == want, "\(function)")
    }
  }

  @Test func refusesWhatNoMemoryHolds() throws {
    let huge = try graph([TensorSpec([1 << 40, 1]), TensorSpec([1 << 40])]) { builder, x throws(KerasError) in
      try builder.add(x[0], x[1])
    }
    #expect(
      complaint(huge) == """
        float32(1099511627776, 1099511627776) is larger than any memory.
          in: middle
        """)
    let large = try graph([TensorSpec([1 << 43])]) { builder, x throws(KerasError) in
      try builder.unary(.relu, x[0])
    }
    #expect(
      complaint(large)?.hasPrefix("One run would need 33554432 MB of memory; this machine has ") == true)
  }

  @Test(arguments: DataType.allCases)
  func movesEveryType(dataType: DataType) throws {
    let graph = try graph([TensorSpec([2, 3], dataType)]) { builder, x throws(KerasError) in
      let turned = try builder.transpose(x[0], [1, 0])
      let joined = try builder.concatenate([
        turned, try builder.pad(turned, [.none, AxisPadding(1, 0)], value: 1),
      ])
      return try builder.slice(joined, starts: [0, 1], ends: [3, 5], strides: [2, 1])
    }
    let numbers = try Tensor([0, 1, 2, 3, 4, 5] as [Float], shape: [2, 3])
    let got = try run(graph, [numbers.converted(to: dataType)])
    #expect(got.spec == TensorSpec([2, 4], dataType))
    // Rows of [[0, 3, 1, 0, 3], [1, 4, 1, 1, 4], [2, 5, 1, 2, 5]], every second one, from column 1.
    let want = Tensor([3, 1, 0, 3, 5, 1, 2, 5] as [Float]).converted(to: dataType)
    #expect(got.scalars(as: Float.self) == want.scalars(as: Float.self))
  }

  @Test(arguments: [DataType.float16, .bfloat16])
  func calculatesWithHalves(dataType: DataType) throws {
    let graph = try graph([TensorSpec([2], dataType), TensorSpec([2], dataType)]) {
      builder, x throws(KerasError) in
      try builder.multiply(try builder.add(x[0], x[1]), x[1])
    }
    let got = try run(graph, [[1.5, -2], [0.25, 4]].map { Tensor($0 as [Float]).converted(to: dataType) })
    #expect(got.dataType == dataType)
    #expect(got.scalars(as: Float.self) == [0.4375, 8])
  }

  @Test func castsByTheTensorsRules() throws {
    let graph = try graph([TensorSpec([4])]) { builder, x throws(KerasError) in
      try builder.cast(x[0], to: .uint8)
    }
    let got = try run(graph, [Tensor([1.9, -3, 300, .nan] as [Float])])
    #expect(got.scalars(as: UInt8.self) == [1, 0, 255, 0])
  }

  @Test func nansPassThrough() throws {
    for function in [UnaryFunction.relu, .clip(low: 0, high: 6), .leakyRelu(slope: 0.1), .softplus, .sigmoid]
    {
      let graph = try graph([TensorSpec([1])]) { builder, x throws(KerasError) in
        try builder.unary(function, x[0])
      }
      #expect(try run(graph, [Tensor([Float.nan])]).scalars(as: Float.self)[0].isNaN, "\(function)")
    }
    for function in [ReductionOperation.Function.maximum, .minimum, .sum] {
      let graph = try graph([TensorSpec([3])]) { builder, x throws(KerasError) in
        try builder.reduce(function, x[0], axes: [0])
      }
      #expect(try run(graph, [Tensor([1, Float.nan, 2])]).scalars(as: Float.self)[0].isNaN, "\(function)")
    }
  }

  @Test func functionsHoldAtTheEnds() throws {
    let ends = Tensor([-1000, -100, 0, 100, 1000] as [Float])
    for (function, want) in [
      (UnaryFunction.sigmoid, [0, 3.8e-44, 0.5, 1, 1]), (.softplus, [0, 3.8e-44, 0.6931472, 100, 1000]),
      (.elu(alpha: 1), [-1, -1, 0, 100, 1000]), (.tanh, [-1, -1, 0, 1, 1]),
    ] {
      let graph = try graph([TensorSpec([5])]) { builder, x throws(KerasError) in
        try builder.unary(function, x[0])
      }
      let difference = difference(
        between: [try run(graph, [ends])], and: [Tensor(want.map(Float.init))], tolerance: .summing(1))
      #expect(difference == nil, "\(function)")
    }
  }

  @Test func sumsOfManyNumbersAreExact() throws {
    let count = 1_000_000
    let graph = try graph([TensorSpec([count])]) { builder, x throws(KerasError) in
      try builder.reduce(.mean, x[0], axes: [0])
    }
    let got = try run(graph, [Tensor(repeating: 0.1 as Float, shape: [count])])
    #expect(got.scalars(as: Float.self) == [0.1])
  }

  @Test func thePlanNamesNodesAndSizes() throws {
    let graph = try graph([TensorSpec([1, 8, 8, 3])]) { builder, x throws(KerasError) in
      let kernel = builder.constant(Tensor(zeros: [3, 3, 3, 4]))
      return try builder.unary(.relu, try builder.convolution(x[0], kernel: kernel, window: Window([3, 3])))
    }
    #expect(
      try OpenBLASBackend().prepare(graph, options: ProgramOptions()).plan == [
        "%2 middle: im2col, gemm 36×27×4", "%3 middle: relu of 144 elements",
      ])
  }
}
