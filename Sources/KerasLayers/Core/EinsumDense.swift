import KerasGraph

/// A dense layer over any axes: `output = activation(einsum(equation, input, kernel) + bias)`.
///
/// - Input and output: as the equation says. `outputShape` gives the output's lengths without the batch (nil where
///   the equation tells) and, with `...`, without the axes that stands for.
/// - Weights, in file order: `kernel`, `bias` (where `biasAxes` names output axes).
///
/// ```swift
/// EinsumDense("abc,cde->abde", outputShape: [nil, heads, size], biasAxes: "de")   // projects to several heads
/// EinsumDense("...x,xy->...y", outputShape: [64], biasAxes: "y")                  // as Dense
/// ```
public final class EinsumDense: Layer, LowRankAdaptable, @unchecked Sendable {
  @Setting("equation", .required) public private(set) var equation: String
  @Setting("output_shape", .required) public private(set) var outputShape: Shape
  @Setting("activation") public private(set) var activation: ActivationFunction
  @Setting("bias_axes") public private(set) var biasAxes: String?
  @Setting("kernel") public private(set) var kernel: WeightSettings
  @Setting("bias") public private(set) var bias: WeightSettings
  @Setting("lora") public private(set) var adaptation: LowRankAdaptation

  public init(
    _ equation: String, outputShape: Shape, activation: ActivationFunction = .linear, biasAxes: String? = nil,
    kernelInitializer: any Initializer = .glorotUniform, biasInitializer: any Initializer = .zeros,
    kernelRegularizer: (any Regularizer)? = nil, biasRegularizer: (any Regularizer)? = nil,
    activityRegularizer: (any Regularizer)? = nil, kernelConstraint: (any Constraint)? = nil,
    biasConstraint: (any Constraint)? = nil, loraRank: Int? = nil, loraAlpha: Double? = nil,
    name: String? = nil
  ) {
    super.init(name: name)
    self.equation = equation
    self.outputShape = outputShape
    self.activation = activation
    self.biasAxes = biasAxes
    kernel = WeightSettings(kernelInitializer, kernelRegularizer, kernelConstraint)
    bias = WeightSettings(biasInitializer, biasRegularizer, biasConstraint)
    adaptation = LowRankAdaptation(of: "kernel", rank: loraRank, alpha: loraAlpha)
    self.activityRegularizer = activityRegularizer
    adopt(activation)
  }

  package override var nullSettings: [String] { ["activity_regularizer", "quantization_config"] }

  public override func build(for inputs: [TensorSpec]) throws(KerasError) {
    let plan = try EinsumDensePlan(equation, input: inputs[0], outputShape: outputShape, biasAxes: biasAxes)
    addWeight(
      "kernel", shape: plan.kernelShape,
      initializer: counting(kernel.initializer, inputs: plan.inputAxes, outputs: plan.outputAxes),
      regularizer: kernel.regularizer, constraint: kernel.constraint)
    if let shape = plan.biasShape { addWeight("bias", shape: shape, bias) }
    try buildAdaptation()
  }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    let graph = context.graph
    var output = try graph.einsum(equation, input, adaptedWeight(in: context))
    if biasAxes != nil { output = try graph.add(output, context.value(of: weight("bias"))) }
    return try activation.apply(to: output, in: context)
  }
}

/// An initializer that scales by the number of inputs is told which axes of the weight are inputs.
private func counting(_ initializer: any Initializer, inputs: [Int], outputs: [Int]) -> any Initializer {
  guard let scaling = initializer as? VarianceScaling, scaling.inputAxes == nil || scaling.outputAxes == nil
  else { return initializer }
  return scaling.counting(inputs: inputs, outputs: outputs)
}

/// The weights' shapes that an equation, an input and the wanted output lengths give.
struct EinsumDensePlan {
  let kernelShape: [Int]
  let biasShape: [Int]?
  /// The kernel's axes that inputs feed, and those that become outputs.
  let inputAxes: [Int]
  let outputAxes: [Int]

  init(_ equation: String, input: TensorSpec, outputShape: Shape, biasAxes: String?) throws(KerasError) {
    let terms = try Self.terms(of: equation)
    let elided = terms.elision == .none ? 0 : input.shape.rank - terms.input.count
    try require(
      elided >= 0 && (terms.elision != .none || terms.input.count == input.shape.rank), .shapeMismatch,
      "The equation `\(equation)` names \(terms.input.count) axes of the input, found \(input.shape).")
    // The axes of `...` stand in front of the named ones, or behind them.
    let leading = terms.elision == .left ? elided : 0
    // The batch comes first; what is elided otherwise has the input's lengths.
    var output: [Int?] = [input.shape.first ?? nil] + outputShape.dimensions
    switch terms.elision {
    case .left where elided > 1: output.insert(contentsOf: input.shape[1..<elided], at: 1)
    case .right: output += input.shape.suffix(elided)
    case .left, .none: break
    }
    // Lengths beyond those the equation names are not read, as in Keras.
    let expected = terms.output.count + elided
    try require(
      output.count >= expected,
      "The equation `\(equation)` gives \(expected) axes, found \(output.count) lengths with the batch: \(outputShape)."
    )
    let outputLength = { (letter: Character) -> Int?? in
      terms.output.firstIndex(of: letter).map { output[$0 + leading] }
    }
    for (axis, letter) in terms.input.enumerated() {
      let given = input.shape[axis + leading]
      guard let wanted = outputLength(letter), let wanted, wanted != given else { continue }
      throw KerasError(
        .shapeMismatch,
        "Axis `\(letter)` of the equation `\(equation)` has length \(given.map(String.init) ?? "None") in the input and \(wanted) in the output."
      )
    }
    var (kernelShape, inputAxes, outputAxes): ([Int], [Int], [Int]) = ([], [], [])
    for (axis, letter) in terms.kernel.enumerated() {
      let length: Int?
      if let wanted = outputLength(letter) {
        length = wanted
        outputAxes.append(axis)
      } else if let position = terms.input.firstIndex(of: letter) {
        length = input.shape[position + leading]
        inputAxes.append(axis)
      } else {
        throw KerasError(
          .invalidArgument,
          "Axis `\(letter)` of the kernel is in neither input nor output of the equation `\(equation)`.")
      }
      guard let length else {
        throw KerasError(
          .shapeMismatch,
          "Axis `\(letter)` of the kernel in the equation `\(equation)` must have a known length.",
          remedy: "give it in outputShape, or the input a shape with that length.")
      }
      kernelShape.append(length)
    }
    self.kernelShape = kernelShape
    (self.inputAxes, self.outputAxes) = (inputAxes, outputAxes)
    biasShape = try biasAxes.map { (axes) throws(KerasError) in
      try Self.biasShape(
        axes, equation, terms.output, lengths: outputLength, trailing: terms.elision == .right ? elided : 0)
    }
  }

  private enum Elision { case none, left, right }

  /// The letters of the three terms, and where `...` stands.
  private static func terms(
    of equation: String
  ) throws(KerasError) -> (input: [Character], kernel: [Character], output: [Character], elision: Elision) {
    let text = equation.filter { $0 != " " }
    let invalid = KerasError(
      .invalidArgument, "The equation `\(equation)` is not of the form X,Y->Z, ...X,Y->...Z or X...,Y->Z....")
    let sides = text.split(separator: "->", omittingEmptySubsequences: false)
    guard sides.count == 2 else { throw invalid }
    let left = sides[0].split(separator: ",", omittingEmptySubsequences: false)
    guard left.count == 2 else { throw invalid }
    var (input, output) = (left[0], sides[1])
    var elision = Elision.none
    if input.hasPrefix("..."), output.hasPrefix("...") {
      elision = .left
      (input, output) = (input.dropFirst(3), output.dropFirst(3))
    } else if input.hasSuffix("..."), output.hasSuffix("...") {
      elision = .right
      (input, output) = (input.dropLast(3), output.dropLast(3))
    }
    let terms = [input, left[1], output].map { Array($0) }
    guard terms.allSatisfy({ $0.allSatisfy { $0.isASCII && $0.isLetter } }), !terms[0].isEmpty,
      !terms[1].isEmpty, !terms[2].isEmpty,
      terms[2].allSatisfy({ terms[0].contains($0) || terms[1].contains($0) })
    else { throw invalid }
    return (terms[0], terms[1], terms[2], elision)
  }

  /// From the first axis with a bias on: its length, or 1 where the bias is shared.
  private static func biasShape(
    _ axes: String, _ equation: String, _ output: [Character], lengths: (Character) -> Int??, trailing: Int
  ) throws(KerasError) -> [Int] {
    guard let first = output.firstIndex(where: axes.contains), axes.allSatisfy(output.contains) else {
      throw KerasError(
        .invalidArgument,
        "The bias is for axes of the output, found `\(axes)` and the equation `\(equation)`.")
    }
    var shape: [Int] = []
    for letter in output[first...] {
      guard axes.contains(letter) else {
        shape.append(1)
        continue
      }
      guard let length = lengths(letter), let length else {
        throw KerasError(
          .shapeMismatch, "Axis `\(letter)` of the bias must have a known length.",
          remedy: "give it in outputShape.")
      }
      shape.append(length)
    }
    return shape + [Int](repeating: 1, count: trailing)
  }
}
