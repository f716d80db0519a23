import KerasGraph

extension Problem {
  /// Whole graphs as networks have them: convolutions, normalizations, activations, residual additions,
  /// padding, pooling and joins in random order, sometimes with a dense head; some values are read twice,
  /// some never, and one to three are returned.
  public static func graphs(_ count: Int, seed: UInt64) throws(KerasError) -> [Problem] {
    var problems: [Problem] = []
    for number in 0..<count {
      var writer = GraphWriter(RandomChoices(seed: seed, number: number))
      problems.append(try writer.problem(label: "graphs, seed \(seed), number \(number)"))
    }
    return problems
  }
}

/// Writes one random graph.
private struct GraphWriter {
  var choices: RandomChoices
  let builder = GraphBuilder()
  /// Images `[batch, height, width, channels]` computed so far.
  var images: [Value] = []

  init(_ choices: RandomChoices) { self.choices = choices }

  mutating func problem(label: String) throws(KerasError) -> Problem {
    let input = choices.tensor(
      [
        choices.element(of: [1, 3]), choices.integer(in: 5...9), choices.integer(in: 5...9),
        choices.integer(in: 1...4),
      ])
    images = [builder.input(input.spec, name: "image")]
    for step in 0..<choices.integer(in: 3...14) {
      builder.scope = "step\(step)"
      images.append(try next())
    }
    var outputs = [images[images.count - 1]]
    if choices.oneIn(2) { outputs.append(choices.element(of: images)) }
    if choices.oneIn(2) { outputs.append(try head()) }
    return Problem(builder.finish(returning: outputs), inputs: [input], summands: 600, label: label)
  }

  /// One more image, mostly from the latest.
  private mutating func next() throws(KerasError) -> Value {
    let x = choices.oneIn(4) ? choices.element(of: images) : images[images.count - 1]
    let shape = builder.shape(of: x).compactMap { $0 }
    switch choices.integer(in: 0...11) {
    case 0...2: return try convolution(x, shape)
    case 3, 4: return try normalization(x)
    case 5, 6:
      return try builder.unary(
        choices.element(of: [.relu, .relu, .clip(low: 0, high: 6), .sigmoid, .tanh]), x)
    case 7, 8:
      let partners = images.filter { builder.shape(of: $0) == builder.shape(of: x) }
      return try builder.add(x, choices.element(of: partners))
    case 9:
      let padding = (0..<2).map { _ in AxisPadding(choices.integer(in: 0...1), choices.integer(in: 0...1)) }
      return try builder.pad(x, [.none] + padding + [.none])
    case 10:
      let kind = choices.element(of: PoolingOperation.Kind.allCases)
      let size = (1...2).map { min(shape[$0], 3) }
      let padding = size.map { AxisPadding($0 / 2, $0 / 2) }
      return try builder.pooling(
        kind, x, window: Window(size, strides: [1, choices.integer(in: 1...2)], padding: padding))
    default:
      let partners = images.filter {
        Array(builder.shape(of: $0).dropLast()) == Array(builder.shape(of: x).dropLast())
      }
      guard shape[3] < 12 else { return try builder.unary(.relu, x) }
      return try builder.concatenate([x, choices.element(of: partners)])
    }
  }

  /// A convolution that keeps height, width and, mostly, channels, so that residuals fit; bias or none.
  private mutating func convolution(_ x: Value, _ shape: [Int]) throws(KerasError) -> Value {
    let size = (1...2).map { min(choices.element(of: [1, 3]), shape[$0]) }
    let padding = size.map { AxisPadding(($0 - 1) / 2, $0 - 1 - ($0 - 1) / 2) }
    let isDepthwise = choices.oneIn(3)
    let filters = isDepthwise || !choices.oneIn(4) ? shape[3] : choices.integer(in: 1...6)
    let kernelShape = size + [isDepthwise ? 1 : shape[3], filters]
    // What is read with strides by windows of one place need not be computed whole.
    let skips = size.allSatisfy { $0 == 1 } && choices.oneIn(3)
    let sum = try builder.convolution(
      x, kernel: try kernel(kernelShape),
      window: Window(size, strides: skips ? [2, choices.integer(in: 1...2)] : nil, padding: padding),
      groups: isDepthwise ? shape[3] : 1)
    guard choices.oneIn(2) else { return sum }
    let bias = builder.constant(choices.tensor([filters]))
    return try choices.oneIn(2) ? builder.add(sum, bias) : builder.add(bias, sum)
  }

  /// Weights that keep the size of what passes, some stored in another shape.
  private mutating func kernel(_ shape: [Int]) throws(KerasError) -> Value {
    let bound = (3 / Double(elementCountOf(Array(shape.dropLast())))).squareRoot()
    let isStoredFlat = choices.oneIn(4)
    let stored = choices.tensor(isStoredFlat ? [elementCountOf(shape)] : shape, in: -bound...bound)
    let value = builder.constant(stored)
    return isStoredFlat ? try builder.reshape(value, to: shape) : value
  }

  private mutating func normalization(_ x: Value) throws(KerasError) -> Value {
    let channels = [builder.shape(of: x).compactMap { $0 }.last ?? 1]
    return try builder.batchNormalization(
      x, gamma: builder.constant(choices.tensor(channels, in: 0.5...1.5)),
      beta: builder.constant(choices.tensor(channels)), mean: builder.constant(choices.tensor(channels)),
      variance: builder.constant(choices.tensor(channels, in: 0.5...1.5)), epsilon: 1e-3)
  }

  /// Flatten or average, dense, normalize, softmax.
  private mutating func head() throws(KerasError) -> Value {
    builder.scope = "head"
    let x = images[images.count - 1]
    let shape = builder.shape(of: x).compactMap { $0 }
    let features =
      try choices.oneIn(2)
      ? builder.reduce(.mean, x, axes: [1, 2]) : builder.reshape(x, to: [shape[0], -1])
    let width = builder.shape(of: features).compactMap { $0 }[1]
    var scores = try builder.matrixMultiply(features, try kernel([width, 5]))
    if choices.oneIn(2) { scores = try builder.add(scores, builder.constant(choices.tensor([5]))) }
    if choices.oneIn(2) { scores = try normalization(scores) }
    return try builder.softmax(scores)
  }
}
