import KerasGraph

/// A function that layers apply to their output.
///
/// ```swift
/// Dense(units: 10, activation: .softmax)
/// Dense(units: 10, activation: .leakyRelu(negativeSlope: 0.3))
/// ActivationFunction.register("my_package>cube") { x, graph in
///   try graph.multiply(x, graph.unary(.square, x))
/// }
/// Dense(units: 10, activation: .custom("my_package>cube"))
/// ```
public struct ActivationFunction: Sendable {
  /// Keras' name of the function, without its settings.
  public let name: String
  /// All its settings, under Keras' argument names.
  package let settings: JSONObject
  /// Whether ``register(_:_:)`` says what it computes.
  let isCustom: Bool
  /// The layer object that a file had in place of a name; written again as it was.
  var layer: JSON?
  /// The layer with weights that stands in place of a function; part of the layer whose activation it is.
  private(set) var weightedLayer: Layer?

  /// One of Keras' functions; settings that are not given have their defaults.
  init(_ name: String, _ given: JSONObject = [:]) {
    self.name = name
    settings = (Self.rows[name]?.defaults ?? [:]).merging(given)
    isCustom = false
  }

  /// A function that ``register(_:_:)`` gave a name.
  public static func custom(_ name: String) -> ActivationFunction { ActivationFunction(custom: name) }

  private init(custom name: String) { (self.name, settings, isCustom) = (name, [:], true) }

  /// A layer with weights, such as ``PReLU``, as another layer's activation.
  ///
  /// Dense layers, convolutions and ``Activation`` take it; recurrent cells do not.
  public static func layer(_ layer: Layer) -> ActivationFunction {
    var function = custom(layer.className)
    function.weightedLayer = layer
    function.layer = layer.serialized.json
    return function
  }

  /// Records the function, or calls the layer with weights that stands in its place.
  func apply(to x: Value, in context: CallContext) throws(KerasError) -> Value {
    guard let weightedLayer else { return try apply(to: x, in: context.graph) }
    return try context.apply(weightedLayer, to: x)
  }

  /// Records the function of `x`. At kinks its derivative is TensorFlow's.
  ///
  /// - Throws: `unknownName` for a custom function nobody registered, `invalidArgument` for an axis that is not
  ///   there, and what the operations' shape rules throw.
  public func apply(to x: Value, in graph: GraphBuilder) throws(KerasError) -> Value {
    if let weightedLayer {
      throw KerasError(
        .unsupported, "A layer with weights (\(weightedLayer.className)) cannot be this layer's activation.",
        remedy: "let it follow as a layer of its own.")
    }
    if !isCustom, let row = Self.rows[name] {
      return try wrappingErrors { try row.record(x, graph, Configuration(settings, of: name)) }
    }
    guard let record = Self.recorders[name] else {
      throw KerasError(
        .unknownName, "There is no activation called `\(name)`.",
        remedy: "register it before: ActivationFunction.register(\"\(name)\") { x, graph in … }.")
    }
    return try wrappingErrors { try record(x, graph) }
  }
}

extension ActivationFunction: Hashable {
  public static func == (a: ActivationFunction, b: ActivationFunction) -> Bool {
    a.name == b.name && a.settings == b.settings && a.isCustom == b.isCustom
      && a.weightedLayer === b.weightedLayer
  }
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

// MARK: - By name

extension ActivationFunction: CaseIterable {
  /// Every function that has a name in Keras, with its default settings.
  public static let allCases = names.map { ActivationFunction($0) }

  /// The activation that files of `version` call `name`: one of Keras' with its default settings, or one that
  /// ``register(_:_:)`` made known.
  ///
  /// - Throws: `unknownName`, listing the nearest names.
  public init(named name: String, version: KerasVersion = .current) throws(KerasError) {
    let known = OldSpellings.activation(name, version)
    if Self.recorders[name] != nil {
      self = .custom(name)
    } else if known == Self.legacyHardSigmoid.name || Self.names.contains(known) {
      self.init(known)
    } else {
      let names = nearestNames(to: name, among: Self.names)
      throw KerasError(
        .unknownName, "There is no activation called `\(name)`.",
        remedy: names.isEmpty
          ? "register a function of your own under that name."
          : "did you mean \(names.joined(separator: ", "))?")
    }
  }

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
}

// MARK: - The functions

extension ActivationFunction {
  /// x
  public static let linear = ActivationFunction("linear")
  /// max(x, 0)
  public static let relu = relu()
  /// min(max(x, 0), 6)
  public static let relu6 = ActivationFunction("relu6")
  /// x where x > 0, else 0.2 · x
  public static let leakyRelu = leakyRelu(negativeSlope: 0.2)
  /// x where x > 0, else eˣ − 1. Clevert et al. (2016), https://arxiv.org/abs/1511.07289
  public static let elu = elu(alpha: 1)
  /// 1.0507 · elu(x, 1.6733). Klambauer et al. (2017), https://arxiv.org/abs/1706.02515
  public static let selu = ActivationFunction("selu")
  /// max(x, 0) + eᵐⁱⁿ⁽ˣ˒⁰⁾ − 1. Barron (2017), https://arxiv.org/abs/1704.07483
  public static let celu = celu(alpha: 1)
  /// x · Φ(x) with the normal distribution's Φ. Hendrycks and Gimpel (2016), https://arxiv.org/abs/1606.08415
  public static let gelu = gelu(isApproximate: false)
  /// x · sigmoid(x), also called swish. Ramachandran et al. (2017), https://arxiv.org/abs/1710.05941
  public static let silu = ActivationFunction("silu")
  /// x · relu6(x + 3) / 6, also called hard swish. Howard et al. (2019), https://arxiv.org/abs/1905.02244
  public static let hardSilu = ActivationFunction("hard_silu")
  /// 1 / (1 + e⁻ˣ)
  public static let sigmoid = ActivationFunction("sigmoid")
  /// relu6(x + 3) / 6
  public static let hardSigmoid = ActivationFunction("hard_sigmoid")
  /// What `hard_sigmoid` is in Keras 1 and 2: 0.2 · x + 0.5 cut to 0…1
  public static let legacyHardSigmoid = ActivationFunction("keras2>hard_sigmoid")
  /// (x + 1) / 2 cut to 0…1. Blondel et al. (2019), https://arxiv.org/abs/1901.02324
  public static let sparseSigmoid = ActivationFunction("sparse_sigmoid")
  /// ln(1 / (1 + e⁻ˣ))
  public static let logSigmoid = ActivationFunction("log_sigmoid")
  public static let tanh = ActivationFunction("tanh")
  /// x cut to −1…1
  public static let hardTanh = ActivationFunction("hard_tanh")
  /// x − tanh(x)
  public static let tanhShrink = ActivationFunction("tanh_shrink")
  /// x moved by 0.5 towards 0, and 0 where that is further
  public static let softShrink = softShrink(threshold: 0.5)
  /// x where |x| > 0.5, else 0
  public static let hardShrink = hardShrink(threshold: 0.5)
  /// ln(1 + eˣ)
  public static let softplus = ActivationFunction("softplus")
  /// (x + √(x² + 4)) / 2. Barron (2021), https://arxiv.org/abs/2112.11687
  public static let squareplus = squareplus(b: 4)
  /// 0 up to −1, (x + 1)² / 4 up to 1, then x
  public static let sparsePlus = ActivationFunction("sparse_plus")
  /// x / (1 + |x|)
  public static let softsign = ActivationFunction("softsign")
  /// x · tanh(softplus(x)). Misra (2019), https://arxiv.org/abs/1908.08681
  public static let mish = ActivationFunction("mish")
  /// The first half of the last axis times the sigmoid of the second: that axis gets half as long.
  /// Dauphin et al. (2017), https://arxiv.org/abs/1612.08083
  public static let glu = glu(axis: -1)
  /// eˣ
  public static let exponential = ActivationFunction("exponential")
  /// eˣ / Σ eˣ along the last axis
  public static let softmax = softmax(axis: -1)
  /// ln(softmax(x)) along the last axis
  public static let logSoftmax = logSoftmax(axis: -1)
  /// A softmax that gives exact zeros, along the last axis, with Keras' numbers.
  /// After Martins and Astudillo (2016), https://arxiv.org/abs/1602.02068
  public static let sparsemax = sparsemax(axis: -1)

  /// x where x > threshold, else negativeSlope · (x − threshold), and never more than `maximum`.
  public static func relu(
    negativeSlope: Double = 0, maximum: Double? = nil, threshold: Double = 0
  ) -> ActivationFunction {
    ActivationFunction(
      "relu",
      ["max_value": JSON(maximum), "negative_slope": .number(negativeSlope), "threshold": .number(threshold)])
  }
  /// x where x > 0, else negativeSlope · x
  public static func leakyRelu(negativeSlope: Double) -> ActivationFunction {
    ActivationFunction("leaky_relu", ["negative_slope": .number(negativeSlope)])
  }
  /// x where x > 0, else alpha · (eˣ − 1)
  public static func elu(alpha: Double) -> ActivationFunction {
    ActivationFunction("elu", ["alpha": .number(alpha)])
  }
  /// max(x, 0) + alpha · (e^(min(x, 0) / alpha) − 1); alpha must not be 0.
  public static func celu(alpha: Double) -> ActivationFunction {
    ActivationFunction("celu", ["alpha": .number(alpha)])
  }
  /// - Parameter isApproximate: 0.5 · x · (1 + tanh(√(2/π) · (x + 0.044715 · x³))) in place of the exact x · Φ(x)
  public static func gelu(isApproximate: Bool) -> ActivationFunction {
    ActivationFunction("gelu", ["approximate": .bool(isApproximate)])
  }
  public static func softShrink(threshold: Double) -> ActivationFunction {
    ActivationFunction("soft_shrink", ["threshold": .number(threshold)])
  }
  public static func hardShrink(threshold: Double) -> ActivationFunction {
    ActivationFunction("hard_shrink", ["threshold": .number(threshold)])
  }
  /// x where x > threshold, else `otherwise`
  public static func threshold(_ threshold: Double, otherwise: Double) -> ActivationFunction {
    ActivationFunction("threshold", ["threshold": .number(threshold), "default_value": .number(otherwise)])
  }
  /// (x + √(x² + b)) / 2
  public static func squareplus(b: Double) -> ActivationFunction {
    ActivationFunction("squareplus", ["b": .number(b)])
  }
  /// - Parameter axis: of even length; counted from the back where negative
  public static func glu(axis: Int) -> ActivationFunction {
    ActivationFunction("glu", ["axis": .integer(axis)])
  }
  /// - Parameter axis: counted from the back where negative; several are normalized together: `[1, 2]`
  public static func softmax(axis: AxisSelection) -> ActivationFunction {
    ActivationFunction("softmax", ["axis": axis.json])
  }
  public static func logSoftmax(axis: Int) -> ActivationFunction {
    ActivationFunction("log_softmax", ["axis": .integer(axis)])
  }
  public static func sparsemax(axis: Int) -> ActivationFunction {
    ActivationFunction("sparsemax", ["axis": .integer(axis)])
  }
}
