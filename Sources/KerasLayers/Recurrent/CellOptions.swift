import KerasGraph

/// The settings that all cells with a kernel and a recurrent kernel share.
struct CellOptions: SettingGroup {
  @Setting("use_bias") var usesBias = true
  @Setting("kernel") var kernel = WeightSettings(.glorotUniform)
  @Setting("recurrent") var recurrentKernel = WeightSettings(.orthogonal)
  @Setting("bias") var bias = WeightSettings(.zeros)
  /// Shares in [0, 1].
  @Setting("dropout", .share) var dropout = 0.0
  @Setting("recurrent_dropout", .share) var recurrentDropout = 0.0
  @Setting("seed") var seed: Int? = nil
}

extension SettingCodec where Value == Double {
  /// A number from 0 to 1; Keras cuts what lies outside.
  fileprivate static var share: SettingCodec<Double> {
    SettingCodec(
      { settings in
        { (key) throws(KerasError) in try settings.number(key).map { min(1, max(0, $0)) } }
      }, JSON.number)
  }
}

extension CellOptions {
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
