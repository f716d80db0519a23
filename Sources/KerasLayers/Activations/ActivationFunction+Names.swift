import KerasGraph

extension ActivationFunction: CaseIterable {
  /// Every function that has a name in Keras, with its default settings.
  public static let allCases: [ActivationFunction] = names.compactMap {
    functions[$0].map(ActivationFunction.init)
  }

  /// The names Keras has, as files hold them; aliases are left out.
  static let names = [
    "linear", "relu", "relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "silu", "hard_silu", "sigmoid",
    "hard_sigmoid", "sparse_sigmoid", "log_sigmoid", "tanh", "hard_tanh", "tanh_shrink", "soft_shrink",
    "hard_shrink", "softplus", "squareplus", "sparse_plus", "softsign", "mish", "glu", "exponential",
    "softmax",
    "log_softmax", "sparsemax",
  ]

  private static let functions: [String: Function] = [
    "linear": .linear, "relu": relu.function, "relu6": .relu6, "leaky_relu": leakyRelu.function,
    "elu": elu.function, "selu": .selu, "celu": celu.function, "gelu": gelu.function, "silu": .silu,
    "hard_silu": .hardSilu, "sigmoid": .sigmoid, "hard_sigmoid": .hardSigmoid,
    "sparse_sigmoid": .sparseSigmoid,
    "log_sigmoid": .logSigmoid, "tanh": .tanh, "hard_tanh": .hardTanh, "tanh_shrink": .tanhShrink,
    "soft_shrink": softShrink.function, "hard_shrink": hardShrink.function, "softplus": .softplus,
    "squareplus": squareplus.function, "sparse_plus": .sparsePlus, "softsign": .softsign, "mish": .mish,
    "glu": glu.function, "exponential": .exponential, "softmax": softmax.function,
    "log_softmax": logSoftmax.function, "sparsemax": sparsemax.function,
  ]

  private static let aliases = ["swish": "silu", "hard_swish": "hard_silu", "None": "linear"]

  /// The name of what Keras 1 and 2 call `hard_sigmoid`, in files of Keras 3, which has no such function.
  static let legacyHardSigmoidName = "keras2>hard_sigmoid"

  /// Keras' name of the function, without its settings.
  public var name: String {
    switch function {
    case .linear: "linear"
    case .relu: "relu"
    case .relu6: "relu6"
    case .leakyRelu: "leaky_relu"
    case .elu: "elu"
    case .selu: "selu"
    case .celu: "celu"
    case .gelu: "gelu"
    case .silu: "silu"
    case .hardSilu: "hard_silu"
    case .sigmoid: "sigmoid"
    case .hardSigmoid: "hard_sigmoid"
    case .legacyHardSigmoid: Self.legacyHardSigmoidName
    case .sparseSigmoid: "sparse_sigmoid"
    case .logSigmoid: "log_sigmoid"
    case .tanh: "tanh"
    case .hardTanh: "hard_tanh"
    case .tanhShrink: "tanh_shrink"
    case .softShrink: "soft_shrink"
    case .hardShrink: "hard_shrink"
    case .threshold: "threshold"
    case .softplus: "softplus"
    case .squareplus: "squareplus"
    case .sparsePlus: "sparse_plus"
    case .softsign: "softsign"
    case .mish: "mish"
    case .glu: "glu"
    case .exponential: "exponential"
    case .softmax: "softmax"
    case .logSoftmax: "log_softmax"
    case .sparsemax: "sparsemax"
    case .custom(let name): name
    }
  }

  /// The activation that files of `version` call `name`: one of Keras' with its default settings, or one that
  /// ``register(_:_:)`` made known.
  ///
  /// - Throws: `unknownName`, listing the nearest names.
  public init(named name: String, version: KerasVersion = .current) throws(KerasError) {
    if Self.registered(name) != nil {
      self = .custom(name)
    } else if name == Self.legacyHardSigmoidName || (name == "hard_sigmoid" && version < .keras3) {
      self = .legacyHardSigmoid
    } else if let function = Self.functions[Self.aliases[name] ?? name] {
      self.init(function)
    } else {
      let names = nearestNames(to: name, among: Self.names)
      throw KerasError(
        .unknownName, "There is no activation called `\(name)`.",
        remedy: names.isEmpty
          ? "register a function of your own under that name."
          : "did you mean \(names.joined(separator: ", "))?")
    }
  }
}

// MARK: - Functions of the user's

extension ActivationFunction {
  /// Records a function of the value into the graph.
  public typealias Recorder = @Sendable (Value, GraphBuilder) throws -> Value

  private static let recorders = Recorders()

  private final class Recorders: @unchecked Sendable {
    // Sendable by rule: the lock guards the table.
    private let lock = Lock()
    private var table: [String: Recorder] = [:]

    subscript(name: String) -> Recorder? {
      get { lock.withLock { table[name] } }
      set { lock.withLock { table[name] = newValue } }
    }
  }

  /// Gives a function of the user's a name that ``custom(_:)`` and files know it by: `cube`, or `package>cube` as
  /// `keras.saving.register_keras_serializable` spells it.
  public static func register(_ name: String, _ record: @escaping Recorder) { recorders[name] = record }

  static func registered(_ name: String) -> Recorder? { recorders[name] }
}
