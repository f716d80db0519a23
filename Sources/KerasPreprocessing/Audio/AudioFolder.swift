import KerasCore

/// Sounds in the files of a folder, as Keras' `audio_dataset_from_directory`: `.wav`.
///
/// ```swift
/// let words = try AudioFolder("words", length: 16_000, shuffleSeed: 1)
/// let data = try words.subset(.training, validationShare: 0.1).data(batchSize: 64)
/// ```
/// Batches are `[sounds, samples, channels]`. Sounds are not resampled: those of a batch must have one
/// sampling rate.
public struct AudioFolder: Sendable {
  /// The files and their classes.
  public private(set) var files: LabelledFiles
  /// Samples to which sounds are cut or filled up with silence; nil for the longest of each batch.
  public let length: Int?

  /// - Parameters:
  ///   - shuffleSeed: mixes the files as Keras does, and again in every epoch; nil for sorted files.
  ///   - followsLinks: whether to look into folders that are links.
  /// - Throws: as ``LabelledFiles/init(folder:labels:formats:classNames:shuffleSeed:followsLinks:)``; also
  ///   `fileNotFound` where there are no sounds.
  public init(
    _ folder: String, labels: FileLabels = .inferred, classNames: [String]? = nil,
    length: Int? = nil,
    shuffleSeed: UInt32? = nil, followsLinks: Bool = false
  ) throws(KerasError) {
    files = try LabelledFiles(
      folder: folder, labels: labels, formats: [".wav"], classNames: classNames,
      shuffleSeed: shuffleSeed,
      followsLinks: followsLinks)
    try files.requireSome("sounds", [".wav"])
    try require((1...1 << 31).contains(length ?? 1), "Sounds cannot have \(length ?? 0) samples.")
    self.length = length
  }

  public var classNames: [String]? { files.classNames }

  /// The part for training or for validation, which is not shuffled in every epoch.
  ///
  /// - Throws: `invalidArgument` for a share that leaves one part nothing.
  public func subset(_ subset: FolderSubset, validationShare: Double) throws(KerasError)
    -> AudioFolder
  {
    var part = self
    part.files = try files.subset(subset, validationShare: validationShare)
    return part
  }

  /// Batches of sounds with their labels as targets.
  ///
  /// Files are read when their batch's turn comes; one that cannot be read is an error that names it.
  ///
  /// - Throws: `invalidArgument` for a batch size below 1, or binary labels of other than two classes.
  public func data(batchSize: Int = 32, labelMode: LabelMode = .integer) throws(KerasError)
    -> any DataSource
  {
    let length = length
    return try FolderData(files, batchSize: batchSize, labelMode: labelMode) { samples in
      [try Self.read(samples.paths, length)]
    }
  }

  private static func read(_ paths: [String], _ length: Int?) throws(KerasError) -> Tensor {
    var sounds: [Tensor] = []
    var first: WaveFile?
    for path in paths {
      let sound = try WaveFile(path)
      let wanted = first ?? sound
      first = wanted
      guard sound.samples.shape[1] == wanted.samples.shape[1],
        sound.samplingRate == wanted.samplingRate
      else {
        throw KerasError(
          .invalidFile,
          "Expected \(wanted.samples.shape[1]) channels of \(wanted.samplingRate) samples a second, as in "
            + "\(paths[0].escaped), found \(sound.samples.shape[1]) of \(sound.samplingRate).",
          path: [path.escaped], remedy: "convert the files to one form.")
      }
      sounds.append(sound.samples)
    }
    // Files without a single sample have channels, too.
    return try padSequences(
      sounds, step: [first?.samples.shape[1] ?? 1], length, .post, .post, 0, .float32)
  }
}
