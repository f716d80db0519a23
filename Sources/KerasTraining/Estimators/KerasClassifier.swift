import KerasModels

/// A classifier around a function that builds a model, as the wrapper of Keras 2.
///
/// ```swift
/// let classifier = KerasClassifier(settings: ["units": 16, "epochs": 5]) { settings in
///   let units = try settings.integer("units")
///   let model = Sequential {
///     Dense(units: units, activation: .relu)
///     Dense(units: 3, activation: .softmax)
///   }
///   try model.compile(optimizer: .adam(), loss: .sparseCategoricalCrossentropy)
///   return model
/// }
/// let x = Tensor(repeating: 0.5, shape: [30, 4])
/// let y = Tensor((0..<30).map { Int32(10 * ($0 % 3)) })
/// try classifier.fit(x, y)
/// let classes = try classifier.predict(x)                // 0, 10 or 20
/// let accuracy = try classifier.score(x, y)
/// ```
/// Labels are any numbers, `[samples]` or `[samples, 1]`: the model learns their places among ``classes``, or where its
/// loss is `categorical_crossentropy`, one output for each. They may also be `[samples, classes]` with a 1 for the class.
public final class KerasClassifier: KerasEstimator, @unchecked Sendable {
  /// The labels that the last fit met, in order; empty before.
  public var classes: [Double] { learnedClasses }

  /// The likeliest class of each sample.
  ///
  /// - Returns: labels, `[samples]`; whole numbers are `int32`, or `int64` where some class needs it.
  /// - Throws: `invalidArgument` before the first fit; `shapeMismatch` where `x` does not fit.
  public func predict(_ x: Tensor) throws(KerasError) -> Tensor {
    let labels = try labels(for: x)
    // By all classes, so that batches do not differ.
    let known = labels + classes
    if known.allSatisfy({ Int32(exactly: $0) != nil }) { return Tensor(labels.map { Int32($0) }) }
    if known.allSatisfy({ Int64(exactly: $0) != nil }) { return Tensor(labels.map { Int64($0) }) }
    return Tensor(labels.map(Float.init))
  }

  /// How likely each class is.
  ///
  /// - Returns: `[samples, classes]`; of a model with one output, what that leaves comes first.
  /// - Throws: as ``predict(_:)``.
  public func predictProba(_ x: Tensor) throws(KerasError) -> Tensor {
    let (model, batchSize) = try fitted()
    let scores = try model.predict(x, batchSize: batchSize)
    guard scores.shape.last == 1 else { return scores }
    let numbers: [Float] = scores.scalars()
    return try Tensor(numbers.flatMap { [1 - $0, $0] }, shape: [numbers.count, 2])
  }

  /// The share of samples whose class is right: the accuracy.
  public override func score(
    _ x: Tensor, _ y: Tensor, sampleWeights: Tensor? = nil
  ) throws(KerasError) -> Double {
    let (found, wanted) = (try labels(for: x), try Self.labels(of: y))
    try require(
      found.count == wanted.count, .shapeMismatch,
      "Expected \(found.count) labels, one for each sample, found \(wanted.count).")
    return try share(of: found.count, sampleWeights) { found[$0] == wanted[$0] }
  }

  private func labels(for x: Tensor) throws(KerasError) -> [Double] {
    let (model, batchSize) = try fitted()
    let places: [Int32] = try model.predictClasses(x, batchSize: batchSize).scalars()
    var labels: [Double] = []
    for place in places {
      // A model may have more outputs than classes it has met.
      labels.append(classes.indices.contains(Int(place)) ? classes[Int(place)] : Double(place))
    }
    return labels
  }

  override func target(for y: Tensor, of model: Model) throws(KerasError) -> Target {
    let labels = try Self.labels(of: y)
    if let width = Self.width(of: y) { return Target(numbers: y, classes: (0..<width).map(Double.init)) }
    if let place = labels.firstIndex(where: { !$0.isFinite }) {
      throw KerasError(.invalidArgument, "The label of sample \(place) is no number: \(labels[place]).")
    }
    if let place = labels.firstIndex(where: { abs($0) >= Self.largestWhole && !y.dataType.isFloatingPoint }) {
      throw KerasError(
        .invalidArgument,
        "The label of sample \(place) is too large to be told from the next: \(shortText(labels[place])).",
        remedy: "number the classes from 0.")
    }
    let classes = Set(labels).sorted()
    try require(
      classes.count > 1, .invalidArgument,
      "There is one class alone to learn: \(classes.map(shortText).joined(separator: ", ")).",
      remedy: "give samples of at least two classes.")
    let places = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, $0) })
    let numbers = labels.map { Int32(places[$0] ?? 0) }
    guard learnsOneOutputPerClass(model) else { return Target(numbers: Tensor(numbers), classes: classes) }
    let count = classes.count
    let rows = try Tensor(
      numbers.flatMap { number in (0..<count).map { Float($0 == Int(number) ? 1 : 0) } },
      shape: [numbers.count, count])
    return Target(numbers: rows, classes: classes)
  }

  /// Up to here, whole numbers of double precision are all there.
  private static let largestWhole = 0x1p53

  override func strata(of y: Tensor) throws(KerasError) -> [Double]? { try Self.labels(of: y) }

  private func learnsOneOutputPerClass(_ model: Model) -> Bool {
    guard let trainer = model.trainer as? Trainer, case .all(let loss) = trainer.compilation.losses else {
      return false
    }
    return loss is CategoricalCrossentropy || loss is CategoricalHinge
  }

  /// How many classes targets with a number for each have; nil for labels.
  private static func width(of y: Tensor) -> Int? {
    guard y.rank == 2, let width = y.shape.last, width > 1 else { return nil }
    return width
  }

  /// By sample; of targets with a number for each class, the largest one's place.
  private static func labels(of y: Tensor) throws(KerasError) -> [Double] {
    try require(
      y.rank == 1 || y.rank == 2, .shapeMismatch,
      "Labels are [samples], or [samples, classes] with a 1 for the class, found \(y.spec).")
    let numbers: [Double] = y.scalars()
    guard let width = width(of: y) else { return numbers }
    return stride(from: 0, to: numbers.count, by: width).map { start in
      Double((start..<start + width).reduce(start) { numbers[$1] > numbers[$0] ? $1 : $0 } - start)
    }
  }
}

/// A whole number without a point.
func shortText(_ number: Double) -> String { Int(exactly: number).map(String.init) ?? "\(number)" }
