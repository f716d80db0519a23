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
  enum Function: Hashable, Sendable {
    case linear
    case relu(negativeSlope: Double, maximum: Double?, threshold: Double)
    case relu6
    case leakyRelu(negativeSlope: Double)
    case elu(alpha: Double)
    case selu
    case celu(alpha: Double)
    case gelu(isApproximate: Bool)
    case silu
    case hardSilu
    case sigmoid
    case hardSigmoid
    case legacyHardSigmoid
    case sparseSigmoid
    case logSigmoid
    case tanh
    case hardTanh
    case tanhShrink
    case softShrink(threshold: Double)
    case hardShrink(threshold: Double)
    case threshold(threshold: Double, otherwise: Double)
    case softplus
    case squareplus(b: Double)
    case sparsePlus
    case softsign
    case mish
    case glu(axis: Int)
    case exponential
    case softmax(axes: AxisSelection)
    case logSoftmax(axis: Int)
    case sparsemax(axis: Int)
    case custom(String)
  }

  let function: Function
  /// The layer object that a file had in place of a name; written again as it was.
  var layer: JSON?
  /// The layer with weights that stands in place of a function; part of the layer whose activation it is.
  private(set) var weightedLayer: Layer?

  /// A layer with weights, such as ``PReLU``, as another layer's activation.
  ///
  /// Dense layers, convolutions and ``Activation`` take it; recurrent cells do not.
  public static func layer(_ layer: Layer) -> ActivationFunction {
    var function = ActivationFunction(.custom(layer.className))
    function.weightedLayer = layer
    function.layer = layer.serialized.json
    return function
  }

  init(_ function: Function) { self.function = function }
}

extension ActivationFunction: Hashable {
  public static func == (a: ActivationFunction, b: ActivationFunction) -> Bool {
    a.function == b.function && a.weightedLayer === b.weightedLayer
  }
  public func hash(into hasher: inout Hasher) { hasher.combine(function) }
}

// MARK: - The functions

extension ActivationFunction {
  /// x
  public static let linear = ActivationFunction(.linear)
  /// max(x, 0)
  public static let relu = relu()
  /// min(max(x, 0), 6)
  public static let relu6 = ActivationFunction(.relu6)
  /// x where x > 0, else 0.2 · x
  public static let leakyRelu = leakyRelu(negativeSlope: 0.2)
  /// x where x > 0, else eˣ − 1. Clevert et al. (2016), https://arxiv.org/abs/1511.07289
  public static let elu = elu(alpha: 1)
  /// 1.0507 · elu(x, 1.6733). Klambauer et al. (2017), https://arxiv.org/abs/1706.02515
  public static let selu = ActivationFunction(.selu)
  /// max(x, 0) + eᵐⁱⁿ⁽ˣ˒⁰⁾ − 1. Barron (2017), https://arxiv.org/abs/1704.07483
  public static let celu = celu(alpha: 1)
  /// x · Φ(x) with the normal distribution's Φ. Hendrycks and Gimpel (2016), https://arxiv.org/abs/1606.08415
  public static let gelu = gelu(isApproximate: false)
  /// x · sigmoid(x), also called swish. Ramachandran et al. (2017), https://arxiv.org/abs/1710.05941
  public static let silu = ActivationFunction(.silu)
  /// x · relu6(x + 3) / 6, also called hard swish. Howard et al. (2019), https://arxiv.org/abs/1905.02244
  public static let hardSilu = ActivationFunction(.hardSilu)
  /// 1 / (1 + e⁻ˣ)
  public static let sigmoid = ActivationFunction(.sigmoid)
  /// relu6(x + 3) / 6
  public static let hardSigmoid = ActivationFunction(.hardSigmoid)
  /// What `hard_sigmoid` is in Keras 1 and 2: 0.2 · x + 0.5 cut to 0…1
  public static let legacyHardSigmoid = ActivationFunction(.legacyHardSigmoid)
  /// (x + 1) / 2 cut to 0…1. Blondel et al. (2019), https://arxiv.org/abs/1901.02324
  public static let sparseSigmoid = ActivationFunction(.sparseSigmoid)
  /// ln(1 / (1 + e⁻ˣ))
  public static let logSigmoid = ActivationFunction(.logSigmoid)
  public static let tanh = ActivationFunction(.tanh)
  /// x cut to −1…1
  public static let hardTanh = ActivationFunction(.hardTanh)
  /// x − tanh(x)
  public static let tanhShrink = ActivationFunction(.tanhShrink)
  /// x moved by 0.5 towards 0, and 0 where that is further
  public static let softShrink = softShrink(threshold: 0.5)
  /// x where |x| > 0.5, else 0
  public static let hardShrink = hardShrink(threshold: 0.5)
  /// ln(1 + eˣ)
  public static let softplus = ActivationFunction(.softplus)
  /// (x + √(x² + 4)) / 2. Barron (2021), https://arxiv.org/abs/2112.11687
  public static let squareplus = squareplus(b: 4)
  /// 0 up to −1, (x + 1)² / 4 up to 1, then x
  public static let sparsePlus = ActivationFunction(.sparsePlus)
  /// x / (1 + |x|)
  public static let softsign = ActivationFunction(.softsign)
  /// x · tanh(softplus(x)). Misra (2019), https://arxiv.org/abs/1908.08681
  public static let mish = ActivationFunction(.mish)
  /// The first half of the last axis times the sigmoid of the second: that axis gets half as long.
  /// Dauphin et al. (2017), https://arxiv.org/abs/1612.08083
  public static let glu = glu(axis: -1)
  /// eˣ
  public static let exponential = ActivationFunction(.exponential)
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
    ActivationFunction(.relu(negativeSlope: negativeSlope, maximum: maximum, threshold: threshold))
  }
  /// x where x > 0, else negativeSlope · x
  public static func leakyRelu(negativeSlope: Double) -> ActivationFunction {
    ActivationFunction(.leakyRelu(negativeSlope: negativeSlope))
  }
  /// x where x > 0, else alpha · (eˣ − 1)
  public static func elu(alpha: Double) -> ActivationFunction { ActivationFunction(.elu(alpha: alpha)) }
  /// max(x, 0) + alpha · (e^(min(x, 0) / alpha) − 1); alpha must not be 0.
  public static func celu(alpha: Double) -> ActivationFunction { ActivationFunction(.celu(alpha: alpha)) }
  /// - Parameter isApproximate: 0.5 · x · (1 + tanh(√(2/π) · (x + 0.044715 · x³))) in place of the exact x · Φ(x)
  public static func gelu(isApproximate: Bool) -> ActivationFunction {
    ActivationFunction(.gelu(isApproximate: isApproximate))
  }
  public static func softShrink(threshold: Double) -> ActivationFunction {
    ActivationFunction(.softShrink(threshold: threshold))
  }
  public static func hardShrink(threshold: Double) -> ActivationFunction {
    ActivationFunction(.hardShrink(threshold: threshold))
  }
  /// x where x > threshold, else `otherwise`
  public static func threshold(_ threshold: Double, otherwise: Double) -> ActivationFunction {
    ActivationFunction(.threshold(threshold: threshold, otherwise: otherwise))
  }
  /// (x + √(x² + b)) / 2
  public static func squareplus(b: Double) -> ActivationFunction { ActivationFunction(.squareplus(b: b)) }
  /// - Parameter axis: of even length; counted from the back where negative
  public static func glu(axis: Int) -> ActivationFunction { ActivationFunction(.glu(axis: axis)) }
  /// - Parameter axis: counted from the back where negative; several are normalized together: `[1, 2]`
  public static func softmax(axis: AxisSelection) -> ActivationFunction {
    ActivationFunction(.softmax(axes: axis))
  }
  public static func logSoftmax(axis: Int) -> ActivationFunction {
    ActivationFunction(.logSoftmax(axis: axis))
  }
  public static func sparsemax(axis: Int) -> ActivationFunction { ActivationFunction(.sparsemax(axis: axis)) }

  /// A function that ``register(_:_:)`` gave a name.
  public static func custom(_ name: String) -> ActivationFunction { ActivationFunction(.custom(name)) }
}
