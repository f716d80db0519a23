import KerasCore

/// Windows that slide over a series, as Keras' `timeseries_dataset_from_array`; the target of a window is
/// that at its first step.
///
/// ```swift
/// let series = try Tensor((0..<100).map { Float($0) }).reshaped(to: [100, 1])
/// // The past ten steps say what comes next.
/// let data = try TimeseriesData(series.rows(0..<90), targets: series.rows(10..<100), sequenceLength: 10)
/// ```
public struct TimeseriesData: DataSource {
  public let batchSize: Int
  /// Where windows begin, in the order of the first epoch.
  public let starts: [Int]
  private let windows: SeriesWindows
  private let targets: Tensor?
  private let shuffleSeed: UInt32?

  /// - Parameters:
  ///   - data: `[steps, …]`.
  ///   - targets: `[steps, …]`, of which as many steps are used as there are windows; nil for none.
  ///   - sequenceStride: how far windows begin from one another.
  ///   - samplingRate: how far the steps of a window are from one another.
  ///   - shuffleSeed: decides the order of windows, another one in every epoch; nil for the series' own. The
  ///     windows of an epoch are all shuffled, where Keras draws from a buffer.
  ///   - range: the steps that are used; nil for all.
  /// - Throws: `invalidArgument` where no window fits in.
  public init(
    _ data: Tensor, targets: Tensor? = nil, sequenceLength: Int, sequenceStride: Int = 1,
    samplingRate: Int = 1, batchSize: Int = 128, shuffleSeed: UInt32? = nil, range: Range<Int>? = nil
  ) throws(KerasError) {
    let count = try stepCount(of: data)
    let range = range ?? 0..<count
    try require(
      range.lowerBound >= 0 && range.upperBound <= count && !range.isEmpty,
      "Steps \(range.lowerBound) to \(range.upperBound) are not all among the \(count) of the series.")
    try require(
      sequenceLength > 0 && sequenceLength <= count && (1..<max(count, 2)).contains(samplingRate)
        && (1..<max(count, 2)).contains(sequenceStride) && batchSize > 0,
      "Windows of \(sequenceLength) steps, \(samplingRate) apart, beginning every \(sequenceStride), in batches of "
        + "\(batchSize), do not fit a series of \(count) steps.")
    var windowCount = range.count - (sequenceLength - 1) * samplingRate
    if let targets { windowCount = min(windowCount, try stepCount(of: targets)) }
    try require(
      windowCount > 0,
      "No window of \(sequenceLength) steps, \(samplingRate) apart, fits into \(range.count) steps.",
      remedy: "use shorter windows, or a longer series.")
    var starts = Array(stride(from: 0, to: windowCount, by: sequenceStride))
    if let shuffleSeed {
      var random = NumPyRandom(seed: shuffleSeed)
      random.shuffle(&starts)
    }
    // Targets are cut as the series is.
    let last = starts.max() ?? 0
    if let targets {
      try require(
        last < targets.shape[0] - range.lowerBound, .shapeMismatch,
        "The window that begins at step \(last + range.lowerBound) has none of the \(targets.shape[0]) targets."
      )
    }
    self.starts = starts.map { $0 + range.lowerBound }
    self.batchSize = batchSize
    self.targets = targets
    self.shuffleSeed = shuffleSeed
    windows = SeriesWindows(
      series: data, offsets: Array(stride(from: 0, to: sequenceLength * samplingRate, by: samplingRate)))
  }

  public var batchCount: Int? { starts.isEmpty ? 0 : (starts.count - 1) / batchSize + 1 }

  public func batches(inEpoch epoch: Int) -> BatchStream {
    var order = starts
    if let shuffleSeed, epoch > 0 {
      order = shuffled(starts.count, seed: UInt64(shuffleSeed), stream: UInt64(epoch)).map { starts[$0] }
    }
    return batchStream(of: order, size: batchSize) { rows in
      Batch([windows.rows(startingAt: rows)], targets: targets.map { [$0.gatheringRows(rows)] } ?? [])
    }
  }
}

/// Windows of the past of each step of a series, as Keras' older `TimeseriesGenerator`; the target of a
/// window is that of the step behind it.
///
/// ```swift
/// let series = try Tensor((0..<50).map { Float($0) }).reshaped(to: [50, 1])
/// let data = try TimeseriesGenerator(series, targets: series, length: 10, samplingRate: 2, batchSize: 2)
/// ```
public struct TimeseriesGenerator: DataSource {
  public let batchSize: Int
  private let steps: Range<Int>
  private let stride: Int
  private let windows: SeriesWindows
  private let targets: Tensor
  private let drawingSeed: UInt32?

  /// - Parameters:
  ///   - data: `[steps, …]`.
  ///   - targets: as many steps.
  ///   - length: how many steps the past has; every `samplingRate`-th of them is in the window.
  ///   - stride: how far windows are from one another.
  ///   - startIndex: the first step that is used.
  ///   - endIndex: the last step that has a window; nil for the series' last.
  ///   - drawingSeed: draws windows at random, as Keras does after `np.random.seed(drawingSeed)` (a later
  ///     epoch adds its number to it); nil for the series' order.
  ///   - isReversed: whether the steps of a window stand from the last to the first.
  /// - Throws: `invalidArgument` where no window fits in; `shapeMismatch` for another number of targets.
  public init(
    _ data: Tensor, targets: Tensor, length: Int, samplingRate: Int = 1, stride: Int = 1, startIndex: Int = 0,
    endIndex: Int? = nil, drawingSeed: UInt32? = nil, isReversed: Bool = false, batchSize: Int = 128
  ) throws(KerasError) {
    let count = try stepCount(of: data)
    let targetCount = try stepCount(of: targets)
    try require(
      targetCount == count, .shapeMismatch,
      "Data and targets have as many steps, found \(count) and \(targetCount).")
    let last = endIndex ?? count - 1
    try require(
      length > 0 && length <= count && (1...max(count, 1)).contains(samplingRate)
        && (1...max(count, 1)).contains(stride) && batchSize > 0 && startIndex >= 0 && startIndex <= count,
      "Windows of \(length) steps, every \(samplingRate), \(stride) apart from step \(startIndex) on, in batches of "
        + "\(batchSize), do not fit a series of \(count) steps.")
    let first = startIndex + length
    try require(
      first <= last && last < count,
      "The first window ends before step \(first), the last one before \(last), of \(count) steps.",
      remedy: "use shorter windows, or a longer series.")
    steps = first..<last + 1
    self.stride = stride
    self.batchSize = batchSize
    self.targets = targets
    self.drawingSeed = drawingSeed
    let offsets = Array(Swift.stride(from: -length, to: 0, by: samplingRate))
    windows = SeriesWindows(series: data, offsets: isReversed ? offsets.reversed() : offsets)
  }

  public var batchCount: Int? {
    let (samples, overflow) = batchSize.multipliedReportingOverflow(by: stride)
    return overflow ? 1 : (steps.count - 1) / samples + 1
  }

  public func batches(inEpoch epoch: Int) -> BatchStream {
    var order = Array(Swift.stride(from: steps.lowerBound, to: steps.upperBound, by: stride))
    if let drawingSeed, let batchCount {
      var random = NumPyRandom(seed: drawingSeed &+ UInt32(truncatingIfNeeded: epoch))
      order = (0..<batchCount * batchSize).map { _ in random.integer(in: steps) }
    }
    return batchStream(of: order, size: batchSize) { rows in
      Batch(windows.rows(startingAt: rows), targets.gatheringRows(rows))
    }
  }
}

/// Some steps of a series, counted from a place, for many places at once.
private struct SeriesWindows: Sendable {
  let series: Tensor
  let offsets: [Int]

  /// `[places, offsets, …]`
  func rows(startingAt places: ArraySlice<Int>) -> Tensor {
    let positions = places.flatMap { place in offsets.map { place + $0 } }
    let shape = [places.count, offsets.count] + series.shape.dropFirst()
    let rows = series.gatheringRows(positions[...])
    return (try? rows.reshaped(to: shape)) ?? rows
  }
}

private func stepCount(of series: Tensor) throws(KerasError) -> Int {
  guard let count = series.shape.first, count > 0 else {
    throw KerasError(
      .shapeMismatch, "A series is [steps, …] and has steps, found shape \(Shape(series.shape)).")
  }
  return count
}

/// Batches of places in an order, made when they are asked for.
private func batchStream(
  of order: [Int], size: Int, _ make: @escaping (ArraySlice<Int>) -> Batch
) -> BatchStream {
  var start = 0
  return BatchStream {
    guard start < order.count else { return nil }
    let rows = order[start..<min(start + size, order.count)]
    start = rows.endIndex
    return make(rows)
  }
}
