import Dispatch
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
  }

  /// The files and their classes.
  public let files: LabelledFiles
  public let size: ImageSize
  public let colorMode: ColorMode
  public let interpolation: PictureInterpolation
  public let fitting: Fitting
  public let dataFormat: DataFormat
  private let shuffleSeed: UInt32?

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
    let files = try LabelledFiles(
      folder: folder, labels: labels, formats: Self.formats, classNames: classNames, shuffleSeed: shuffleSeed,
      followsLinks: followsLinks)
    guard !files.paths.isEmpty else {
      throw KerasError(
        .fileNotFound, "There are no pictures (\(Self.formats.joined(separator: ", "))) in \(folder.escaped)."
      )
    }
    (self.files, self.size, self.colorMode) = (files, size, colorMode)
    (self.interpolation, self.fitting, self.dataFormat) = (interpolation, fitting, dataFormat)
    self.shuffleSeed = shuffleSeed
  }

  private init(_ files: LabelledFiles, of folder: ImageFolder, _ shuffleSeed: UInt32?) {
    self.files = files
    (size, colorMode) = (folder.size, folder.colorMode)
    (interpolation, fitting, dataFormat) = (folder.interpolation, folder.fitting, folder.dataFormat)
    self.shuffleSeed = shuffleSeed
  }

  public var classNames: [String]? { files.classNames }

  /// The part for training or for validation, which is not shuffled in every epoch.
  ///
  /// - Throws: `invalidArgument` for a share that leaves one part nothing.
  public func subset(_ subset: FolderSubset, validationShare: Double) throws(KerasError) -> ImageFolder {
    ImageFolder(
      try files.subset(subset, validationShare: validationShare), of: self,
      subset == .training ? shuffleSeed : nil)
  }

  /// Batches of pictures with their labels as targets.
  ///
  /// The next batches are decoded while one is computed with, on all processors; at most two wait. A picture that
  /// cannot be read is an error that names it.
  ///
  /// - Throws: `invalidArgument` for a batch size below 1, or binary labels of other than two classes.
  public func data(batchSize: Int = 32, labelMode: LabelMode = .integer) throws(KerasError) -> any DataSource
  {
    let data = try FolderData(files, batchSize: batchSize, labelMode: labelMode, shuffleSeed: shuffleSeed) {
      paths in
      [try pictures(paths)]
    }
    return AheadOfTime(source: data)
  }

  /// The picture in a file as it stands in batches.
  public func picture(_ path: String) throws(KerasError) -> Tensor { try grid(path).tensor(dataFormat) }

  private func grid(_ path: String) throws(KerasError) -> PixelGrid {
    let image = try Image(contentsOf: path, colorMode: colorMode).inEightBits()
    var (rows, columns) = (0..<image.height, 0..<image.width)
    if fitting == .crop {
      // In single precision, as TensorFlow.
      func part(_ length: Int, _ other: Int, _ new: Int, _ newOther: Int) -> Range<Int> {
        let fitting = Int(min(Float(other) * Float(new) / Float(newOther), 1e9))
        let count = max(min(length, fitting), 1)
        let start = (length - count) / 2
        return start..<start + count
      }
      (rows, columns) = (
        part(image.height, image.width, size.height, size.width),
        part(image.width, image.height, size.width, size.height)
      )
    }
    return PixelGrid(image, resizedTo: size, interpolation, rows: rows, columns: columns)
  }

  private func pictures(_ paths: [String]) throws(KerasError) -> Tensor {
    let shape =
      dataFormat == .channelsLast
      ? [size.height, size.width, colorMode.channelCount] : [colorMode.channelCount, size.height, size.width]
    let count = shape.reduce(1, *)
    var failures = [KerasError?](repeating: nil, count: paths.count)
    let batch = Tensor(uninitialized: [paths.count] + shape, Float.self) { elements in
      nonisolated(unsafe) let elements = elements
      failures.withUnsafeMutableBufferPointer { failures in
        nonisolated(unsafe) let failures = failures
        DispatchQueue.concurrentPerform(iterations: paths.count) { index in
          let place = UnsafeMutableBufferPointer(rebasing: elements[index * count..<(index + 1) * count])
          do throws(KerasError) {
            try grid(paths[index]).write(to: place, dataFormat)
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
  func batches(inEpoch epoch: Int) throws -> BatchStream { try source.batches(inEpoch: epoch).readAhead() }
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

extension Image {
  /// The same with the upper eight of sixteen bits alone, as TensorFlow decodes pictures.
  fileprivate func inEightBits() throws(KerasError) -> Image {
    guard mode == .grayscale16 else { return self }
    let high = stride(from: 1, to: pixels.count, by: 2).map { pixels[$0] }
    return try Image(width: width, height: height, mode: .grayscale, pixels: high)
  }
}
