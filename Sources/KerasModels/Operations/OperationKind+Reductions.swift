import KerasLayers

// Reductions: along the axes of the setting `axis`, or over everything where it is null.

extension OperationKind {
  private static func reduction(
    _ module: Module = .numpy,
    _ reduce: @escaping @Sendable (GraphBuilder, Value, [Int]?, Bool) throws(KerasError) -> Value
  ) -> OperationKind {
    .one(module) { (call) throws(KerasError) in
      let axes = try call.settings.integers("axis")
      return try reduce(call.graph, call.x, axes, call.settings.boolean("keepdims", default: false))
    }
  }

  /// The largest or smallest element, starting with the setting `initial` if there is one.
  private static func extreme(
    _ function: BinaryOperation.Function,
    _ reduce: @escaping @Sendable (GraphBuilder, Value, [Int]?, Bool) throws(KerasError) -> Value
  ) -> OperationKind {
    .one(.numpy) { (call) throws(KerasError) in
      let axes = try call.settings.integers("axis")
      let result = try reduce(call.graph, call.x, axes, call.settings.boolean("keepdims", default: false))
      guard let initial = try call.settings.number("initial") else { return result }
      return try call.graph.binary(function, result, call.graph.scalar(initial, like: result))
    }
  }

  private static func position(_ function: ArgumentReductionOperation.Function) -> OperationKind {
    .one(.numpy) { (call) throws(KerasError) in
      let keeps = try call.settings.boolean("keepdims", default: false)
      if let axis = try call.settings.integer("axis") {
        return try call.graph.argument(function, call.x, axis: axis, keepsDimensions: keeps)
      }
      let found = try call.graph.argument(
        function, call.graph.flatten(call.x), axis: 0, keepsDimensions: false)
      let rank = try call.graph.shape(of: call.x).rank
      return keeps ? try call.graph.reshape(found, to: [Int](repeating: 1, count: rank)) : found
    }
  }

  private static func cumulative(_ function: CumulativeOperation.Function) -> OperationKind {
    .one(.numpy) { (call) throws(KerasError) in
      var x = try call.x
      if let type = try call.dataType { x = try call.graph.cast(x, to: type) }
      let axis = try call.settings.integer("axis")
      // Keras has no words for the last two, and refuses them by name.
      return try call.graph.cumulative(
        function, axis == nil ? call.graph.flatten(x) : x, axis: axis ?? 0,
        isReversed: call.settings.boolean("reverse", default: false),
        isExclusive: call.settings.boolean("exclusive", default: false))
    }
  }

  static let reductions: [String: OperationKind] = [
    "Sum": reduction { (graph, x, axes, keeps) throws(KerasError) in
      try graph.sum(graph.countable(x), axes: axes, keepsDimensions: keeps)
    },
    "Mean": reduction { (graph, x, axes, keeps) throws(KerasError) in
      try graph.mean(graph.floating(x), axes: axes, keepsDimensions: keeps)
    },
    "Prod": .one(.numpy) { (call) throws(KerasError) in
      var x = try call.graph.countable(call.x)
      if let type = try call.dataType { x = try call.graph.cast(x, to: type) }
      let axes = try call.graph.resolvedAxes(call.settings.integers("axis"), of: x)
      return try call.graph.reduce(
        .product, x, axes: axes, keepsDimensions: call.settings.boolean("keepdims", default: false))
    },
    "Max": extreme(.maximum) { (graph, x, axes, keeps) throws(KerasError) in
      try graph.maximum(of: x, axes: axes, keepsDimensions: keeps)
    },
    "Min": extreme(.minimum) { (graph, x, axes, keeps) throws(KerasError) in
      try graph.minimum(of: x, axes: axes, keepsDimensions: keeps)
    },
    "Amax": reduction { (graph, x, axes, keeps) throws(KerasError) in
      try graph.maximum(of: x, axes: axes, keepsDimensions: keeps)
    },
    "Amin": reduction { (graph, x, axes, keeps) throws(KerasError) in
      try graph.minimum(of: x, axes: axes, keepsDimensions: keeps)
    },
    "Var": reduction { (graph, x, axes, keeps) throws(KerasError) in
      try graph.variance(graph.floating(x), axes: axes, keepsDimensions: keeps)
    },
    "Std": reduction { (graph, x, axes, keeps) throws(KerasError) in
      try graph.standardDeviation(graph.floating(x), axes: axes, keepsDimensions: keeps)
    },
    "Logsumexp": reduction(.math) { (graph, x, axes, keeps) throws(KerasError) in
      try graph.logSumExp(graph.floating(x), axes: axes, keepsDimensions: keeps)
    },
    "Any": reduction { (graph, x, axes, keeps) throws(KerasError) in
      try graph.any(x, axes: axes, keepsDimensions: keeps)
    },
    "All": reduction { (graph, x, axes, keeps) throws(KerasError) in
      try graph.all(x, axes: axes, keepsDimensions: keeps)
    },
    // Keras' has no `keepdims`, and refuses it by name.
    "CountNonzero": reduction { (graph, x, axes, keeps) throws(KerasError) in
      try graph.countNonzero(x, axes: axes, keepsDimensions: keeps)
    },
    "Norm": .one(.linalg) { (call) throws(KerasError) in
      let axes = try call.settings.integers("axis")
      return try call.graph.norm(
        call.graph.floating(call.x), order: call.normOrder(axes), axes: axes,
        keepsDimensions: call.settings.boolean("keepdims", default: false))
    },
    "Normalize": .one(.nn) { (call) throws(KerasError) in
      try call.graph.normalize(
        call.graph.floating(call.x), order: call.settings.number("order", default: 2),
        axes: call.settings.integers("axis") ?? [-1], epsilon: call.settings.number("epsilon", default: 1e-7))
    },
    "Argmax": position(.maximum), "Argmin": position(.minimum),
    "Cumsum": cumulative(.sum), "Cumprod": cumulative(.product),
  ]
}

extension OperationOperands {
  /// The setting `dtype`.
  var dataType: DataType? {
    get throws(KerasError) {
      guard let name = try settings.string("dtype") else { return nil }
      return try DataTypePolicy(named: name).variableType
    }
  }

  /// The order of a norm of vectors. Norms of matrices other than Frobenius' need more than sums.
  fileprivate func normOrder(_ axes: [Int]?) throws(KerasError) -> Double {
    guard let order = settings.value("ord") else { return 2 }
    if order.string == "fro" || order.string == "euclidean" { return 2 }
    if let text = order.string, ["inf", "-inf"].contains(text) {
      return text == "inf" ? .infinity : -.infinity
    }
    guard let number = order.number else { throw settings.wrong("ord", "a number", order) }
    // A setting of ours, which Keras refuses by name: it would take several axes for those of a matrix.
    let flattens = try settings.boolean("flattens", default: false)
    if flattens || axes?.count == 1 { return number }
    let rank = try graph.shape(of: x).rank
    if axes == nil, rank == 1 { return number }
    throw KerasError(
      .unsupported,
      "A norm of order \(number) along two axes is one of matrices, which are not computed here.",
      remedy: "use order 2 (Frobenius' norm), or one axis.")
  }
}

extension GraphBuilder {
  /// Truth values as numbers, which can be added.
  fileprivate func countable(_ x: Value) throws(KerasError) -> Value {
    spec(of: x).dataType == .bool ? try cast(x, to: .int32) : x
  }
}
