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

  @Test func bfloat16MultipliesDirectly() throws {
    let options = ProgramOptions(precision: .bfloat16, purpose: .throughput)
    let plan = try OneDNNBackend().prepare(Self.layers[0].problem().graph, options: options).plan
    #expect(!plan.contains { $0.contains("winograd") } || !plan[0].contains("layer"))
  }

  private var cpuSuits: Bool {
    var plan = kk_winograd_plan()
    (plan.channels, plan.filters) = (16, 16)
    return kk_winograd_suits(&plan)
  }
}
