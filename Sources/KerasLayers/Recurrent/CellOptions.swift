import KerasGraph

/// The settings that all cells with a kernel and a recurrent kernel share.
struct CellOptions: Sendable {
  var usesBias = true
  var kernel = WeightSettings(.glorotUniform)
  var recurrentKernel = WeightSettings(.orthogonal)
  var bias = WeightSettings(.zeros)
  /// Shares in [0, 1].
  var dropout = 0.0
  var recurrentDropout = 0.0
  var seed: Int?
}

extension CellOptions {
  init(_ settings: Configuration) throws(KerasError) {
    // How the numbers are computed elsewhere, and what the first layer of old models said of its input.
    settings.ignore("use_cudnn", "consume_less", "input_dim", "input_length")
    usesBias = try settings.boolean("use_bias", default: true)
    kernel = try WeightSettings("kernel", settings, default: .glorotUniform)
    recurrentKernel = try WeightSettings("recurrent", settings, default: .orthogonal)
    bias = try WeightSettings("bias", settings, default: .zeros)
    // Keras cuts what lies outside.
    dropout = min(1, max(0, try settings.number("dropout", default: 0)))
    recurrentDropout = min(1, max(0, try settings.number("recurrent_dropout", default: 0)))
    seed = try settings.integer("seed")
  }

  func write(to config: inout JSONObject) {
    config["use_bias"] = .bool(usesBias)
    kernel.write("kernel", to: &config)
    recurrentKernel.write("recurrent", to: &config)
    bias.write("bias", to: &config)
    config["dropout"] = .number(dropout)
    config["recurrent_dropout"] = .number(recurrentDropout)
    config["seed"] = JSON(seed)
  }

  /// Adds a cell's weights: `kernel`, `recurrent_kernel` and, where there is one, `bias`.
  func addWeights(
    to cell: Layer, kernel kernelShape: [Int], recurrentKernel recurrentShape: [Int], bias biasShape: [Int],
    forgetGate: Range<Int>? = nil
  ) {
    cell.addWeight("kernel", shape: kernelShape, kernel)
    cell.addWeight("recurrent_kernel", shape: recurrentShape, recurrentKernel)
    guard usesBias else { return }
    var settings = bias
    if let forgetGate {
      settings = WeightSettings(
        ForgetGateInitializer(others: bias.initializer, gate: forgetGate), regularizer: bias.regularizer,
        constraint: bias.constraint)
    }
    cell.addWeight("bias", shape: biasShape, settings)
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

  func check(shape: [Int]) throws { try others.check(shape: shape) }

  func makeTensor(shape: [Int], from stream: RandomStream) -> Tensor {
    var elements: [Float] = others.makeTensor(shape: shape, from: stream).scalars()
    for index in gate.clamped(to: elements.indices) { elements[index] = 1 }
    return Tensor(uninitialized: shape, Float.self) { memory in
      for index in memory.indices { memory[index] = elements[index] }
    }
  }
}
