import KerasGraph

/// Cuts a part out of pictures while training, at the same random place in all of a batch. Those that are not larger
/// are cut to the proportions and resized.
///
/// Predicting, Keras 3 leaves pictures alone, although it announces the new size; Keras 2 cuts the middle out in the new
/// aspect ratio and resizes it.
public final class RandomCrop: RandomAugmentation, @unchecked Sendable {
  @Setting("height", .required) public private(set) var height: Int
  @Setting("width", .required) public private(set) var width: Int
  /// Says that predictions crop, where it shows; not of Keras.
  @Setting("crop_rule", String?.settingCodec.omitting { $0 == nil }) private var rule: String?
  private var cropsPredictions = false

  public init(
    height: Int, width: Int, seed: Int? = nil, dataFormat: DataFormat? = nil, name: String? = nil
  ) {
    super.init(seed: seed, dataFormat: dataFormat, name: name)
    (self.height, self.width) = (height, width)
    rule = nil
  }

  private static let oldRule = "keras2"

  public override func settingsWereRead(from configuration: Configuration) throws(KerasError) {
    cropsPredictions = configuration.version.cropsPredictions || rule == Self.oldRule
  }

  public override func checkSettings() throws {
    try require(
      (1...1 << 16).contains(height) && (1...1 << 16).contains(width),
      "`height` and `width` must be from 1 to 65536, found \(height) and \(width).")
  }

  public override func outputShape(for shape: Shape) -> Shape { [shape[0], height, width, shape[3]] }

  public override func augment(_ batch: PictureBatch, _ draws: Draws) throws -> PictureBatch {
    if batch.height > height, batch.width > width {
      func part(_ length: Int, of whole: Int) -> RecordedValue {
        let start = draws.uniform(0...Double(whole - length + 1), [1]).applying(.floor).cast(to: .int32)
        return start + draws.graph.numbers((0..<length).map { Int32($0) }, [length])
      }
      let rows = part(height, of: batch.height)
      return batch.with(
        batch.images.gathered(at: rows, axis: 1).gathered(at: part(width, of: batch.width), axis: 2))
    }
    /// From the middle of what has the new proportions, as far as it goes.
    func part(_ length: Int, of whole: Int, beside other: Int, _ otherLength: Int) -> (start: Int, count: Int)
    {
      let fitting = max(min(whole, Int(Double(other * length) / Double(otherLength))), 1)
      let start = (whole - fitting) / 2
      return (start, min(length, whole - start))
    }
    let rows = part(height, of: batch.height, beside: batch.width, width)
    let columns = part(width, of: batch.width, beside: batch.height, height)
    let graph = draws.graph
    var cut = try graph.slice(batch.images.value, axis: 1, from: rows.start, count: rows.count)
    cut = try graph.slice(cut, axis: 2, from: columns.start, count: columns.count)
    guard rows.count != height || columns.count != width else { return batch.with(graph[cut]) }
    let type = graph.spec(of: cut).dataType
    let resized = try graph.resized(cut, height: height, width: width, .bilinear, antialiases: false)
    return try batch.with(graph[graph.cast(resized, to: type)])
  }

  override func predicting(_ pictures: Value, in context: CallContext) throws(KerasError) -> Value {
    let graph = context.graph
    let shape = graph.shape(of: pictures)
    let axes =
      dataFormat == .channelsFirst ? [shape.rank - 2, shape.rank - 1] : [shape.rank - 3, shape.rank - 2]
    if cropsPredictions {
      if [shape[axes[0]], shape[axes[1]]] != [height, width] { rule = Self.oldRule }
      return try graph.transformingPictures(pictures, dataFormat, height: height, width: width) {
        (images, graph) throws(KerasError) in
        try graph.middleResized(images, height: height, width: width)
      }
    }
    // Where the size is unknown, what follows is made for the size that Keras announces.
    guard shape[axes[0]] == nil || shape[axes[1]] == nil else { return pictures }
    var announced = Array(shape)
    (announced[axes[0]], announced[axes[1]]) = (height, width)
    return graph.placeholder(TensorSpec(Shape(announced), graph.spec(of: pictures).dataType))
  }
}
