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

  /// Files have them behind what a cell says of its own.
  static var standsLast: Bool { true }
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

/// Ones for the forget gate, so that an LSTM remembers at first; another initializer for the rest.
///
/// Jozefowicz et al., "An Empirical Exploration of Recurrent Network Architectures" (2015).
struct ForgetGateInitializer: Initializer {
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
