import KerasGraph

/// The settings that all cells with a kernel and a recurrent kernel share.
struct CellOptions: Sendable {
  var usesBias = true
  var kernelInitializer: any Initializer = .glorotUniform
  var recurrentInitializer: any Initializer = .orthogonal
  var biasInitializer: any Initializer = .zeros
  var kernelRegularizer: (any Regularizer)?
  var recurrentRegularizer: (any Regularizer)?
  var biasRegularizer: (any Regularizer)?
  var kernelConstraint: (any Constraint)?
  var recurrentConstraint: (any Constraint)?
  var biasConstraint: (any Constraint)?
  /// Shares in [0, 1]; Keras cuts what lies outside.
  var dropout = 0.0
  var recurrentDropout = 0.0
  var seed: Int?
}

extension CellOptions {
  init(_ settings: Configuration) throws(KerasError) {
    // How the numbers are computed elsewhere, and what the first layer of old models said of its input.
    settings.ignore("use_cudnn", "consume_less", "input_dim", "input_length", "_num_constants")
    usesBias = try settings.boolean("use_bias", default: true)
    kernelInitializer = try settings.initializer("kernel_initializer", default: .glorotUniform)
    recurrentInitializer = try settings.initializer("recurrent_initializer", default: .orthogonal)
    biasInitializer = try settings.initializer("bias_initializer", default: .zeros)
    kernelRegularizer = try settings.regularizer("kernel_regularizer")
    recurrentRegularizer = try settings.regularizer("recurrent_regularizer")
    biasRegularizer = try settings.regularizer("bias_regularizer")
    kernelConstraint = try settings.constraint("kernel_constraint")
    recurrentConstraint = try settings.constraint("recurrent_constraint")
    biasConstraint = try settings.constraint("bias_constraint")
    dropout = try settings.number("dropout", default: 0)
    recurrentDropout = try settings.number("recurrent_dropout", default: 0)
    seed = try settings.integer("seed")
  }

  var config: JSONObject {
    [
      "use_bias": .bool(usesBias),
      "kernel_initializer": kernelInitializer.json, "recurrent_initializer": recurrentInitializer.json,
      "bias_initializer": biasInitializer.json,
      "kernel_regularizer": JSON(kernelRegularizer), "recurrent_regularizer": JSON(recurrentRegularizer),
      "bias_regularizer": JSON(biasRegularizer),
      "kernel_constraint": JSON(kernelConstraint), "recurrent_constraint": JSON(recurrentConstraint),
      "bias_constraint": JSON(biasConstraint),
      "dropout": .number(dropout), "recurrent_dropout": .number(recurrentDropout), "seed": JSON(seed),
    ]
  }

  /// Adds a cell's weights: `kernel`, `recurrent_kernel` and, where there is one, `bias`.
  func addWeights(
    to cell: Layer, kernel: [Int], recurrentKernel: [Int], bias: [Int], forgetGate: Range<Int>? = nil
  ) {
    cell.addWeight(
      "kernel", shape: kernel, initializer: kernelInitializer, regularizer: kernelRegularizer,
      constraint: kernelConstraint)
    cell.addWeight(
      "recurrent_kernel", shape: recurrentKernel, initializer: recurrentInitializer,
      regularizer: recurrentRegularizer, constraint: recurrentConstraint)
    guard usesBias else { return }
    let initializer: any Initializer =
      forgetGate.map { ForgetGateInitializer(others: biasInitializer, gate: $0) } ?? biasInitializer
    cell.addWeight(
      "bias", shape: bias, initializer: initializer, regularizer: biasRegularizer,
      constraint: biasConstraint)
  }

  /// Checks the number of units (or filters), of which a kernel has several blocks.
  static func check(_ count: Int, _ noun: String, of className: String) throws(KerasError) {
    guard (1...1 << 32).contains(count) else {
      throw KerasError(
        .invalidArgument, "\(className) needs a positive number of \(noun), found \(count).")
    }
  }
}

/// Ones for the forget gate, so that an LSTM remembers at first; another initializer for the rest.
///
/// Jozefowicz et al., "An Empirical Exploration of Recurrent Network Architectures" (2015).
private struct ForgetGateInitializer: Initializer {
  let others: any Initializer
  let gate: Range<Int>

  var config: JSONObject { [:] }

  func makeTensor(shape: [Int], from stream: RandomStream) -> Tensor {
    var elements: [Float] = others.makeTensor(shape: shape, from: stream).scalars()
    for index in gate.clamped(to: elements.indices) { elements[index] = 1 }
    return Tensor(uninitialized: shape, Float.self) { memory in
      for index in memory.indices { memory[index] = elements[index] }
    }
  }
}
