import KerasBackendTestSupport
import KerasGraph
import KerasKernels
import KerasOneDNNBackend
import KerasOpenBLASBackend
import Testing

/// Our own code for convolutions and products answers as the plain backend does.
struct DirectTests {
  struct Layer: CustomStringConvertible, Sendable {
    var image: [Int]
    var filters: Int
    var size: [Int]
    var strides = [1, 1]
    var padding = [AxisPadding(0, 0), AxisPadding(0, 0)]
    var epilogue = Epilogue()

    var description: String { "\(image), \(size) by \(strides), \(padding) → \(filters), \(epilogue)" }

    func problem() throws -> Problem {
      var choices = RandomChoices(seed: 43, number: filters)
      let builder = GraphBuilder()
      let x = builder.input(TensorSpec(image))
      let terms = size[0] * size[1] * image[3]
      let bound = (3 / Double(terms)).squareRoot()
      var operands = [x, builder.constant(choices.tensor(size + [image[3], filters], in: -bound...bound))]
      var inputs = [choices.tensor(image)]
      let window = Window(size, strides: strides, padding: padding)
      if epilogue.hasScale { operands.append(builder.constant(choices.tensor([filters], in: 0.5...1.5))) }
      if epilogue.hasBias { operands.append(builder.constant(choices.tensor([filters]))) }
      if epilogue.hasResidual {
        let output = [
          image[0], (image[1] + padding[0].before + padding[0].after - size[0]) / strides[0] + 1,
          (image[2] + padding[1].before + padding[1].after - size[1]) / strides[1] + 1, filters,
        ]
        operands.append(builder.input(TensorSpec(output)))
        inputs.append(choices.tensor(output))
      }
      let outputs = try builder.append(
        .convolution(ConvolutionOperation(window, epilogue: epilogue)), operands)
      return Problem(builder.finish(returning: outputs), inputs: inputs, summands: terms, label: description)
    }
  }

  /// Blocks of rows with padding and of results without, halves of panels, one of several images, windows that lie on
  /// padding alone.
  static let layers: [Layer] = [
    Layer(
      image: [1, 17, 17, 128], filters: 192, size: [1, 7], padding: [AxisPadding(0, 0), AxisPadding(3, 3)]),
    Layer(
      image: [3, 17, 15, 48], filters: 40, size: [7, 1], padding: [AxisPadding(3, 3), AxisPadding(0, 0)],
      epilogue: Epilogue(hasScale: true, hasBias: true, activation: .relu)),
    Layer(image: [2, 35, 35, 96], filters: 96, size: [3, 3], strides: [2, 2]),
    Layer(
      image: [1, 9, 10, 16], filters: 8, size: [3, 3], strides: [2, 2],
      padding: [AxisPadding(0, 1), AxisPadding(1, 2)],
      epilogue: Epilogue(hasBias: true, hasResidual: true, activation: .clip(low: -0.5, high: 0.5))),
    Layer(
      image: [2, 5, 700, 17], filters: 24, size: [2, 5], padding: [AxisPadding(1, 0), AxisPadding(2, 2)]),
    Layer(
      image: [1, 4, 4, 20], filters: 64, size: [4, 4], strides: [4, 4], epilogue: Epilogue(activation: .tanh)),
    Layer(
      image: [1, 8, 8, 384], filters: 384, size: [3, 1], padding: [AxisPadding(1, 1), AxisPadding(0, 0)]),
    Layer(
      image: [2, 6, 6, 32], filters: 16, size: [3, 3], padding: [AxisPadding(5, 4), AxisPadding(6, 5)]),
    Layer(
      image: [5, 1, 1, 48], filters: 96, size: [1, 1], epilogue: Epilogue(hasBias: true, activation: .relu6)),
    Layer(image: [1, 40, 3, 1000], filters: 8, size: [5, 3], strides: [3, 1]),
  ]

  @Test(arguments: layers)
  func convolutionsAgreeWithThePlainBackend(layer: Layer) throws {
    try expectAgreement(on: layer.problem())
  }

  @Test(arguments: [
    (196, 384, 1536, false), (49, 96, 200, true), (12, 24, 24, false), (1, 20, 480, true), (511, 3, 8, true),
  ])
  func productsAgreeWithThePlainBackend(rows: Int, depth: Int, columns: Int, transposes: Bool) throws {
    var choices = RandomChoices(seed: 44, number: rows)
    let builder = GraphBuilder()
    let x = builder.input(TensorSpec([rows, depth]))
    let matrix = choices.tensor(transposes ? [columns, depth] : [depth, columns], in: -0.2...0.2)
    let bias = builder.constant(choices.tensor([columns]))
    let operation = MatrixMultiplyOperation(
      transposesSecond: transposes, epilogue: Epilogue(hasBias: true, activation: .relu))
    let y = try builder.append(.matrixMultiply(operation), [x, builder.constant(matrix), bias])
    try expectAgreement(
      on: Problem(
        builder.finish(returning: y), inputs: [choices.tensor([rows, depth])], summands: depth,
        label: "\(rows) × \(depth) × \(columns)"))
  }

  /// As all results, and for any number of threads to the bit.
  private func expectAgreement(on problem: Problem) throws {
    var found: [[Tensor]] = []
    for threads in [1, 2, 3] {
      let options = ProgramOptions(purpose: .throughput, threads: threads)
      #expect(
        try disagreement(of: OneDNNBackend(), with: OpenBLASBackend(), on: problem, options: options) == nil)
      let program = try OneDNNBackend().prepare(problem.graph, options: options)
      #expect(program.plan.contains { $0.contains("direct") } == cpuSuits, "\(program.plan)")
      found.append(try program.run(problem.inputs))
    }
    for other in found.dropFirst() where cpuSuits {
      #expect(
        difference(between: other, and: found[0], tolerance: Tolerance(absolute: 0, relative: 0)) == nil)
    }
  }

  private var cpuSuits: Bool {
    var plan = kk_direct_plan()
    plan.filters = 8
    return withUnsafePointer(to: plan) { kk_direct_suits($0) }
  }
}
