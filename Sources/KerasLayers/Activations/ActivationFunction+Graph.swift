import KerasGraph

extension ActivationFunction {
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
    func linear(_ scale: Double, _ value: Value, _ offset: Double = 0) throws(KerasError) -> Value {
      try graph.unary(.linear(scale: Float(scale), offset: Float(offset)), value)
    }
    func zero() throws(KerasError) -> Value { try graph.scalar(0, like: x) }
    switch function {
    case .linear: return x
    case .relu(0, nil, 0): return try graph.unary(.relu, x)
    case .relu(let negativeSlope, let maximum, let threshold):
      return try relu(x, negativeSlope, maximum, threshold, in: graph)
    case .relu6: return try graph.unary(.relu6, x)
    case .leakyRelu(let slope): return try graph.unary(.leakyRelu(slope: Float(slope)), x)
    case .elu(1): return try graph.unary(.elu(alpha: 1), x)
    case .elu(let alpha):
      // Chosen by x itself, so that the slope at 0 is alpha, as in Keras.
      let standard = try graph.unary(.elu(alpha: 1), x)
      return try graph.select(graph.compare(.greater, x, 0), standard, linear(alpha, standard))
    case .selu: return try linear(1.0507009873554805, graph.unary(.elu(alpha: 1.6732632423543772), x))
    case .celu(let alpha):
      let positive = try graph.binary(.maximum, x, zero())
      let negative = try linear(1 / alpha, graph.binary(.minimum, x, zero()))
      return try graph.add(positive, linear(alpha, graph.unary(.exponentialMinusOne, negative)))
    case .gelu(false):
      let share = try graph.unary(.errorFunction, linear(0.5.squareRoot(), x))
      return try graph.multiply(x, linear(0.5, share, 0.5))
    case .gelu(true):
      let cube = try graph.multiply(x, graph.unary(.square, x))
      let inner = try linear((2 / Double.pi).squareRoot(), graph.add(x, linear(0.044715, cube)))
      return try graph.multiply(x, linear(0.5, graph.unary(.tanh, inner), 0.5))
    case .silu: return try graph.multiply(x, graph.unary(.sigmoid, x))
    case .hardSilu: return try graph.multiply(x, ActivationFunction.hardSigmoid.apply(to: x, in: graph))
    case .sigmoid: return try graph.unary(.sigmoid, x)
    case .hardSigmoid: return try linear(1.0 / 6, graph.unary(.relu6, linear(1, x, 3)))
    case .legacyHardSigmoid: return try graph.unary(.clip(low: 0, high: 1), linear(0.2, x, 0.5))
    case .sparseSigmoid:
      let middle = try graph.select(
        graph.compare(.greaterEqual, x, 1), graph.scalar(1, like: x), linear(0.5, x, 0.5))
      return try graph.select(graph.compare(.lessEqual, x, -1), zero(), middle)
    case .logSigmoid:
      return try graph.unary(.negate, graph.unary(.softplus, graph.unary(.negate, x)))
    case .tanh: return try graph.unary(.tanh, x)
    case .hardTanh: return try graph.unary(.clip(low: -1, high: 1), x)
    case .tanhShrink: return try graph.binary(.subtract, x, graph.unary(.tanh, x))
    case .softShrink(let threshold):
      let below = try graph.select(
        graph.compare(.less, x, -threshold), linear(1, x, threshold), zero())
      return try graph.select(graph.compare(.greater, x, threshold), linear(1, x, -threshold), below)
    case .hardShrink(let threshold):
      return try graph.select(graph.compare(.greater, graph.unary(.absolute, x), threshold), x, zero())
    case .threshold(let threshold, let otherwise):
      return try graph.select(graph.compare(.greater, x, threshold), x, graph.scalar(otherwise, like: x))
    case .softplus: return try graph.unary(.softplus, x)
    case .squareplus(let b):
      let root = try graph.unary(.squareRoot, linear(1, graph.unary(.square, x), b))
      return try linear(0.5, graph.add(x, root))
    case .sparsePlus:
      let middle = try graph.select(
        graph.compare(.less, x, 1), linear(0.25, graph.unary(.square, linear(1, x, 1))), x)
      return try graph.select(graph.compare(.lessEqual, x, -1), zero(), middle)
    case .softsign: return try graph.unary(.softsign, x)
    case .mish: return try graph.multiply(x, graph.unary(.tanh, graph.unary(.softplus, x)))
    case .glu(let axis): return try gatedHalf(of: x, axis: axis, in: graph)
    case .exponential: return try graph.unary(.exponential, x)
    case .softmax(let axes): return try softmax(x, axes, in: graph)
    case .logSoftmax(let axis):
      let shifted = try graph.binary(
        .subtract, x, graph.reduce(.maximum, x, axes: [axis], keepsDimensions: true))
      let sum = try graph.reduce(
        .sum, graph.unary(.exponential, shifted), axes: [axis], keepsDimensions: true)
      return try graph.binary(.subtract, shifted, graph.unary(.logarithm, sum))
    case .sparsemax(let axis): return try sparsemax(x, axis: axis, in: graph)
    case .custom(let name):
      guard let record = Self.registered(name) else {
        throw KerasError(
          .unknownName, "There is no activation called `\(name)`.",
          remedy: "register it before: ActivationFunction.register(\"\(name)\") { x, graph in … }.")
      }
      return try wrappingErrors { try record(x, graph) }
    }
  }

  /// In Keras' order of steps, which decides the derivative at the two kinks.
  private func relu(
    _ x: Value, _ negativeSlope: Double, _ maximum: Double?, _ threshold: Double, in graph: GraphBuilder
  ) throws(KerasError) -> Value {
    if negativeSlope != 0, maximum == nil, threshold == 0 {
      return try graph.unary(.leakyRelu(slope: Float(negativeSlope)), x)
    }
    var result: Value
    if threshold != 0 {
      result = try graph.select(graph.compare(.greater, x, threshold), x, graph.scalar(0, like: x))
    } else {
      result = try graph.unary(maximum == 6 ? .relu6 : .relu, x)
    }
    if let maximum, threshold != 0 || maximum != 6 {
      result = try graph.unary(.clip(low: 0, high: Float(maximum)), result)
    }
    guard negativeSlope != 0 else { return result }
    let below = try graph.unary(.relu, graph.unary(.linear(scale: -1, offset: Float(threshold)), x))
    return try graph.add(result, graph.unary(.linear(scale: Float(-negativeSlope), offset: 0), below))
  }

  private func gatedHalf(of x: Value, axis: Int, in graph: GraphBuilder) throws(KerasError) -> Value {
    let length = try knownLength(axis, of: graph.spec(of: x))
    guard length % 2 == 0 else {
      throw KerasError(
        .shapeMismatch,
        "glu halves axis \(axis), which must have an even length, found \(graph.shape(of: x)).")
    }
    let first = try graph.slice(x, axis: axis, from: 0, count: length / 2)
    let second = try graph.slice(x, axis: axis, from: length / 2, count: length / 2)
    return try graph.multiply(first, graph.unary(.sigmoid, second))
  }

  /// Along several axes as along one that holds all their elements.
  private func softmax(_ x: Value, _ axes: AxisSelection, in graph: GraphBuilder) throws(KerasError) -> Value
  {
    let shape = graph.shape(of: x)
    let chosen = try axes.resolved(rank: shape.rank)
    if chosen.count == 1 { return try graph.softmax(x, axis: chosen[0]) }
    let order = shape.indices.filter { !chosen.contains($0) } + chosen
    let moved = try graph.transpose(x, order)
    let inner = Shape(chosen.map { shape[$0] }).elementCount
    let outer = order.dropLast(chosen.count).map { shape[$0] }
    let normalized = try graph.softmax(graph.reshaped(moved, to: Shape(outer + [inner])))
    let back = order.indices.sorted { order[$0] < order[$1] }
    return try graph.transpose(graph.reshaped(normalized, to: graph.shape(of: moved)), back)
  }

  /// As Keras 3.15 computes it: the k largest numbers stay, lowered by one threshold.
  ///
  /// That is Algorithm 1 of the paper but for the threshold's numerator, where Keras adds up the first k running
  /// sums in place of the first k numbers; results add up to 1 only where one number stays.
  private func sparsemax(_ x: Value, axis: Int, in graph: GraphBuilder) throws(KerasError) -> Value {
    let shape = graph.shape(of: x)
    let length = try knownLength(axis, of: graph.spec(of: x))
    let axis = try resolvedAxis(axis, rank: shape.rank)
    let sorted = try graph.sort(x, axis: axis, isDescending: true).values
    let sums = try graph.cumulative(.sum, sorted, axis: axis)
    let lengths = shape.indices.map { $0 == axis ? length : 1 }
    let counts = graph.constant(
      Tensor(uninitialized: lengths, Float.self) { for i in $0.indices { $0[i] = Float(i + 1) } })
    let counting = try graph.cast(counts, to: graph.spec(of: x).dataType)
    let one = try graph.scalar(1, like: x)
    let means = try graph.binary(.divide, graph.binary(.subtract, sums, one), counting)
    let isKept = try graph.compare(.greater, sorted, means)
    let kept = try graph.reduce(
      .sum, graph.cast(isKept, to: graph.spec(of: x).dataType), axes: [axis], keepsDimensions: true)
    let total = try graph.reduce(
      .sum, graph.select(isKept, sums, graph.scalar(0, like: x)), axes: [axis], keepsDimensions: true)
    let threshold = try graph.binary(.divide, graph.binary(.subtract, total, one), kept)
    return try graph.binary(.maximum, graph.binary(.subtract, x, threshold), graph.scalar(0, like: x))
  }
}
