import KerasGraph
import KerasLayers

/// How much the places of a class and those predicted for it overlap, `TP / (TP + FP + FN)`, averaged over classes; from
/// the matrix of how often each class was taken for which.
public class IntersectionOverUnion: Metric, @unchecked Sendable {
  /// Numbers as Keras keeps them: whole ones, unless told otherwise.
  static var wholeNumbers: DataType { .int64 }

  init(name: String) { super.init(name: name, dataType: Self.wholeNumbers) }

  public override var direction: Direction? { .up }

  /// A matrix of more classes has more than a billion places.
  private static let largestMatrixSize = 1 << 15

  var matrixSize: Int { 2 }
  /// The classes that are averaged over.
  var targets: [Int] { Array(0..<max(0, matrixSize)) }
  /// A class of targets that does not count.
  var ignored: Int? { nil }
  var areTargetsSparse: Bool { true }
  var arePredictionsSparse: Bool { true }
  var classAxis: Int { -1 }

  private var type: DataType { elementType.string.flatMap(DataType.init) ?? Self.wholeNumbers }

  public override func states(target: TensorSpec, prediction: TensorSpec) throws -> [MetricState] {
    guard (1...Self.largestMatrixSize).contains(matrixSize) else {
      throw KerasError(
        .invalidArgument, "Expected from 1 to \(Self.largestMatrixSize) classes, found \(matrixSize).",
        path: [name])
    }
    if let wrong = targets.first(where: { !(0..<matrixSize).contains($0) }) {
      throw KerasError(.invalidArgument, "There is no class \(wrong) among \(matrixSize).", path: [name])
    }
    return [MetricState("total_confusion_matrix", shape: [matrixSize, matrixSize], type)]
  }

  /// Predictions as class numbers, where they are not.
  func classes(of prediction: RecordedValue) -> RecordedValue {
    arePredictionsSparse ? prediction : prediction.positionOfMaximum(axis: classAxis)
  }

  public override func update(_ states: [RecordedValue], with batch: MetricBatch) throws -> [RecordedValue] {
    let labels = areTargetsSparse ? batch.target : batch.target.positionOfMaximum(axis: classAxis)
    let t = labels.cast(to: .int32).reshaped(to: [-1])
    let p = classes(of: batch.prediction).cast(to: .int32).reshaped(to: [-1])
    let (count, predicted) = (try t.lengths[0], try p.lengths[0])
    try require(
      count == predicted, .shapeMismatch,
      "Expected as many targets as predictions, found \(count) and \(predicted).",
      path: [name])
    var weights = (batch.weights ?? t.graph.number(1)).cast(to: type)
    if try weights.rank > 1 { weights = weights.reshaped(to: [-1]) }
    weights = weights.broadcast(to: Shape([count]))
    let size = Double(matrixSize)
    var counts = (t .>= 0).and(t .< size).and((p .>= 0).and(p .< size))
    if let ignored { counts = counts.and(t .!= Double(ignored)) }
    let place = (t * size + p).kept(where: counts, else: 0)
    let counted = weights.kept(where: counts, else: 0)
    let cells = matrixSize * matrixSize
    let matrix = place.then { (graph, place) throws(KerasError) in
      try graph.scatterAdd(counted.value, at: place, length: cells)
    }
    return [states[0] + matrix.reshaped(to: [matrixSize, matrixSize])]
  }

  public override func result(_ states: [RecordedValue]) throws -> RecordedValue {
    let matrix = states[0]
    let chosen = targets
    func ofTargets(_ x: RecordedValue) -> RecordedValue {
      x.cast(to: .float32).then { (graph, x) throws(KerasError) in
        try graph.gather(x, at: graph.constant(Tensor(chosen.map(Int32.init))))
      }
    }
    let hits = matrix.then { (graph, x) throws(KerasError) in try graph.diagonal(x) }
    let union = ofTargets(matrix.sum(axes: [0]) + matrix.sum(axes: [1]) - hits)
    let occurs = union .> 1e-9
    let overlap = (ofTargets(hits) / (union + kerasEpsilon)).kept(where: occurs, else: 0)
    return overlap.total() / (occurs.cast(to: .float32).total() + kerasEpsilon)
  }
}

/// The overlap of chosen classes; see ``IntersectionOverUnion``.
public final class IoU: IntersectionOverUnion, @unchecked Sendable {
  @Setting("num_classes") public private(set) var classCount: Int
  @Setting("target_class_ids") public private(set) var targetClasses: [Int]
  @Setting("ignore_class") public private(set) var ignoredClass: Int?
  @Setting("sparse_y_true") public private(set) var sparseTargets: Bool
  @Setting("sparse_y_pred") public private(set) var sparsePredictions: Bool
  @Setting("axis") public private(set) var axis: Int

  public init(
    classCount: Int = 2, targetClasses: [Int] = [0], ignoredClass: Int? = nil, sparseTargets: Bool = true,
    sparsePredictions: Bool = true, axis: Int = -1, name: String = "io_u"
  ) {
    super.init(name: name)
    self.classCount = classCount
    self.targetClasses = targetClasses
    self.ignoredClass = ignoredClass
    self.sparseTargets = sparseTargets
    self.sparsePredictions = sparsePredictions
    self.axis = axis
  }

  override var matrixSize: Int { classCount }
  override var targets: [Int] { targetClasses }
  override var ignored: Int? { ignoredClass }
  override var areTargetsSparse: Bool { sparseTargets }
  override var arePredictionsSparse: Bool { sparsePredictions }
  override var classAxis: Int { axis }
}

/// The overlap of yes, of no, or of both, at a threshold; see ``IntersectionOverUnion``.
public final class BinaryIoU: IntersectionOverUnion, @unchecked Sendable {
  @Setting("target_class_ids") public private(set) var targetClasses: [Int]
  @Setting("threshold") public private(set) var threshold: Double

  public init(targetClasses: [Int] = [0, 1], threshold: Double = 0.5, name: String = "binary_io_u") {
    super.init(name: name)
    self.targetClasses = targetClasses
    self.threshold = threshold
  }

  override var targets: [Int] { targetClasses }
  override func classes(of prediction: RecordedValue) -> RecordedValue { prediction .>= threshold }
}

/// The overlap of all classes; see ``IntersectionOverUnion``.
public final class MeanIoU: IntersectionOverUnion, @unchecked Sendable {
  @Setting("num_classes") public private(set) var classCount: Int
  @Setting("ignore_class") public private(set) var ignoredClass: Int?
  @Setting("sparse_y_true") public private(set) var sparseTargets: Bool
  @Setting("sparse_y_pred") public private(set) var sparsePredictions: Bool
  @Setting("axis") public private(set) var axis: Int

  public init(
    classCount: Int = 2, ignoredClass: Int? = nil, sparseTargets: Bool = true, sparsePredictions: Bool = true,
    axis: Int = -1, name: String = "mean_io_u"
  ) {
    super.init(name: name)
    self.classCount = classCount
    self.ignoredClass = ignoredClass
    self.sparseTargets = sparseTargets
    self.sparsePredictions = sparsePredictions
    self.axis = axis
  }

  override var matrixSize: Int { classCount }
  override var ignored: Int? { ignoredClass }
  override var areTargetsSparse: Bool { sparseTargets }
  override var arePredictionsSparse: Bool { sparsePredictions }
  override var classAxis: Int { axis }
}

/// The overlap of chosen classes, of one-hot targets; see ``IntersectionOverUnion``.
public final class OneHotIoU: IntersectionOverUnion, @unchecked Sendable {
  @Setting("num_classes") public private(set) var classCount: Int
  @Setting("target_class_ids") public private(set) var targetClasses: [Int]
  @Setting("ignore_class") public private(set) var ignoredClass: Int?
  @Setting("sparse_y_pred") public private(set) var sparsePredictions: Bool
  @Setting("axis") public private(set) var axis: Int

  public init(
    classCount: Int = 2, targetClasses: [Int] = [0], ignoredClass: Int? = nil,
    sparsePredictions: Bool = false,
    axis: Int = -1, name: String = "one_hot_io_u"
  ) {
    super.init(name: name)
    self.classCount = classCount
    self.targetClasses = targetClasses
    self.ignoredClass = ignoredClass
    self.sparsePredictions = sparsePredictions
    self.axis = axis
  }

  override var matrixSize: Int { classCount }
  override var targets: [Int] { targetClasses }
  override var ignored: Int? { ignoredClass }
  override var areTargetsSparse: Bool { false }
  override var arePredictionsSparse: Bool { sparsePredictions }
  override var classAxis: Int { axis }
}

/// The overlap of all classes, of one-hot targets; see ``IntersectionOverUnion``.
public final class OneHotMeanIoU: IntersectionOverUnion, @unchecked Sendable {
  @Setting("num_classes") public private(set) var classCount: Int
  @Setting("ignore_class") public private(set) var ignoredClass: Int?
  @Setting("sparse_y_pred") public private(set) var sparsePredictions: Bool
  @Setting("axis") public private(set) var axis: Int

  public init(
    classCount: Int = 2, ignoredClass: Int? = nil, sparsePredictions: Bool = false, axis: Int = -1,
    name: String = "one_hot_mean_io_u"
  ) {
    super.init(name: name)
    self.classCount = classCount
    self.ignoredClass = ignoredClass
    self.sparsePredictions = sparsePredictions
    self.axis = axis
  }

  override var matrixSize: Int { classCount }
  override var ignored: Int? { ignoredClass }
  override var areTargetsSparse: Bool { false }
  override var arePredictionsSparse: Bool { sparsePredictions }
  override var classAxis: Int { axis }
}
