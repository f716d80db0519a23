import KerasGraph

/// Makes brightnesses about equally frequent in each part of each picture, without blowing noise up; predictions, too.
///
/// Zuiderveld, "Contrast Limited Adaptive Histogram Equalization", Graphics Gems IV (1994).
public final class ContrastLimitedAdaptiveHistogramEqualization: Augmentation, @unchecked Sendable {
  @Setting("value_range") private var valueRange: ValueRange
  @Setting("clip_limit") public private(set) var clipLimit: Double
  @Setting("tile_grid_size", .lengths) public private(set) var tileGridSize: [Int]

  /// - Parameters:
  ///   - clipLimit: how many times as often as the average a brightness may count; 0 for no limit.
  ///   - tileGridSize: into how many parts height and width are cut.
  public init(
    valueRange: ClosedRange<Double> = 0...255, clipLimit: Double = 4, tileGridSize: [Int] = [8, 8],
    dataFormat: DataFormat? = nil, name: String? = nil
  ) {
    super.init(dataFormat: dataFormat, name: name)
    self.valueRange = ValueRange(valueRange)
    self.clipLimit = clipLimit
    self.tileGridSize = tileGridSize
  }

  public override var worksInPredictions: Bool { true }

  public override func checkSettings() throws {
    try require(
      tileGridSize.count == 2 && tileGridSize.allSatisfy { (1...1024).contains($0) },
      "`tile_grid_size` must be two numbers from 1 to 1024, found \(tileGridSize).")
  }

  public override func augment(_ batch: PictureBatch, _ draws: Draws) throws -> PictureBatch {
    let graph = draws.graph
    let (rows, columns) = (Tiles(batch.height, tileGridSize[0]), Tiles(batch.width, tileGridSize[1]))
    let bins = checkedElementCount([batch.count, rows.count, columns.count, batch.channels, 256])
    try require(
      bins.map { $0 <= 1 << 30 } ?? false, .shapeMismatch,
      "\(tileGridSize) parts of \(batch.count) pictures are too many.")
    let pixels = valueRange.scaled(batch.images).cast(to: .float32)
    let shades = pixels.clipped(0, 255).cast(to: .int32)

    /// Where the table of a tile begins, for each picture, row, column and channel.
    func table(_ row: [Int], _ column: [Int]) -> RecordedValue {
      let tile =
        graph.numbers(
          (0..<batch.count).map { Int32($0 * rows.count * columns.count) }, [batch.count, 1, 1, 1])
        + graph.numbers(row.map { Int32($0 * columns.count) }, [1, row.count, 1, 1])
        + graph.numbers(column.map { Int32($0) }, [1, 1, column.count, 1])
      return
        (tile * Double(batch.channels)
        + graph.numbers((0..<batch.channels).map { Int32($0) }, [1, 1, 1, batch.channels])) * 256
    }
    // The picture goes on as in a mirror until tiles are whole.
    let whole = shades.gathered(at: graph.numbers(rows.mirrored, [rows.mirrored.count]), axis: 1)
      .gathered(at: graph.numbers(columns.mirrored, [columns.mirrored.count]), axis: 2)
    let counted = table(rows.own, columns.own) + whole
    let tables = batch.count * rows.count * columns.count * batch.channels
    var counts = try graph.counts(of: counted, below: tables * 256).reshaped([tables, 256]).cast(to: .float32)
    let area = Double(rows.length * columns.length)
    if clipLimit > 0 {
      let clipped = counts.clipped(0, clipLimit * area / 256)
      counts = clipped + (counts - clipped).sum(axes: [1], keepsDimensions: true) / 256
    }
    let sums = try graph[graph.cumulative(.sum, counts.value, axis: 1)]
    let smallest = sums.reduced(.minimum, axes: [1])
    let range = area - smallest
    let levels = ((sums - smallest) * 255 / range.kept(where: range .!= 0, else: 1)).clipped(0, 255)
      .reshaped([tables * 256])

    // Between the tables of the four tiles whose middles are nearest.
    func level(_ row: [Int], _ column: [Int]) -> RecordedValue {
      levels.gathered(at: table(row, column) + shades)
    }
    let down = graph.numbers(rows.weights, [1, batch.height, 1, 1])
    let aside = graph.numbers(columns.weights, [1, 1, batch.width, 1])
    func blend(_ row: [Int]) -> RecordedValue {
      level(row, columns.before) * (1 - aside) + level(row, columns.after) * aside
    }
    let result = blend(rows.before) * (1 - down) + blend(rows.after) * down
    return batch.with(valueRange.restored(result).cast(to: try batch.images.spec.dataType))
  }

  /// An axis cut into parts.
  private struct Tiles {
    let count: Int
    let length: Int
    /// For each place until the last tile is whole: which pixel stands there, and the tile it is in.
    let mirrored: [Int32]
    let own: [Int]
    /// For each pixel: the tiles whose middles lie before and behind it, and how near it is to the one behind.
    let before: [Int]
    let after: [Int]
    let weights: [Float]

    init(_ pixels: Int, _ count: Int) {
      self.count = count
      let length = (pixels + count - 1) / count
      self.length = length
      mirrored = (0..<length * count).map { place in
        let folded = place % (2 * pixels)
        return Int32(folded < pixels ? folded : 2 * pixels - 1 - folded)
      }
      own = (0..<length * count).map { $0 / length }
      let places = (0..<pixels).map { (Float($0) - Float(length) / 2) / Float(length) + 1 }
      weights = places.map { $0 - $0.rounded(.down) }
      before = places.map { min(max(Int($0.rounded(.down)) - 1, 0), count - 1) }
      after = places.map { min(max(Int($0.rounded(.down)), 0), count - 1) }
    }
  }
}
