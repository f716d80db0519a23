import KerasGraph

extension ActivationFunction {
  /// A function: Keras' name, its settings with their defaults, and its formula.
  struct Row: Sendable {
    /// What a setting may be.
    enum Setting: Sendable {
      case number(Double)
      /// A number that files must give.
      case requiredNumber
      /// A number or null, which is the default.
      case optionalNumber
      case flag(Bool)
      case axis(Int)
      case axes(Int)
    }
    typealias Formula =
      @Sendable (_ x: Value, _ graph: GraphBuilder, _ settings: Configuration) throws -> Value

    let name: String
    let settings: KeyValuePairs<String, Setting>
    /// Whether the order of axes matters.
    let seesAxes: Bool
    let record: Formula

    init(
      _ name: String, _ settings: KeyValuePairs<String, Setting> = [:], seesAxes: Bool = false,
      _ record: @escaping Formula
    ) {
      (self.name, self.settings, self.seesAxes, self.record) = (name, settings, seesAxes, record)
    }

    var defaults: JSONObject {
      JSONObject(
        settings.compactMap { key, setting in
          switch setting {
          case .number(let number): (key, .number(number))
          case .requiredNumber: nil
          case .optionalNumber: (key, .null)
          case .flag(let flag): (key, .bool(flag))
          case .axis(let axis), .axes(let axis): (key, .integer(axis))
          }
        })
    }

    /// The settings that a file gives.
    func read(_ configuration: Configuration) throws(KerasError) -> JSONObject {
      var given: JSONObject = [:]
      for (key, setting) in settings {
        switch setting {
        case .number, .optionalNumber: given[key] = try configuration.number(key).map(JSON.number)
        case .requiredNumber: given[key] = .number(try configuration.requiredNumber(key))
        case .flag: given[key] = try configuration.boolean(key).map(JSON.bool)
        case .axis: given[key] = try configuration.integer(key).map(JSON.integer)
        case .axes: given[key] = try configuration.axes(key)?.json
        }
      }
      return given
    }
  }

  /// Whether it looks at more than one element at a time; nobody knows of a user's.
  var seesAxes: Bool { isCustom || Self.rows[name]?.seesAxes ?? true }

  static let rows = Dictionary(table.map { ($0.name, $0) }) { $1 }

  /// The names Keras has, as files hold them.
  static let names = table.filter { $0.name != "threshold" && !$0.name.contains(">") }.map(\.name)

  private static let table: [Row] = [
    Row("linear") { x, _, _ in x },
    Row("relu", ["max_value": .optionalNumber, "negative_slope": .number(0), "threshold": .number(0)]) {
      x, graph, settings in
      try graph.relu(
        x, negativeSlope: settings.requiredNumber("negative_slope"), maximum: settings.number("max_value"),
        threshold: settings.requiredNumber("threshold"))
    },
    Row("relu6") { x, graph, _ in try graph.unary(.relu6, x) },
    Row("leaky_relu", ["negative_slope": .number(0.2)]) { x, graph, settings in
      try graph.unary(.leakyRelu(slope: Float(settings.requiredNumber("negative_slope"))), x)
    },
    Row("elu", ["alpha": .number(1)]) { x, graph, settings in
      let (standard, alpha) = (try graph.unary(.elu(alpha: 1), x), try settings.requiredNumber("alpha"))
      if alpha == 1 { return standard }
      // Chosen by x itself, so that the slope at 0 is alpha, as in Keras.
      return try graph.select(graph.compare(.greater, x, 0), standard, graph.linear(alpha, standard))
    },
    Row("selu") { x, graph, _ in
      try graph.linear(1.0507009873554805, graph.unary(.elu(alpha: 1.6732632423543772), x))
    },
    Row("celu", ["alpha": .number(1)]) { x, graph, settings in
      let (zero, alpha) = (try graph.scalar(0, like: x), try settings.requiredNumber("alpha"))
      let positive = try graph.binary(.maximum, x, zero)
      let negative = try graph.linear(1 / alpha, graph.binary(.minimum, x, zero))
      return try graph.add(positive, graph.linear(alpha, graph.unary(.exponentialMinusOne, negative)))
    },
    Row("gelu", ["approximate": .flag(false)]) { x, graph, settings in
      guard try settings.boolean("approximate", default: false) else {
        let share = try graph.unary(.errorFunction, graph.linear(0.5.squareRoot(), x))
        return try graph.multiply(x, graph.linear(0.5, share, 0.5))
      }
      let cube = try graph.multiply(x, graph.unary(.square, x))
      let inner = try graph.linear((2 / Double.pi).squareRoot(), graph.add(x, graph.linear(0.044715, cube)))
      return try graph.multiply(x, graph.linear(0.5, graph.unary(.tanh, inner), 0.5))
    },
    Row("silu") { x, graph, _ in try graph.multiply(x, graph.unary(.sigmoid, x)) },
    Row("hard_silu") { x, graph, _ in try graph.multiply(x, graph.hardSigmoid(x)) },
    Row("sigmoid") { x, graph, _ in try graph.unary(.sigmoid, x) },
    Row("hard_sigmoid") { x, graph, _ in try graph.hardSigmoid(x) },
    // What Keras 1 and 2 call `hard_sigmoid`, in files of Keras 3, which has no such function.
    Row("keras2>hard_sigmoid") { x, graph, _ in
      try graph.unary(.clip(low: 0, high: 1), graph.linear(0.2, x, 0.5))
    },
    Row("sparse_sigmoid") { x, graph, _ in
      let middle = try graph.select(
        graph.compare(.greaterEqual, x, 1), graph.scalar(1, like: x), graph.linear(0.5, x, 0.5))
      return try graph.select(graph.compare(.lessEqual, x, -1), graph.scalar(0, like: x), middle)
    },
    Row("log_sigmoid") { x, graph, _ in
      try graph.unary(.negate, graph.unary(.softplus, graph.unary(.negate, x)))
    },
    Row("tanh") { x, graph, _ in try graph.unary(.tanh, x) },
    Row("hard_tanh") { x, graph, _ in try graph.unary(.clip(low: -1, high: 1), x) },
    Row("tanh_shrink") { x, graph, _ in try graph.binary(.subtract, x, graph.unary(.tanh, x)) },
    Row("soft_shrink", ["threshold": .number(0.5)]) { x, graph, settings in
      let threshold = try settings.requiredNumber("threshold")
      let below = try graph.select(
        graph.compare(.less, x, -threshold), graph.linear(1, x, threshold), graph.scalar(0, like: x))
      return try graph.select(graph.compare(.greater, x, threshold), graph.linear(1, x, -threshold), below)
    },
    Row("hard_shrink", ["threshold": .number(0.5)]) { x, graph, settings in
      let isLarge = try graph.compare(
        .greater, graph.unary(.absolute, x), settings.requiredNumber("threshold"))
      return try graph.select(isLarge, x, graph.scalar(0, like: x))
    },
    Row("threshold", ["threshold": .requiredNumber, "default_value": .requiredNumber]) { x, graph, settings in
      let isLarge = try graph.compare(.greater, x, settings.requiredNumber("threshold"))
      return try graph.select(isLarge, x, graph.scalar(settings.requiredNumber("default_value"), like: x))
    },
    Row("softplus") { x, graph, _ in try graph.unary(.softplus, x) },
    Row("squareplus", ["b": .number(4)]) { x, graph, settings in
      let root = try graph.unary(
        .squareRoot, graph.linear(1, graph.unary(.square, x), settings.requiredNumber("b")))
      return try graph.linear(0.5, graph.add(x, root))
    },
    Row("sparse_plus") { x, graph, _ in
      let curve = try graph.linear(0.25, graph.unary(.square, graph.linear(1, x, 1)))
      let middle = try graph.select(graph.compare(.less, x, 1), curve, x)
      return try graph.select(graph.compare(.lessEqual, x, -1), graph.scalar(0, like: x), middle)
    },
    Row("softsign") { x, graph, _ in try graph.unary(.softsign, x) },
    Row("mish") { x, graph, _ in try graph.multiply(x, graph.unary(.tanh, graph.unary(.softplus, x))) },
    Row("glu", ["axis": .axis(-1)], seesAxes: true) { x, graph, settings in
      try graph.gatedHalf(of: x, axis: settings.requiredInteger("axis"))
    },
    Row("exponential") { x, graph, _ in try graph.unary(.exponential, x) },
    Row("softmax", ["axis": .axes(-1)], seesAxes: true) { x, graph, settings in
      try graph.softmax(x, along: settings.axes("axis", default: -1))
    },
    Row("log_softmax", ["axis": .axis(-1)], seesAxes: true) { x, graph, settings in
      let axes = [try settings.requiredInteger("axis")]
      let shifted = try graph.binary(
        .subtract, x, graph.reduce(.maximum, x, axes: axes, keepsDimensions: true))
      let sum = try graph.reduce(.sum, graph.unary(.exponential, shifted), axes: axes, keepsDimensions: true)
      return try graph.binary(.subtract, shifted, graph.unary(.logarithm, sum))
    },
    Row("sparsemax", ["axis": .axis(-1)], seesAxes: true) { x, graph, settings in
      try graph.sparsemax(x, axis: settings.requiredInteger("axis"))
    },
  ]
}

extension GraphBuilder {
  fileprivate func linear(_ scale: Double, _ x: Value, _ offset: Double = 0) throws(KerasError) -> Value {
    try unary(.linear(scale: Float(scale), offset: Float(offset)), x)
  }

  fileprivate func hardSigmoid(_ x: Value) throws(KerasError) -> Value {
    try linear(1.0 / 6, unary(.relu6, linear(1, x, 3)))
  }

  /// In Keras' order of steps, which decides the derivative at the two kinks.
  fileprivate func relu(
    _ x: Value, negativeSlope: Double, maximum: Double?, threshold: Double
  ) throws(KerasError) -> Value {
    if negativeSlope != 0, maximum == nil, threshold == 0 {
      return try unary(.leakyRelu(slope: Float(negativeSlope)), x)
    }
    var result: Value
    if threshold != 0 {
      result = try select(compare(.greater, x, threshold), x, scalar(0, like: x))
    } else {
      result = try unary(maximum == 6 ? .relu6 : .relu, x)
    }
    if let maximum, threshold != 0 || maximum != 6 {
      result = try unary(.clip(low: 0, high: Float(maximum)), result)
    }
    guard negativeSlope != 0 else { return result }
    return try add(result, linear(-negativeSlope, unary(.relu, linear(-1, x, threshold))))
  }

  fileprivate func gatedHalf(of x: Value, axis: Int) throws(KerasError) -> Value {
    let length = try knownLength(axis, of: spec(of: x))
    try require(
      length % 2 == 0, .shapeMismatch,
      "glu halves axis \(axis), which must have an even length, found \(shape(of: x)).")
    let first = try slice(x, axis: axis, from: 0, count: length / 2)
    let second = try slice(x, axis: axis, from: length / 2, count: length / 2)
    return try multiply(first, unary(.sigmoid, second))
  }

  /// Along several axes as along one that holds all their elements.
  fileprivate func softmax(_ x: Value, along axes: AxisSelection) throws(KerasError) -> Value {
    let shape = shape(of: x)
    let chosen = try axes.resolved(rank: shape.rank)
    if chosen.count == 1 { return try softmax(x, axis: chosen[0]) }
    let order = shape.indices.filter { !chosen.contains($0) } + chosen
    let moved = try transpose(x, order)
    let inner = Shape(chosen.map { shape[$0] }).elementCount
    let outer = order.dropLast(chosen.count).map { shape[$0] }
    let normalized = try softmax(reshaped(moved, to: Shape(outer + [inner])))
    let back = order.indices.sorted { order[$0] < order[$1] }
    return try transpose(reshaped(normalized, to: self.shape(of: moved)), back)
  }

  /// As Keras 3.15 computes it: the k largest numbers stay, lowered by one threshold.
  ///
  /// That is Algorithm 1 of the paper but for the threshold's numerator, where Keras adds up the first k running
  /// sums in place of the first k numbers; results add up to 1 only where one number stays.
  fileprivate func sparsemax(_ x: Value, axis: Int) throws(KerasError) -> Value {
    let (shape, type) = (shape(of: x), spec(of: x).dataType)
    let length = try knownLength(axis, of: spec(of: x))
    let axis = try resolvedAxis(axis, rank: shape.rank)
    let (zero, one) = (try scalar(0, like: x), try scalar(1, like: x))
    let sorted = try sort(x, axis: axis, isDescending: true).values
    let sums = try cumulative(.sum, sorted, axis: axis)
    let lengths = shape.indices.map { $0 == axis ? length : 1 }
    let counts = constant(
      Tensor(uninitialized: lengths, Float.self) { for i in $0.indices { $0[i] = Float(i + 1) } })
    let means = try binary(.divide, binary(.subtract, sums, one), cast(counts, to: type))
    let isKept = try compare(.greater, sorted, means)
    let kept = try reduce(.sum, cast(isKept, to: type), axes: [axis], keepsDimensions: true)
    let total = try reduce(.sum, select(isKept, sums, zero), axes: [axis], keepsDimensions: true)
    let threshold = try binary(.divide, binary(.subtract, total, one), kept)
    return try binary(.maximum, binary(.subtract, x, threshold), zero)
  }
}
