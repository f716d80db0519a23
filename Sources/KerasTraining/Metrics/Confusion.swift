import KerasGraph
import KerasLayers

/// Counts yes and no against right and wrong, at one or many thresholds, as Keras'
/// `update_confusion_matrix_variables`.
struct Confusion {
  let thresholds: [Double]
  var topK: Int?
  var classNumber: Int?
  /// Whether every label (column of the predictions) is counted by itself.
  var countsLabelsApart = false
  /// By label.
  var labelWeights: [Double]?

  /// What is counted: `[thresholds]`, or `[thresholds, labels]`.
  struct Counts {
    var truePositives, falsePositives, trueNegatives, falseNegatives: RecordedValue
  }

  /// Of thresholds that stand evenly in [0, 1], only where in between a prediction falls is looked at; a prediction of
  /// 0 then exceeds not even a threshold below it.
  var areEven: Bool {
    guard thresholds.count >= 3 else { return false }
    let last = Double(thresholds.count - 1)
    return thresholds.enumerated().allSatisfy { position, threshold in
      let even = Double(position) / last
      return abs(threshold - even) <= kerasEpsilon + 1e-5 * abs(even)
    }
  }

  func counts(of batch: MetricBatch) throws(KerasError) -> Counts {
    var p = batch.prediction.cast(to: .float32)
    var t = batch.target.cast(to: .float32)
    (p, t) = try aligned(p, t)
    var weights = batch.weights?.expanded(axis: -1)
    if let given = weights { weights = try aligned(t, given, expandsVectors: false).1 }
    if let topK { p = try keepingTop(topK, of: p) }
    if let classNumber {
      let lengths = try p.lengths
      try require(
        lengths.count > 1 && (0..<lengths[lengths.count - 1]).contains(classNumber), .shapeMismatch,
        "There is no class \(classNumber) among predictions of shape \(Shape(lengths)).")
      p = p.sliced(axis: -1, from: classNumber, count: 1)
      t = t.sliced(axis: -1, from: classNumber, count: 1)
    }
    try requireSameShape(t, p)
    let shape = try p.spec.shape
    var weight = weights.map { $0.broadcast(to: shape) }
    if let labelWeights, !countsLabelsApart {
      let labels = p.graph[p.graph.constant(Tensor(labelWeights.map(Float.init)))].broadcast(to: shape)
      weight = weight.map { $0 * labels } ?? labels
    }
    // `[samples, labels]`, or everything as one column.
    let lengths = try p.lengths
    let columns = countsLabelsApart ? lengths.last ?? 1 : 1
    let rows = lengths.reduce(1, *) / max(columns, 1)
    func matrix(_ x: RecordedValue) -> RecordedValue { x.reshaped(to: [rows, columns]) }
    let isTrue = matrix((t .!= 0).cast(to: .float32))
    let weighted = weight.map(matrix)
    let yes = weighted.map { isTrue * $0 } ?? isTrue
    let no = weighted.map { (1 - isTrue) * $0 } ?? (1 - isTrue)
    let (hits, alarms) =
      areEven
      ? try inBuckets(matrix(p), [yes, no], rows: rows, columns: columns)
      : byComparison(matrix(p), [yes, no])
    let totals = [yes, no].map { $0.sum(axes: [0], keepsDimensions: true) }
    let found = Counts(
      truePositives: hits, falsePositives: alarms, trueNegatives: totals[1] - alarms,
      falseNegatives: totals[0] - hits)
    guard !countsLabelsApart else { return found }
    return Counts(
      truePositives: found.truePositives.squeezed(axis: 1),
      falsePositives: found.falsePositives.squeezed(axis: 1),
      trueNegatives: found.trueNegatives.squeezed(axis: 1),
      falseNegatives: found.falseNegatives.squeezed(axis: 1))
  }

  /// The sums of what exceeds each threshold, `[thresholds, columns]`.
  private func byComparison(
    _ p: RecordedValue, _ counted: [RecordedValue]
  ) -> (RecordedValue, RecordedValue) {
    let limits = p.graph[p.graph.constant(Tensor(thresholds.map(Float.init)))].reshaped(to: [-1, 1, 1])
    let exceeds = (p.expanded(axis: 0) .> limits).cast(to: .float32)
    let sums = counted.map { (exceeds * $0.expanded(axis: 0)).sum(axes: [1]) }
    return (sums[0], sums[1])
  }

  private func inBuckets(
    _ p: RecordedValue, _ counted: [RecordedValue], rows: Int, columns: Int
  ) throws(KerasError) -> (RecordedValue, RecordedValue) {
    let count = thresholds.count
    var bucket = (p.clipped(0, 1) * Double(count - 1)).applying(.ceiling) - 1
    let reachesOut = (thresholds.first ?? 0) < 0 || (thresholds.last ?? 1) > 1
    bucket =
      reachesOut
      ? bucket.applying(.relu)
      // What exceeds no threshold goes where nobody looks.
      : bucket.kept(where: bucket .>= 0, else: Double(count))
    let graph = p.graph
    let offsets = try graph.range(columns, step: Double(count + 1), .float32)
    let places = (bucket + graph[offsets]).cast(to: .int32).reshaped(to: [rows * columns])
    func summed(_ x: RecordedValue) -> RecordedValue {
      RecordedValue(in: graph) { () throws(KerasError) in
        let flat = try graph.reshape(x.value, to: [rows * columns])
        let sums = try graph.scatterAdd(flat, at: places.value, length: (count + 1) * columns)
        let table = try graph.slice(
          graph.reshape(sums, to: [columns, count + 1]), axis: 1, from: 0, count: count)
        return try graph.transpose(graph.cumulative(.sum, table, axis: 1, isReversed: true), [1, 0])
      }
    }
    return (summed(counted[0]), summed(counted[1]))
  }

  /// Predictions that are not among the `k` largest become very small.
  private func keepingTop(_ k: Int, of p: RecordedValue) throws(KerasError) -> RecordedValue {
    let count = try p.lengths.last ?? 0
    let isTop = p.then { (graph, x) throws(KerasError) in
      try graph.multiHot(graph.topK(x, count: k).positions, count: count)
    }
    return p * isTop + (1 - isTop) * -1e10
  }
}

/// Thresholds as files hold them: one number, a list, or null for the default.
struct Thresholds: SettingValue {
  var numbers: [Double]?
  private var isNumber = false

  init(_ numbers: [Double]?) { self.numbers = numbers }

  static var settingCodec: SettingCodec<Thresholds> {
    SettingCodec(
      reading: { (configuration, key, _) throws(KerasError) in
        guard let json = configuration.value(key) else { return nil }
        var thresholds = Thresholds(try configuration.numbers(key))
        thresholds.isNumber = json.number != nil
        if let wrong = thresholds.numbers?.first(where: { !(0...1).contains($0) }) {
          throw configuration.wrong(key, "between 0 and 1", .number(wrong))
        }
        return thresholds
      },
      writing: { thresholds, key, config in
        config[key] =
          if let numbers = thresholds.numbers {
            thresholds.isNumber ? .number(numbers[0]) : JSON(numbers)
          } else {
            .null
          }
      })
  }

  func resolved(default standard: Double) -> [Double] { numbers ?? [standard] }
}
