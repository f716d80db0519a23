import Glibc
import KerasCore

/// Where labels of files come from.
public enum FileLabels: Hashable, Sendable {
  /// The folder has a folder for each class.
  case inferred
  /// There are none; folders inside do not matter.
  case none
  /// One for each file, in the order of ``LabelledFiles/paths`` before they are shuffled; folders inside do
  /// not matter.
  case given([Int])
}

/// What targets are made of labels. Raw values are Keras'.
public enum LabelMode: String, Hashable, Sendable, CaseIterable {
  /// Class numbers `[samples]`, int32.
  case integer = "int"
  /// Rows with a one in the class' place, `[samples, classes]`, float32.
  case categorical
  /// 0 or 1 of two classes, `[samples, 1]`, float32.
  case binary
}

/// Which part of a folder's files is wanted, when some are kept for validation. Raw values are Keras'.
public enum FolderSubset: String, Hashable, Sendable, CaseIterable { case training, validation }

/// The files in a folder and the classes they belong to, in Keras' order: `image_dataset_from_directory` and
/// its like shuffle and split them the same way for the same seed.
public struct LabelledFiles: Hashable, Sendable {
  public let folder: String
  public private(set) var paths: [String]
  /// The number of each file's class; nil without labels.
  public private(set) var labels: [Int]?
  /// Folders' names, or labels that were given, sorted; nil without labels.
  public let classNames: [String]?
  /// Mixes the files again in every epoch; nil for the order they have.
  private(set) var epochSeed: UInt32?

  /// - Parameters:
  ///   - formats: endings of names, such as `.txt`; capitals do not matter.
  ///   - classNames: the folders to use, in the order of their numbers; nil for all, sorted.
  ///   - shuffleSeed: mixes the files as NumPy does; nil for sorted ones.
  ///   - followsLinks: whether to look into folders that are links.
  /// - Throws: `fileNotFound` or `fileAccess` for a folder that cannot be read or has no class in it;
  ///   `unknownName` for a class that has no folder; `invalidArgument` for another number of labels.
  public init(
    folder: String, labels source: FileLabels = .inferred, formats: [String],
    classNames wanted: [String]? = nil,
    shuffleSeed: UInt32? = nil, followsLinks: Bool = false
  ) throws(KerasError) {
    try self.init(folder, source, formats, wanted, shuffleSeed, followsLinks, seesHiddenFolders: false)
  }

  /// - Parameter seesHiddenFolders: whether a folder whose name begins with a dot is a class.
  init(
    _ folder: String, _ source: FileLabels, _ formats: [String], _ wanted: [String]?, _ shuffleSeed: UInt32?,
    _ followsLinks: Bool, seesHiddenFolders: Bool
  ) throws(KerasError) {
    self.folder = folder
    var found: [String] = []
    switch source {
    case .inferred:
      let classes = try Self.classFolders(in: folder, wanted, seesHidden: seesHiddenFolders)
      var numbers: [Int] = []
      for (number, name) in classes.enumerated() {
        let files = try FolderWalk(followsLinks: followsLinks).files(
          in: joined(folder, name), formats: formats)
        found += files
        numbers += repeatElement(number, count: files.count)
      }
      (labels, classNames) = (numbers, classes)
    case .none, .given:
      try require(
        wanted == nil, "Names of classes go with labels that are inferred from folders, and only with those.")
      found = try FolderWalk(followsLinks: followsLinks).files(in: folder, formats: formats)
      if case .given(let numbers) = source {
        try require(
          numbers.count == found.count,
          "\(found.count) files need as many labels, found \(numbers.count).", remedy: "label every file.")
        labels = numbers
        classNames = Set(numbers).sorted().map(String.init)
      } else {
        (labels, classNames) = (nil, nil)
      }
    }
    paths = found
    epochSeed = shuffleSeed
    if let shuffleSeed {
      var random = NumPyRandom(seed: shuffleSeed)
      let order = random.permutation(paths.count)
      paths = order.map { paths[$0] }
      labels = labels.map { labels in order.map { labels[$0] } }
    }
  }

  /// The names of folders in a folder, sorted by code points as Python does.
  private static func classFolders(
    in folder: String, _ wanted: [String]?, seesHidden: Bool
  ) throws(KerasError) -> [String] {
    guard let entries = names(inFolder: folder) else { throw cannotRead(folder, errno) }
    let folders = entries.filter { (seesHidden || !$0.hasPrefix(".")) && isFolder(joined(folder, $0)) }
      .sortedAsInPython()
    guard !folders.isEmpty else {
      throw KerasError(
        .fileNotFound, "\(folder.escaped) holds no folders: files lie in a folder for each class.")
    }
    guard let wanted else { return folders }
    for name in wanted where !folders.contains(name) {
      let nearest = nearestNames(to: name, among: folders)
      throw KerasError(
        .unknownName, "There is no folder for the class `\(name.escaped)`.", path: [folder.escaped],
        remedy: nearest.isEmpty ? nil : "did you mean \(nearest.map(\.escaped).joined(separator: ", "))?")
    }
    return wanted
  }

  /// The part for training or that for validation, which are the last files.
  ///
  /// - Parameter share: of validation, between 0 and 1.
  /// - Throws: `invalidArgument` for a share that leaves one part nothing.
  public func subset(_ subset: FolderSubset, validationShare share: Double) throws(KerasError)
    -> LabelledFiles
  {
    try require(share > 0 && share < 1, "The share for validation must be between 0 and 1, found \(share).")
    let held = Int(share * Double(paths.count))
    try require(
      held > 0 && held < paths.count,
      "A share of \(share) keeps \(held) of \(paths.count) files for validation.",
      remedy: "choose a share that leaves both parts some.")
    let part = subset == .training ? 0..<paths.count - held : paths.count - held..<paths.count
    var files = self
    files.paths = Array(paths[part])
    files.labels = labels.map { Array($0[part]) }
    if subset == .validation { files.epochSeed = nil }
    return files
  }

  /// - Parameter what: what the files would be, in words.
  /// - Throws: `fileNotFound` where there are none.
  func requireSome(_ what: String, _ formats: [String]) throws(KerasError) {
    try require(
      !paths.isEmpty, .fileNotFound,
      "There are no \(what) (\(formats.joined(separator: ", "))) in \(folder.escaped).")
  }

  /// Targets of some files; nil without labels.
  ///
  /// - Throws: `invalidArgument` for binary targets of more or fewer than two classes.
  public func targets(_ mode: LabelMode, at places: some Collection<Int>) throws(KerasError) -> Tensor? {
    guard let labels, let classNames else { return nil }
    let numbers = places.map { labels[$0] }
    switch mode {
    case .integer: return Tensor(numbers.map { Int32(clamping: $0) })
    case .categorical: return try toCategorical(Tensor(numbers), classCount: classNames.count)
    case .binary:
      try require(
        classNames.count == 2, .invalidArgument,
        "Binary labels tell 2 classes apart, found \(classNames.count).",
        path: [folder.escaped], remedy: "use labels int or categorical.")
      return Tensor(uninitialized: [numbers.count, 1], Float.self) { elements in
        for (index, number) in numbers.enumerated() { elements[index] = Float(number) }
      }
    }
  }
}

extension [String] {
  /// By code points, which UTF-8 keeps in order.
  func sortedAsInPython() -> [String] { sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } }
}

/// Everything below a folder, as Python's `os.walk` finds it.
struct FolderWalk {
  let followsLinks: Bool

  /// Folders nested deeper than this are a loop, or as good as one.
  private static let deepest = 200

  /// Paths of files whose names end in one of `formats`: folder by folder, folders sorted by their paths.
  ///
  /// - Throws: `fileNotFound`, `fileAccess` for a folder that cannot be read.
  func files(in folder: String, formats: [String]) throws(KerasError) -> [String] {
    var found: [(folder: String, names: [String])] = []
    var open = [(path: folder, depth: 0)]
    var seen: Set<FolderIdentity> = []
    let endings = formats.map { $0.lowercased() }
    while let (path, depth) = open.popLast() {
      guard let entries = names(inFolder: path) else { throw cannotRead(path, errno) }
      // Links may lead round in circles.
      if followsLinks, let identity = FolderIdentity(path), !seen.insert(identity).inserted { continue }
      var files: [String] = []
      for name in entries {
        let place = joined(path, name)
        if isFolder(place) {
          if depth < Self.deepest, followsLinks || !isLink(place) { open.append((place, depth + 1)) }
        } else if endings.contains(where: name.lowercased().hasSuffix) {
          files.append(name)
        }
      }
      found.append((path, files.sortedAsInPython()))
    }
    let sorted = found.sorted { $0.folder.utf8.lexicographicallyPrecedes($1.folder.utf8) }
    return sorted.flatMap { folder, names in names.map { joined(folder, $0) } }
  }

  private func isLink(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
  }

  private struct FolderIdentity: Hashable {
    let device: UInt64
    let number: UInt64

    init?(_ path: String) {
      var status = stat()
      guard stat(path, &status) == 0 else { return nil }
      (device, number) = (UInt64(status.st_dev), UInt64(status.st_ino))
    }
  }
}
