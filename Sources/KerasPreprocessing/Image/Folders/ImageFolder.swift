import KerasCore

/// Pictures in the files of a folder, as Keras' `image_dataset_from_directory`: the same files in the same order for a
/// seed, split the same way, with the numbers of `tf.image.resize`.
///
/// ```swift
/// let flowers = try ImageFolder("flowers", size: ImageSize(side: 224), shuffleSeed: 1)
/// let training = try flowers.subset(.training, validationShare: 0.2).data(batchSize: 32)
/// let validation = try flowers.subset(.validation, validationShare: 0.2).data(batchSize: 32)
/// ```
/// Batches are `[pictures, height, width, channels]`, 0 to 255, or have channels first.
public struct ImageFolder: Sendable {
  /// What happens to pictures of another aspect ratio.
  public enum Fitting: Hashable, Sendable {
    /// They are distorted.
    case stretch
    /// What is too long is cut off at both ends.
    case crop
    /// They become as large as fits, and zeros fill up both ends of what is too short.
    case pad
  }

  /// What is seen of each picture, another part in every epoch, drawn by the seed, the epoch and the file alone.
  public struct RandomView: Hashable, Sendable {
    /// Whether each picture is seen in a mirror with probability one half.
    public var isMirrored: Bool
    /// The size of a part that is cut out somewhere once the picture has its size; nil for all of it.
    public var crop: ImageSize?
    public var seed: UInt64

    public init(isMirrored: Bool = false, crop: ImageSize? = nil, seed: UInt64 = 0) {
      (self.isMirrored, self.crop, self.seed) = (isMirrored, crop, seed)
    }
  }

  /// The files and their classes.
  public private(set) var files: LabelledFiles
  public let size: ImageSize
  public let colorMode: ColorMode
  public let interpolation: PictureInterpolation
  public let fitting: Fitting
  public let dataFormat: DataFormat

  /// The endings of names that are looked for.
  public static let formats = [".bmp", ".gif", ".jpeg", ".jpg", ".png", ".webp"]

  /// - Parameters:
  ///   - size: to which pictures are resized.
  ///   - shuffleSeed: mixes the files as Keras does, and again in every epoch; nil for sorted files.
  ///   - followsLinks: whether to look into folders that are links.
  /// - Throws: as ``LabelledFiles/init(folder:labels:formats:classNames:shuffleSeed:followsLinks:)``; also
  ///   `fileNotFound` where there are no pictures, and `invalidArgument` for a size that makes no sense.
  public init(
    _ folder: String, labels: FileLabels = .inferred, classNames: [String]? = nil,
    colorMode: ColorMode = .rgb,
    size: ImageSize = ImageSize(side: 256), interpolation: PictureInterpolation = .bilinear,
    fitting: Fitting = .stretch, dataFormat: DataFormat = .channelsLast, shuffleSeed: UInt32? = nil,
    followsLinks: Bool = false
  ) throws(KerasError) {
    try size.requireReasonable()
    files = try LabelledFiles(
      folder: folder, labels: labels, formats: Self.formats, classNames: classNames,
      shuffleSeed: shuffleSeed,
      followsLinks: followsLinks)
    try files.requireSome("pictures", Self.formats)
    (self.size, self.colorMode) = (size, colorMode)
    (self.interpolation, self.fitting, self.dataFormat) = (interpolation, fitting, dataFormat)
  }

  public var classNames: [String]? { files.classNames }

  /// The part for training or for validation, which is not shuffled in every epoch.
  ///
  /// - Throws: `invalidArgument` for a share that leaves one part nothing.
  public func subset(_ subset: FolderSubset, validationShare: Double) throws(KerasError)
    -> ImageFolder
  {
    var part = self
    part.files = try files.subset(subset, validationShare: validationShare)
    return part
  }

  /// Batches of pictures with their labels as targets.
  ///
  /// The next batches are decoded while one is computed with, on all processors; at most two wait. A picture that
  /// cannot be read is an error that names it.
  ///
  /// - Parameters:
  ///   - view: for pictures to train on; what it leaves out is not computed.
  ///   - workers: how many pictures are decoded at once, which changes no number; nil for one on each processor.
  /// - Throws: `invalidArgument` for a batch size or workers below 1, binary labels of other than two classes, or a part
  ///   larger than pictures are.
  public func data(
    batchSize: Int = 32, labelMode: LabelMode = .integer, view: RandomView? = nil,
    workers: Int? = nil
  ) throws(KerasError) -> any DataSource {
    if let crop = view?.crop {
      try require(
        (1...size.height).contains(crop.height) && (1...size.width).contains(crop.width),
        "Of pictures of \(size.height) × \(size.width), no \(crop.height) × \(crop.width) can be cut out."
      )
    }
    try require((workers ?? 1) > 0, "Pictures need a worker to decode them, found \(workers ?? 0).")
    let cache = AxisTapsCache(interpolation)
    let changes = view.map { $0.isMirrored || $0.crop != nil } ?? false
    let data = try FolderData(files, batchSize: batchSize, labelMode: labelMode, changesEveryEpoch: changes) { samples in
      [try pictures(samples, view, cache, workers: workers)]
    }
    return AheadOfTime(source: data)
  }

  /// The picture in a file as it stands in batches.
  public func picture(_ path: String) throws(KerasError) -> Tensor {
    let cache = AxisTapsCache(interpolation)
    return try Tensor(uninitialized: shape(of: size), Float.self) { (numbers) throws(KerasError) in
      try read(path, PictureView(all: size), into: numbers, cache)
    }
  }

  private func shape(of size: ImageSize) -> [Int] {
    dataFormat == .channelsLast
      ? [size.height, size.width, colorMode.channelCount]
      : [colorMode.channelCount, size.height, size.width]
  }

  private func read(
    _ path: String, _ view: PictureView, into numbers: UnsafeMutableBufferPointer<Float>,
    _ cache: AxisTapsCache
  ) throws(KerasError) {
    try Image.readRows(of: path, colorMode: colorMode) { found, mode in
      let (window, target) = windows(of: found)
      let resampler = FloatResampler(
        mode, window: window, target: target, seen: view, cache, dataFormat, output: numbers)
      return { resampler.consume($0, $1) }
    }
  }

  /// What is looked at of a picture, and where it comes to lie; in single precision, as in TensorFlow.
  private func windows(of found: ImageSize) -> (source: PictureWindow, target: PictureWindow) {
    var source = PictureWindow(rows: 0..<found.height, columns: 0..<found.width)
    var target = PictureWindow(rows: 0..<size.height, columns: 0..<size.width)
    switch fitting {
    case .stretch: break
    case .crop:
      func part(_ length: Int, _ other: Int, _ new: Int, _ newOther: Int) -> Range<Int> {
        let fitting = Int(min(Float(other) * Float(new) / Float(newOther), 1e9))
        let count = max(min(length, fitting), 1)
        let start = (length - count) / 2
        return start..<start + count
      }
      source.rows = part(found.height, found.width, size.height, size.width)
      source.columns = part(found.width, found.height, size.width, size.height)
    case .pad:
      let ratio = max(
        Float(found.width) / Float(size.width), Float(found.height) / Float(size.height))
      func part(_ length: Int, of whole: Int) -> Range<Int> {
        let exact = Float(length) / ratio
        // Where nothing would be left, TensorFlow fails.
        let count = min(max(Int(exact), 1), whole)
        let start = max(min(Int((Float(whole) - exact) / 2), whole - count), 0)
        return start..<start + count
      }
      target.rows = part(found.height, of: size.height)
      target.columns = part(found.width, of: size.width)
    }
    return (source, target)
  }

  /// What is seen of a file's picture in an epoch.
  private func drawn(_ view: RandomView?, _ place: Int, _ epoch: Int) -> PictureView {
    var seen = PictureView(all: size)
    guard let view else { return seen }
    let random = CounterRandom(seed: view.seed)
    func integer(below count: Int, _ number: Int) -> Int {
      Int(random.bits(stream: UInt64(epoch), at: UInt64(3 * place + number)) % UInt64(count))
    }
    if let crop = view.crop {
      let top = integer(below: size.height - crop.height + 1, 0)
      let left = integer(below: size.width - crop.width + 1, 1)
      seen.window = PictureWindow(rows: top..<top + crop.height, columns: left..<left + crop.width)
    }
    seen.isMirrored = view.isMirrored && integer(below: 2, 2) == 1
    return seen
  }

  private func pictures(
    _ samples: FolderData.Samples, _ view: RandomView?, _ cache: AxisTapsCache, workers: Int?
  ) throws(KerasError) -> Tensor {
    let paths = samples.paths
    let shape = shape(of: view?.crop ?? size)
    let count = shape.reduce(1, *)
    var failures = [KerasError?](repeating: nil, count: paths.count)
    let batch = Tensor(uninitialized: [paths.count] + shape, Float.self) { elements in
      nonisolated(unsafe) let elements = elements
      failures.withUnsafeMutableBufferPointer { failures in
        nonisolated(unsafe) let failures = failures
        performTogether(paths.count, workers: workers) { index in
          let place = UnsafeMutableBufferPointer(
            rebasing: elements[index * count..<(index + 1) * count])
          do throws(KerasError) {
            let seen = drawn(view, samples.places[index], samples.epoch)
            try read(paths[index], seen, into: place, cache)
          } catch {
            place.update(repeating: 0)
            failures[index] = error
          }
        }
      }
    }
    for failure in failures { if let failure { throw failure } }
    return batch
  }
}

/// Another source, whose batches are made ahead of time.
struct AheadOfTime: DataSource {
  let source: any DataSource
  var batchCount: Int? { source.batchCount }
  var changesEveryEpoch: Bool { source.changesEveryEpoch }
  func batches(inEpoch epoch: Int) throws -> BatchStream {
    try source.batches(inEpoch: epoch).readAhead()
  }
}

extension ColorMode {
  var channelCount: Int {
    switch self {
    case .grayscale: 1
    case .rgb: 3
    case .rgba: 4
    }
  }
}
