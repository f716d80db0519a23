import KerasGraph

/// `(x − mean) / √variance`, with statistics that are given or learnt from data by ``adapt(to:)``.
///
/// - Input: any shape; the axes `axis` must have known lengths. Output: the same.
/// - Weights, when not given: `mean` and `variance` with the lengths of the axes kept, and `count []` (int64).
///
/// ```swift
/// let normalize = Normalization()
/// try normalize.adapt(to: trainingData)
/// ```
public final class Normalization: Layer, AdaptableLayer, @unchecked Sendable {
  /// Each place along these axes has statistics of its own; empty for one for all.
  @Setting("axis", .axes) public private(set) var axis: [Int]
  @Setting("invert") public private(set) var isInverted: Bool
  @Setting("mean") private var mean: NumberArray?
  @Setting("variance") private var variance: NumberArray?

  /// - Parameters:
  ///   - isInverted: gives back what another such layer was given: `x · √variance + mean`.
  public convenience init(axis: [Int] = [-1], isInverted: Bool = false, name: String? = nil) {
    self.init(nil, nil, axis, isInverted, name: name)
  }

  /// With statistics known beforehand: one number for all, or arrays along the axes kept.
  public convenience init(
    mean: [Double], variance: [Double], axis: [Int] = [-1], isInverted: Bool = false, name: String? = nil
  ) {
    self.init(NumberArray(mean), NumberArray(variance), axis, isInverted, name: name)
  }

  private init(
    _ mean: NumberArray?, _ variance: NumberArray?, _ axis: [Int], _ isInverted: Bool, name: String?
  ) {
    super.init(name: name)
    self.mean = mean
    self.variance = variance
    self.axis = axis
    self.isInverted = isInverted
  }

  public override func settingsWereRead(from configuration: Configuration) throws(KerasError) {
    guard (mean == nil) == (variance == nil) else {
      throw configuration.wrong(
        "variance", "given where the mean is, and only there", variance?.json ?? .null)
    }
  }

  public override var supportsMasking: Bool { true }

  public override func build(for inputs: [TensorSpec]) throws(KerasError) {
    let kept = try keptLengths(of: inputs[0])
    if let mean = mean?.tensor.shape, let variance = variance?.tensor.shape {
      try require(
        mean == variance && mean.count <= kept.count, .shapeMismatch,
        "Mean \(Shape(mean)) and variance \(Shape(variance)) do not fit the axes \(axis).")
      return
    }
    addWeight("mean", shape: kept, initializer: .zeros, isTrainable: false)
    addWeight("variance", shape: kept, initializer: .ones, isTrainable: false)
    addWeight("count", shape: [], initializer: .zeros, isTrainable: false, dataType: .int64)
  }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    let graph = context.graph
    let x = try graph.cast(input, to: dataTypePolicy.computeType)
    let mean = try statistic(mean?.tensor, "mean", for: x, in: context)
    let variance = try statistic(variance?.tensor, "variance", for: x, in: context)
    // As Keras: no deviation is smaller than its epsilon.
    let deviation = try graph.binary(
      .maximum, graph.unary(.squareRoot, variance), graph.scalar(1e-7, like: variance))
    return isInverted
      ? try graph.add(mean, graph.multiply(x, deviation))
      : try graph.binary(.divide, graph.binary(.subtract, x, mean), deviation)
  }

  /// Which axes of `spec` are kept, from the front, and how long they are.
  private func keptAxes(of spec: TensorSpec) throws(KerasError) -> [Int] {
    try AxisSelection.several(axis).resolved(rank: spec.shape.rank)
  }

  private func keptLengths(of spec: TensorSpec) throws(KerasError) -> [Int] {
    var lengths: [Int] = []
    for axis in try keptAxes(of: spec) { lengths.append(try knownLength(axis, of: spec)) }
    return lengths
  }

  /// A given array, or a weight, with an axis of length 1 for every axis of `x` that is not kept.
  private func statistic(
    _ given: Tensor?, _ name: String, for x: Value, in context: CallContext
  ) throws(KerasError) -> Value {
    let graph = context.graph
    let kept = try keptAxes(of: graph.spec(of: x))
    let value = try given.map { graph.constant($0.converted(to: dataTypePolicy.computeType)) }
      .orElse(context.value(of: weight(name)))
    // A given array stands along the last of the axes kept.
    var lengths = [Int](repeating: 1, count: graph.shape(of: x).rank)
    let shape = graph.shape(of: value)
    for (axis, length) in zip(kept.suffix(shape.rank), shape) { lengths[axis] = length ?? 1 }
    return try graph.reshape(value, to: lengths)
  }

  // MARK: Learning

  public func adapt(toBatches batches: some Sequence<Tensor>) throws(KerasError) {
    try require(mean == nil, .invalidArgument, "The layer was given a mean and a variance.", path: [name])
    var statistics: RunningMoments?
    for batch in batches {
      try ensureBuilt(for: [
        TensorSpec(Shape([nil] + batch.shape.dropFirst().map { Int?($0) }), batch.dataType)
      ])
      let shape = try weight("mean").shape
      try require(
        try keptLengths(of: batch.spec) == shape, .shapeMismatch,
        "Expected data with the lengths \(shape) along the axes \(axis), found \(batch.spec).", path: [name])
      var moments = statistics ?? RunningMoments(count: elementCountOf(shape))
      moments.add(batch, keeping: try keptAxes(of: batch.spec))
      statistics = moments
    }
    guard let statistics else {
      throw KerasError(.invalidArgument, "There is no data to learn from.", path: [name])
    }
    for (name, values) in [("mean", statistics.mean), ("variance", statistics.variance)] {
      let variable = try weight(name)
      try variable.assign(Tensor(values, shape: variable.shape).converted(to: variable.dataType))
    }
  }
}

extension SettingCodec where Value == [Int] {
  /// Axes that are written as a list; null stands for none.
  fileprivate static var axes: SettingCodec<[Int]> {
    SettingCodec(
      reading: { (configuration, key, _) throws(KerasError) in
        configuration.json(key)?.isNull == true ? [] : try configuration.integers(key)
      },
      writing: { axes, key, config in config[key] = JSON(axes) })
  }
}

/// Means and variances of many places at once, batch by batch.
///
/// Chan, Golub and LeVeque, "Algorithms for computing the sample variance" (1983), equation 1.5.
struct RunningMoments {
  private(set) var mean: [Double]
  private var squares: [Double]
  /// How many numbers each place has seen.
  private var count = 0.0

  init(count: Int) {
    mean = [Double](repeating: 0, count: count)
    squares = mean
  }

  var variance: [Double] { squares.map { $0 / max(count, 1) } }

  /// - Parameter axes: those whose places are kept apart, ascending.
  mutating func add(_ batch: Tensor, keeping axes: [Int]) {
    let numbers: [Double] = batch.scalars()
    guard !numbers.isEmpty, !mean.isEmpty else { return }
    /// How far one step along each axis moves among the places.
    var steps = [Int](repeating: 0, count: batch.rank)
    var size = 1
    for axis in axes.reversed() {
      steps[axis] = size
      size *= batch.shape[axis]
    }
    func place(_ index: Int) -> Int {
      var (rest, place) = (index, 0)
      for axis in batch.shape.indices.reversed() {
        place += rest % batch.shape[axis] * steps[axis]
        rest /= batch.shape[axis]
      }
      return place
    }
    let places = numbers.indices.map(place)
    let added = Double(numbers.count / mean.count)
    var (batchMean, batchSquares) = ([Double](repeating: 0, count: mean.count), squares.map { _ in 0.0 })
    for (place, number) in zip(places, numbers) { batchMean[place] += number / added }
    for (place, number) in zip(places, numbers) {
      let deviation = number - batchMean[place]
      batchSquares[place] += deviation * deviation
    }
    let total = count + added
    for place in mean.indices {
      let difference = batchMean[place] - mean[place]
      squares[place] += batchSquares[place] + difference * difference * count * added / total
      mean[place] += difference * added / total
    }
    count = total
  }
}
