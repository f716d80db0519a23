import KerasLayers

// Functions of one number and of two.

extension OperationKind {
  /// - Parameter floats: whether whole numbers become floating-point ones first.
  private static func unary(
    _ function: UnaryFunction, floats: Bool = true, _ module: Module = .numpy
  ) -> OperationKind {
    .one(module) { (call) throws(KerasError) in
      try call.graph.unary(function, floats ? call.graph.floating(call.x) : call.x)
    }
  }

  /// One of the functions layers apply to their output.
  private static func activation(_ name: String, _ preset: JSONObject = [:]) -> OperationKind {
    .one(.nn) { (call) throws(KerasError) in
      var settings = preset
      for (key, value) in call.settings.object { settings[key] = value }
      return try ActivationFunction(named: name, settings: settings).apply(
        to: call.graph.floating(call.x), in: call.graph)
    }
  }

  private static func binary(_ function: BinaryOperation.Function) -> OperationKind {
    .one(.numpy, ["x1", "x2"]) { (call) throws(KerasError) in
      let (a, b) = try call.pair()
      return try call.graph.binary(function, a, b)
    }
  }

  /// A quotient, which of whole numbers is none.
  private static let division = OperationKind.one(.numpy, ["x1", "x2"]) { (call) throws(KerasError) in
    let (a, b) = try call.pair()
    return try call.graph.binary(.divide, call.graph.floating(a), call.graph.floating(b))
  }

  private static func logical(_ function: BinaryOperation.Function) -> OperationKind {
    .one(.numpy, ["x1", "x2"]) { (call) throws(KerasError) in
      let (a, b) = try call.pair()
      return try call.graph.binary(function, call.graph.truth(a), call.graph.truth(b))
    }
  }

  static let functions: [String: OperationKind] = [
    "Absolute": unary(.absolute, floats: false), "Abs": unary(.absolute, floats: false),
    "Negative": unary(.negate, floats: false), "Square": unary(.square, floats: false),
    "Sign": unary(.sign, floats: false), "Floor": unary(.floor), "Ceil": unary(.ceiling),
    "Exp": unary(.exponential), "Expm1": unary(.exponentialMinusOne), "Log": unary(.logarithm),
    "Log1p": unary(.logarithmOfOnePlus), "Sqrt": unary(.squareRoot),
    "Rsqrt": unary(.reciprocalSquareRoot, .math),
    "Reciprocal": unary(.reciprocal), "Sin": unary(.sine), "Cos": unary(.cosine), "Tan": unary(.tangent),
    "Arcsin": unary(.arcsine), "Arccos": unary(.arccosine), "Arctan": unary(.arctangent),
    "Sinh": unary(.hyperbolicSine), "Cosh": unary(.hyperbolicCosine), "Tanh": unary(.tanh),
    "Erf": unary(.errorFunction, .math),

    "Round": .one(.numpy) { (call) throws(KerasError) in
      try call.graph.rounded(call.x, decimals: call.settings.integer("decimals", default: 0))
    },
    "Clip": .one(.numpy) { (call) throws(KerasError) in
      let (low, high) = try (call.settings.requiredNumber("x_min"), call.settings.requiredNumber("x_max"))
      return try call.graph.unary(.clip(low: Float(low), high: Float(high)), call.x)
    },

    "Relu": activation("relu"), "Relu6": activation("relu6"), "LeakyRelu": activation("leaky_relu"),
    "Elu": activation("elu"), "Selu": activation("selu"), "Celu": activation("celu"),
    "Gelu": activation("gelu", ["approximate": true]), "Silu": activation("silu"),
    "HardSilu": activation("hard_silu"), "Sigmoid": activation("sigmoid"),
    "HardSigmoid": activation("hard_sigmoid"), "SparseSigmoid": activation("sparse_sigmoid"),
    "LogSigmoid": activation("log_sigmoid"), "HardTanh": activation("hard_tanh"),
    "TanhShrink": activation("tanh_shrink"), "SoftShrink": activation("soft_shrink"),
    "HardShrink": activation("hard_shrink"), "Threshold": activation("threshold"),
    "Softplus": activation("softplus"), "Squareplus": activation("squareplus"),
    "SparsePlus": activation("sparse_plus"), "Softsign": activation("softsign"), "Glu": activation("glu"),
    "Sparsemax": activation("sparsemax"), "LogSoftmax": activation("log_softmax"),
    "Softmax": activation("softmax"),
    // Functions without an operation are a layer in files.
    "Activation": .one(.layers, ["inputs"]) { (call) throws(KerasError) in
      try call.settings.activation("activation").apply(to: call.tensor("inputs"), in: call.graph)
    },

    "Add": binary(.add), "Subtract": binary(.subtract), "Multiply": binary(.multiply), "Divide": division,
    "TrueDivide": division, "FloorDivide": binary(.floorDivide), "Mod": binary(.remainder),
    "Maximum": binary(.maximum), "Minimum": binary(.minimum), "Power": binary(.power),
    "Arctan2": binary(.arctangent2),
    "DivideNoNan": .one(.numpy, ["x1", "x2"]) { (call) throws(KerasError) in
      let (a, b) = try call.pair()
      return try call.graph.divideNoNaN(call.graph.floating(a), call.graph.floating(b))
    },
    "LogicalAnd": logical(.logicalAnd), "LogicalOr": logical(.logicalOr), "LogicalXor": logical(.logicalXor),
    "LogicalNot": .one(.numpy) { (call) throws(KerasError) in try call.graph.logicalNot(call.x) },
  ]

  /// The operation that does what an activation does, with its settings; ``Activation`` for those without one.
  static func kind(of function: ActivationFunction) -> (className: String, settings: JSONObject) {
    let className = activationClasses[function.name]
    // Keras' `Relu` has no settings.
    guard let className, className != "Relu" || function == .relu else {
      return ("Activation", ["activation": function.json])
    }
    return (className, className == "Relu" ? [:] : function.settings)
  }

  private static let activationClasses: [String: String] = {
    let classes = functions.filter { $0.value.module == .nn }.keys
    return ["tanh": "Tanh", "exponential": "Exp"].merging(classes.map { (snakeCase($0), $0) }) { first, _ in
      first
    }
  }()

  // MARK: Comparisons

  private static func comparison(_ function: CompareOperation.Function) -> OperationKind {
    .one(.numpy, ["x1", "x2"]) { (call) throws(KerasError) in
      let (a, b) = try call.pair()
      return try call.graph.compare(function, a, b)
    }
  }

  static let comparisons: [String: OperationKind] = [
    "Equal": comparison(.equal), "NotEqual": comparison(.notEqual), "Less": comparison(.less),
    "LessEqual": comparison(.lessEqual), "Greater": comparison(.greater),
    "GreaterEqual": comparison(.greaterEqual),
    "Isnan": .one(.numpy) { (call) throws(KerasError) in try call.graph.compare(.notEqual, call.x, call.x) },
    "Where": .one(.numpy, ["condition", "x1", "x2"]) { (call) throws(KerasError) in
      let (a, b) = try call.pair()
      return try call.graph.select(call.graph.truth(call.tensor("condition")), a, b)
    },
  ]
}

extension GraphBuilder {
  /// The nearest numbers with so many decimals, halves to the even one.
  fileprivate func rounded(_ x: Value, decimals: Int) throws(KerasError) -> Value {
    guard (-30...30).contains(decimals) else {
      throw KerasError(.invalidArgument, "Numbers are rounded to -30 to 30 decimals, found \(decimals).")
    }
    let type = spec(of: x).dataType
    if decimals == 0 || decimals > 0 && !type.isFloatingPoint { return try unary(.round, x) }
    var factor: Float = 1
    for _ in 0..<abs(decimals) { factor *= 10 }
    if decimals < 0 { factor = 1 / factor }
    let scaled = try unary(.round, unary(.linear(scale: factor, offset: 0), floating(x)))
    return try cast(binary(.divide, scaled, scalar(Double(factor), like: scaled)), to: type)
  }
}
