import KerasBackendTestSupport
import KerasGraph
import KerasOneDNNBackend
import KerasOpenBLASBackend
import Testing

/// Graphs that say bfloat16 themselves, as those of `mixed_bfloat16` layers: float32 numbers are rounded to bfloat16,
/// multiplied, summed in float32, and the result is rounded once. That holds on every CPU, forward and backward.
struct MixedPrecisionTests {
  /// A layer's product on float32 numbers, in bfloat16: its output, and the gradients of both operands.
  struct Layer: CustomStringConvertible, Sendable {
    let description: String
    let graph: Graph
    let inputs: [Tensor]
    /// The most products that a number is the sum of.
    let summands: Int

    /// - Parameter product: records the product of the two operands, which are bfloat16.
    init(
      _ description: String, _ first: [Int], _ second: [Int], summands: Int, seed: UInt64 = 91,
      product: (GraphBuilder, Value, Value) throws(KerasError) -> Value
    ) throws(KerasError) {
      let builder = GraphBuilder()
      builder.scope = "layer"
      let operands = [first, second].map { builder.input(TensorSpec(Shape($0))) }
      let (a, b) = (
        try builder.cast(operands[0], to: .bfloat16), try builder.cast(operands[1], to: .bfloat16)
      )
      let result = try builder.cast(try product(builder, a, b), to: .float32)
      let upstream = builder.input(builder.spec(of: result))
      let gradients = try builder.gradients(from: [(result, upstream)], to: operands)
      graph = builder.finish(returning: [result] + gradients.compactMap { $0 })
      var choices = RandomChoices(seed: seed, number: first.count)
      inputs = [first, second, builder.shape(of: upstream).compactMap { $0 }].map { choices.tensor($0) }
      self.summands = summands
      self.description = description
    }

    init(
      _ description: String, _ image: [Int], filters: Int, window: Window, groups: Int = 1, seed: UInt64 = 92
    ) throws(KerasError) {
      let channels = image[image.count - 1] / groups
      let positions = image.dropLast().reduce(1, *)
      try self.init(
        description, image, window.size + [channels, filters],
        summands: max(window.size.reduce(1, *) * max(channels, filters), positions), seed: seed
      ) { builder, x, kernel throws(KerasError) in
        try builder.convolution(x, kernel: kernel, window: window, groups: groups)
      }
    }
  }

  static func same(_ lengths: [Int], _ size: [Int], strides: [Int]) -> Window {
    Window(
      size, strides: strides,
      padding: lengths.indices.map {
        Window.samePadding(length: lengths[$0], size: size[$0], stride: strides[$0], dilation: 1)
      })
  }

  /// As large as layers are, so that oneDNN's fast code takes them.
  static let layers: [Layer] = {
    do {
      let product = { (builder: GraphBuilder, x: Value, kernel: Value) throws(KerasError) in
        try builder.matrixMultiply(x, kernel)
      }
      let (odd, even) = (
        same([13, 14], [3, 3], strides: [1, 1]), same([13, 14], [3, 3], strides: [2, 2])
      )
      return [
        try Layer("Dense", [32, 96], [96, 80], summands: 96, product: product),
        try Layer("Dense of one row", [1, 257], [257, 33], summands: 257, product: product),
        try Layer("Dense of steps", [4, 7, 48], [48, 64], summands: 64, product: product),
        try Layer("products of stacks", [4, 9, 32], [4, 32, 24], summands: 32, product: product),
        try Layer("Conv2D", [4, 13, 14, 32], filters: 48, window: odd),
        try Layer("Conv2D of few filters", [4, 13, 14, 3], filters: 16, window: odd),
        try Layer("Conv2D with strides", [4, 13, 14, 32], filters: 64, window: even),
        try Layer("Conv2D of 1×1", [4, 13, 14, 64], filters: 48, window: Window([1, 1])),
        try Layer(
          "dilated Conv2D", [2, 13, 14, 16], filters: 32, window: Window([3, 3], dilations: [2, 2])),
        try Layer("Conv1D", [4, 40, 32], filters: 48, window: Window([5])),
        try Layer("Conv3D", [2, 6, 7, 8, 16], filters: 32, window: Window([3, 3, 3])),
        try Layer("grouped Conv2D", [4, 13, 14, 64], filters: 64, window: odd, groups: 4),
        try Layer("DepthwiseConv2D", [4, 13, 14, 32], filters: 32, window: odd, groups: 32),
        try Layer("DepthwiseConv2D with strides", [4, 13, 14, 48], filters: 48, window: even, groups: 48),
        try Layer("DepthwiseConv2D with multiplier", [4, 13, 14, 16], filters: 32, window: odd, groups: 16),
      ]
    } catch { preconditionFailure("\(error)") }
  }()

  private func expectOneRounding(_ layer: Layer, on backend: any Backend) throws {
    let rounded = layer.inputs.map { $0.converted(to: .bfloat16).converted(to: .float32) }
    let want = try NaiveBackend().prepare(layer.graph, options: ProgramOptions()).run(rounded)
    // Half a unit of eight binary digits, and what float32 sums differ by.
    var tolerance = Tolerance.summing(layer.summands)
    tolerance.relative += 0x1p-8
    for graph in [layer.graph, try backend.pipeline.apply(to: layer.graph)] {
      let got = try backend.prepare(graph, options: ProgramOptions()).run(layer.inputs)
      #expect(got.count == 3)
      let found = difference(between: got, and: want, tolerance: tolerance)
      #expect(found == nil, "\(backend.name) on \(layer)")
    }
  }

  @Test(arguments: layers) func operandsAndResultAreRoundedOnce(layer: Layer) throws {
    try expectOneRounding(layer, on: OneDNNBackend())
  }

  @Test(arguments: layers) func thePlainBackendRoundsTheSame(layer: Layer) throws {
    try expectOneRounding(layer, on: OpenBLASBackend())
  }

  /// A CPU with products of bfloat16 numbers uses them, and another says that it does not.
  @Test func thePlanSaysHow() throws {
    let layer = try #require(Self.layers.first { $0.description == "Conv2D" })
    let plan = try OneDNNBackend().prepare(layer.graph, options: ProgramOptions()).plan
    let note = "This CPU does not multiply bfloat16 numbers: computed in float32."
    let products = plan.filter { $0.contains("convolution ") || $0.contains("kernel gradient ") }
    #expect(
      plan.contains(note) || products.count == 3 && products.allSatisfy { $0.contains("bf16") }, "\(plan)")
  }

  /// Values of a graph are around 1 and pass some ten roundings; gradients are sums of such.
  /// A layer that computes in float32 between bfloat16 numbers converts none on the way; a value that is a result, or that
  /// other kernels read, it does.
  @Test func conversionsCostNothing() throws {
    let builder = GraphBuilder()
    let x = builder.input(TensorSpec([4, 6, 6, 8], .bfloat16))
    let wide = try builder.cast(try builder.unary(.relu, x), to: .float32)
    let mean = try builder.reduce(.mean, wide, axes: [0, 1, 2])
    let deviation = try builder.binary(.subtract, wide, try builder.unary(.negate, mean))
    let y = try builder.unary(.relu, try builder.cast(deviation, to: .bfloat16))
    func conversions(_ outputs: [Value]) throws -> Int {
      let program = try OneDNNBackend().prepare(builder.finish(returning: outputs), options: ProgramOptions())
      return program.plan.count { $0.contains("bfloat16 → float32") || $0.contains("float32 → bfloat16") }
    }
    #expect(try conversions([y]) == 0)
    #expect(try conversions([y, wide]) == 1)
    #expect(try conversions([y, deviation]) == 1)
    #expect(try conversions([y, try builder.softmax(wide)]) == 1)
  }

  @Test(arguments: try Problem.graphs(60, seed: 93)) func graphsAndTheirGradients(problem: Problem) throws {
    let problem = try problem.stored(as: .bfloat16)
    for graph in [problem.graph, try gradientGraph(of: problem.graph, seed: 94)] {
      try expectAgreement(on: graph, problem)
    }
  }

  @Test(
    arguments: try Problem.convolutions(200, seed: 95) + Problem.convolutionGradients(200, seed: 96)
      + Problem.pointwiseConvolutions(200, seed: 98) + Problem.depthwiseConvolutions(200, seed: 99))
  func convolutions(problem: Problem) throws {
    let problem = try problem.stored(as: .bfloat16)
    try expectAgreement(on: problem.graph, problem)
  }

  /// Windows of one position, few channels: vectors that are not full.
  @Test(arguments: [1, 3, 5, 8, 12, 15, 17, 20], [1, 3, 6, 8, 13, 16, 19])
  func pointwise(channels: Int, filters: Int) throws {
    var choices = RandomChoices(seed: 97, number: channels)
    let (image, kernel) = (choices.tensor([1, 6, 5, channels]), choices.tensor([1, 1, channels, filters]))
    let positions = choices.tensor([1, 6, 5, filters])
    func expectAgreement(
      _ inputs: [Tensor], _ make: (GraphBuilder, [Value]) throws -> Value
    ) throws {
      let builder = GraphBuilder()
      let y = try make(builder, inputs.map { builder.input($0.spec) })
      let problem = try Problem(
        builder.finish(returning: [y]), inputs: inputs, summands: max(channels, filters),
        label: "\(channels), \(filters)"
      ).stored(as: .bfloat16)
      try self.expectAgreement(on: problem.graph, problem)
    }
    let window = Window([1, 1])
    try expectAgreement([image, kernel]) { try $0.convolution($1[0], kernel: $1[1], window: window) }
    try expectAgreement([positions, kernel]) {
      try $0.transposedConvolution($1[0], kernel: $1[1], window: window, lengths: [6, 5])
    }
    try expectAgreement([image, positions]) {
      try $0.convolutionKernelGradient(image: $1[0], upstream: $1[1], window: window)
    }
  }

  private func expectAgreement(on graph: Graph, _ problem: Problem) throws {
    let program = try OneDNNBackend().prepare(graph, options: ProgramOptions())
    let got = try program.run(problem.inputs)
    let want = try OpenBLASBackend().prepare(graph, options: ProgramOptions()).run(problem.inputs)
    let size = want.flatMap { $0.scalars(as: Double.self) }.reduce(1) { max($0, abs($1)) }
    let tolerance = Tolerance(absolute: 0x1p-5 * size, relative: 0x1p-5)
    #expect(
      difference(between: got, and: want, tolerance: tolerance) == nil,
      "\(problem)\n\(program.plan.joined(separator: "\n"))")
  }
}
