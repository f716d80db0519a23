import KerasCore

/// Texts in the files of a folder, as Keras' `text_dataset_from_directory`: `.txt`, in UTF-8.
///
/// ```swift
/// let reviews = try TextFolder("reviews/train", shuffleSeed: 1)
/// let vectorize = try TextVectorization(maxTokens: 10_000, sequenceLength: 200)
/// try vectorize.adapt(to: StringTensor(reviews.texts()))
/// let data = try reviews.data { try vectorize($0) }
/// ```
public struct TextFolder: Sendable {
  /// The files and their classes.
  public private(set) var files: LabelledFiles
  /// Of texts, in bytes; longer ones are cut, as in Keras.
  public let longestText: Int?

  /// A text of which more is not read.
  private static let largestFile = 1 << 30

  /// - Parameters:
  ///   - shuffleSeed: mixes the files as Keras does, and again in every epoch; nil for sorted files.
  ///   - followsLinks: whether to look into folders that are links.
  /// - Throws: as ``LabelledFiles/init(folder:labels:formats:classNames:shuffleSeed:followsLinks:)``; also
  ///   `fileNotFound` where there are no texts.
  public init(
    _ folder: String, labels: FileLabels = .inferred, classNames: [String]? = nil,
    longestText: Int? = nil,
    shuffleSeed: UInt32? = nil, followsLinks: Bool = false
  ) throws(KerasError) {
    files = try LabelledFiles(
      folder: folder, labels: labels, formats: [".txt"], classNames: classNames,
      shuffleSeed: shuffleSeed,
      followsLinks: followsLinks)
    try files.requireSome("texts", [".txt"])
    try require((longestText ?? 1) > 0, "Texts cannot be cut to \(longestText ?? 0) bytes.")
    self.longestText = longestText
  }

  public var classNames: [String]? { files.classNames }

  /// The part for training or for validation, which is not shuffled in every epoch.
  ///
  /// - Throws: `invalidArgument` for a share that leaves one part nothing.
  public func subset(_ subset: FolderSubset, validationShare: Double) throws(KerasError)
    -> TextFolder
  {
    var part = self
    part.files = try files.subset(subset, validationShare: validationShare)
    return part
  }

  /// All texts, in the order of ``files``.
  ///
  /// - Throws: `fileAccess`; `invalidFile` for what is not UTF-8, with the file's name and the place.
  public func texts() throws(KerasError) -> [String] { try Self.read(files.paths, longestText) }

  /// Batches of what `vectorizing` makes of texts `[batch]`, with their labels as targets.
  ///
  /// - Throws: `invalidArgument` for a batch size below 1, or binary labels of other than two classes.
  public func data(
    batchSize: Int = 32, labelMode: LabelMode = .integer,
    vectorizing: @escaping @Sendable (StringTensor) throws -> Tensor
  ) throws(KerasError) -> any DataSource {
    let longestText = longestText
    return try FolderData(files, batchSize: batchSize, labelMode: labelMode) { samples in
      [try vectorizing(StringTensor(Self.read(samples.paths, longestText)))]
    }
  }

  private static func read(_ paths: [String], _ longest: Int?) throws(KerasError) -> [String] {
    var texts: [String] = []
    for path in paths {
      texts.append(try within(path.escaped) { () throws(KerasError) in try read(path, longest) })
    }
    return texts
  }

  private static func read(_ path: String, _ longest: Int?) throws(KerasError) -> String {
    var bytes = try readFile(path, atMost: largestFile)
    if let longest, bytes.count > longest {
      // A letter that the cut divides goes, too.
      var end = longest
      while end > 0, bytes[end] & 0xC0 == 0x80 { end -= 1 }
      bytes.removeLast(bytes.count - end)
    }
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    let place = zip(bytes, Array(String(decoding: bytes, as: UTF8.self).utf8)).enumerated()
      .first { $0.element.0 != $0.element.1 }?.offset
    throw KerasError(
      .invalidFile, "This is no text in UTF-8: byte \(place ?? bytes.count) is none of a letter.",
      remedy: "convert it, with iconv -f latin1 -t utf-8 for instance.")
  }
}
