import Foundation
import KerasBackendTestSupport
import KerasGraph
import KerasKernels
import KerasOneDNNBackend
import KerasOpenBLASBackend
import Testing

/// Programs prepared for throughput multiply less and answer the same.
struct WinogradTests {
  /// A 3×3 convolution large enough for Winograd's algorithm.
  struct Layer: CustomStringConvertible, Sendable {
    var image: [Int]
    var filters: Int
    var padding = [AxisPadding(1, 1), AxisPadding(1, 1)]
    var epilogue = Epilogue()
    var residualIsInPlace = false

    var description: String { "\(image) → \(filters), \(padding), \(epilogue)" }

    func problem() throws -> Problem {
      var choices = RandomChoices(seed: 41, number: filters)
      let builder = GraphBuilder()
      builder.scope = "layer"
      let x = builder.input(TensorSpec(image))
      let bound = (3 / Double(9 * image[3])).squareRoot()
      let kernel = builder.constant(choices.tensor([3, 3, image[3], filters], in: -bound...bound))
      var operands = [x, kernel]
      let output = [
        image[0], image[1] + padding[0].before + padding[0].after - 2,
        image[2] + padding[1].before + padding[1].after - 2,
        filters,
      ]
      var inputs = [choices.tensor(image)]
      if epilogue.hasScale { operands.append(builder.constant(choices.tensor([filters], in: 0.5...1.5))) }
      if epilogue.hasBias { operands.append(builder.constant(choices.tensor([filters]))) }
      if epilogue.hasResidual {
        let residual = builder.input(TensorSpec(output))
        inputs.append(choices.tensor(output))
        operands.append(residualIsInPlace ? try builder.unary(.negate, residual) : residual)
      }
      let convolution = ConvolutionOperation(Window([3, 3], padding: padding), epilogue: epilogue)
      let outputs = try builder.append(.convolution(convolution), operands)
      return Problem(
        builder.finish(returning: outputs), inputs: inputs, summands: 9 * image[3], label: description)
    }
  }

  static let layers: [Layer] = [
    Layer(image: [1, 28, 28, 64], filters: 64),
    Layer(
      image: [1, 29, 31, 32], filters: 48,
      epilogue: Epilogue(hasScale: true, hasBias: true, activation: .relu)),
    Layer(image: [3, 15, 17, 48], filters: 32, padding: [AxisPadding(0, 2), AxisPadding(2, 0)]),
    Layer(image: [1, 27, 30, 32], filters: 32, padding: [AxisPadding(0, 0), AxisPadding(0, 0)]),
    Layer(
      image: [2, 26, 26, 144], filters: 80,
      epilogue: Epilogue(hasBias: true, activation: .clip(low: 0, high: 6))),
    Layer(
      image: [1, 28, 28, 160], filters: 176,
      epilogue: Epilogue(hasScale: true, activation: .leakyRelu(slope: 0.1))),
    Layer(
      image: [1, 28, 28, 64], filters: 64,
      epilogue: Epilogue(hasBias: true, hasResidual: true, activation: .relu)),
    Layer(
      image: [1, 28, 28, 136 + 8], filters: 64, epilogue: Epilogue(hasResidual: true, activation: .tanh),
      residualIsInPlace: true),
  ]

  @Test(arguments: layers)
  func agreesWithThePlainBackend(layer: Layer) throws {
    let problem = try layer.problem()
    let options = ProgramOptions(purpose: .throughput)
    #expect(
      try disagreement(
        of: OneDNNBackend(), with: OpenBLASBackend(), on: problem, options: options,
        tolerance: Tolerance(absolute: 5e-5, relative: 1e-5)) == nil)
    let plan = try OneDNNBackend().prepare(problem.graph, options: options).plan
    #expect(plan.contains { $0.contains("winograd") } == cpuSuits, "\(plan)")
    #expect(plan.contains { $0.contains("in place") } == layer.residualIsInPlace, "\(plan)")
  }

  @Test func firstAnswersMultiplyDirectly() throws {
    let plan = try OneDNNBackend().prepare(Self.layers[0].problem().graph).plan
    #expect(!plan.contains { $0.contains("winograd") })
  }

  /// Where a CPU multiplies many times as many bfloat16 numbers at once, Winograd's algorithm spares too little.
  @Test func bfloat16MultipliesDirectlyInMatrixUnits() throws {
    let options = ProgramOptions(precision: .bfloat16, purpose: .throughput)
    let plan = try OneDNNBackend().prepare(Self.layers[0].problem().graph, options: options).plan
    let hasMatrixUnits = try String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8).contains("amx_bf16")
    #expect(plan.contains { $0.contains("winograd") } == (cpuSuits && !hasMatrixUnits), "\(plan)")
  }

  /// A convolution whose kernel training changes, and the gradient by its images; with a constant kernel, that of a
  /// frozen layer.
  @Test(
    arguments: [
      ([3, 15, 17, 48], 32, 1, 1), ([1, 28, 28, 64], 64, 0, 0), ([3, 16, 16, 32], 112, 2, 2),
      ([3, 19, 14, 160], 144, 1, 0),
    ] as [([Int], Int, Int, Int)], [false, true])
  func stepsOfTraining(_ shape: ([Int], Int, Int, Int), kernelIsConstant: Bool) throws {
    let (image, filters, before, after) = shape
    var choices = RandomChoices(seed: 43, number: filters)
    let window = Window([3, 3], padding: [AxisPadding(before, after), AxisPadding(after, before)])
    let positions = [image[0], image[1] + before + after - 2, image[2] + before + after - 2, filters]
    let bound = (3 / Double(9 * image[3])).squareRoot()
    let kernel = choices.tensor([3, 3, image[3], filters], in: -bound...bound)
    let (x, upstream) = (choices.tensor(image), choices.tensor(positions))
    let builder = GraphBuilder()
    let (given, gradient) = (builder.input(TensorSpec(image)), builder.input(TensorSpec(positions)))
    let weights = kernelIsConstant ? builder.constant(kernel) : builder.input(TensorSpec(kernel.shape))
    let results = [
      try builder.append(.convolution(ConvolutionOperation(window)), [given, weights])[0],
      try builder.append(
        .transposedConvolution(
          TransposedConvolutionOperation(window, lengths: [image[1], image[2]])), [gradient, weights])[0],
    ]
    let problem = Problem(
      builder.finish(returning: results), inputs: [x, upstream] + (kernelIsConstant ? [] : [kernel]),
      summands: 9 * max(image[3], filters), label: "\(shape)")
    let options = ProgramOptions(purpose: .throughput)
    #expect(
      try disagreement(
        of: OneDNNBackend(), with: OpenBLASBackend(), on: problem, options: options,
        tolerance: Tolerance(absolute: 5e-5, relative: 1e-5)) == nil)
    let plan = try OneDNNBackend().prepare(problem.graph, options: options).plan
    let computed = plan.count {
      $0.contains("winograd convolution") || $0.contains("winograd transposed convolution")
    }
    #expect(computed == (cpuSuits ? 2 : 0), "\(plan)")
    #expect(plan.contains { $0.contains("winograd weights") } == (cpuSuits && !kernelIsConstant), "\(plan)")
  }

  /// Gradients of kernels: in parts with few channels, with many at once.
  @Test(
    arguments: [
      ([2, 32, 32, 16], 16, 1, 1), ([3, 15, 17, 48], 32, 1, 1), ([1, 28, 28, 64], 64, 0, 0),
      ([5, 30, 31, 64], 48, 0, 2),
      ([3, 16, 16, 32], 112, 2, 2), ([3, 19, 14, 160], 144, 1, 0), ([16, 7, 7, 80], 256, 1, 1),
    ] as [([Int], Int, Int, Int)])
  func gradientsOfKernels(_ shape: ([Int], Int, Int, Int)) throws {
    let (image, filters, before, after) = shape
    var choices = RandomChoices(seed: 47, number: filters)
    let window = Window([3, 3], padding: [AxisPadding(before, after), AxisPadding(after, before)])
    let positions = [image[0], image[1] + before + after - 2, image[2] + before + after - 2, filters]
    let bound = 1 / Double(positions.dropLast().reduce(1, *)).squareRoot()
    let inputs = [choices.tensor(image), choices.tensor(positions, in: -bound...bound)]
    let builder = GraphBuilder()
    let values = inputs.map { builder.input($0.spec) }
    let gradient = try builder.convolutionKernelGradient(
      image: values[0], upstream: values[1], window: window)
    let problem = Problem(
      builder.finish(returning: [gradient]), inputs: inputs, summands: positions.dropLast().reduce(1, *),
      label: "\(shape)")
    let programs = try (1...2).map {
      try OneDNNBackend().prepare(problem.graph, options: ProgramOptions(purpose: .throughput, threads: $0))
    }
    #expect(
      try disagreement(
        of: OneDNNBackend(), with: OpenBLASBackend(), on: problem,
        options: ProgramOptions(purpose: .throughput),
        tolerance: Tolerance(absolute: 2e-5, relative: 1e-5)) == nil)
    let results = try programs.map { try $0.run(inputs)[0].scalars(as: Float.self).map(\.bitPattern) }
    var plan = kk_winograd_plan()
    (plan.channels, plan.filters) = (image[3], filters)
    let suits = kk_winograd_suits(&plan)
    // What is left to oneDNN it divides by threads, but in a step.
    #expect(!suits || results[0] == results[1])
    #expect(
      programs[0].plan.contains { $0.contains("winograd kernel gradient") } == suits, "\(programs[0].plan)")
  }

  @Test func whatIsNoNumberStaysNone() throws {
    var layer = Self.layers[0]
    layer.epilogue = Epilogue(activation: .relu)
    let problem = try layer.problem()
    var numbers: [Float] = problem.inputs[0].scalars()
    numbers[14 * 28 * 64] = .nan
    let image = try Tensor(numbers).reshaped(to: problem.inputs[0].shape)
    let program = try OneDNNBackend().prepare(problem.graph, options: ProgramOptions(purpose: .throughput))
    #expect(try program.run([image])[0].scalars(as: Float.self).contains { $0.isNaN })
  }

  private var cpuSuits: Bool {
    var plan = kk_winograd_plan()
    (plan.channels, plan.filters) = (64, 64)
    return kk_winograd_suits(&plan)
  }
}
