import Glibc
import KerasCore

/// What targets a flow makes of classes. Raw values are Keras'.
public enum ClassMode: String, Hashable, Sendable, CaseIterable {
  /// Rows with a one in the class' place.
  case categorical
  /// 0 or 1.
  case binary
  /// Class numbers, int32.
  case sparse
  /// The pictures themselves, as they come out.
  case input
  /// None.
  case none
}

extension ImageDataGenerator {
  /// Pictures in memory with what is to be said of them, changed and standardized.
  ///
  /// - Parameters:
  ///   - x: `[samples, height, width, channels]`, or with channels first.
  ///   - y: `[samples, …]`; nil for none.
  ///   - shuffles: whether samples come in another order in each epoch.
  ///   - seed: NumPy's, for order and changes; nil for another at each call.
  ///   - subset: a part, by the generator's `validationSplit`: the first samples are those for validation.
  ///   - copies: where to keep pictures that are made.
  /// - Throws: `shapeMismatch` where numbers of samples differ; `invalidArgument` for a subset without any sample.
  public func flow(
    _ x: Tensor, _ y: Tensor? = nil, batchSize: Int = 32, shuffles: Bool = true, sampleWeights: Tensor? = nil,
    seed: UInt32? = nil, subset: FolderSubset? = nil, copies: PictureFlow.Copies? = nil
  ) throws(KerasError) -> PictureFlow {
    _ = try channelCount(of: x)
    guard x.shape.count == 4 else {
      throw KerasError(.shapeMismatch, "Expected a batch of pictures, found shape \(x.shape).")
    }
    for (what, tensor) in [("targets", y), ("sample weights", sampleWeights)] {
      guard let tensor, tensor.shape.first != x.shape[0] else { continue }
      throw KerasError(
        .shapeMismatch, "\(x.shape[0]) pictures need as many \(what), found shape \(tensor.shape).")
    }
    let samples = try part(subset, of: Array(0..<x.shape[0]))
    let (isLast, format) = (dataFormat == .channelsLast, dataFormat)
    return try flow(
      count: samples.count, batchSize, shuffles, seed, copies,
      size: ImageSize(height: x.shape[isLast ? 1 : 2], width: x.shape[isLast ? 2 : 3]),
      sampleWeights: sampleWeights?.gatheringRows(samples[...])
    ) { (index) throws(KerasError) in
      let row = samples[index]
      return try PixelGrid(x.rows(row..<row + 1).reshaped(to: Array(x.shape.dropFirst())), format)
    } targets: { (places, _) throws(KerasError) in
      y.map { [$0.gatheringRows(places.map { samples[$0] }[...])] } ?? []
    }
  }

  /// Pictures in a folder that holds a folder for each class; as in Keras, hidden folders are classes, too.
  ///
  /// - Parameters:
  ///   - size: to which they are resized while they are read.
  ///   - classNames: the folders to use, in the order of their numbers; nil for all, sorted.
  ///   - subset: a part, by the generator's `validationSplit`: the first files of each class are those for validation.
  /// - Throws: `fileNotFound` where there are no pictures, and as
  ///   ``LabelledFiles/init(folder:labels:formats:classNames:shuffleSeed:followsLinks:)``. A picture that cannot be read
  ///   is an error of its batch, which names it.
  public func flowFromDirectory(
    _ folder: String, size: ImageSize = ImageSize(side: 256), colorMode: ColorMode = .rgb,
    classNames: [String]? = nil, classMode: ClassMode = .categorical, batchSize: Int = 32,
    shuffles: Bool = true,
    seed: UInt32? = nil, followsLinks: Bool = false, subset: FolderSubset? = nil,
    interpolation: Interpolation = .nearest, keepsAspectRatio: Bool = false, copies: PictureFlow.Copies? = nil
  ) throws(KerasError) -> PictureFlow {
    let found = try LabelledFiles(
      folder, .inferred, Self.formats, classNames, nil, followsLinks, seesHiddenFolders: true)
    let (names, labels) = (found.classNames ?? [], found.labels ?? [])
    var samples: [Int] = []
    for number in names.indices {
      samples += try part(subset, of: labels.indices.filter { labels[$0] == number }, mayBeEmpty: true)
    }
    return try flow(
      samples.map { found.paths[$0] }, in: folder, classes: samples.map { [labels[$0]] }, names, classMode,
      size,
      colorMode, interpolation, keepsAspectRatio, batchSize, shuffles, seed, copies)
  }

  /// Pictures that a table names, with classes or numbers from the table: a CSV file in place of Keras' data frame.
  ///
  /// - Parameters:
  ///   - folder: what names of files are relative to.
  ///   - fileColumn, labelColumn: headings of columns.
  ///   - labelSeparator: what stands between the classes of a picture that has several; then `classMode` is categorical.
  ///   - weightColumn: of sample weights.
  ///   - classNames: those to use, in the order of their numbers; rows of others are left out. nil for all, sorted.
  ///   - subset: a part, by the generator's `validationSplit`: the first rows are those for validation.
  /// - Throws: `unknownName` for a column that is not there; `fileNotFound` where no file is; `invalidFile` for numbers
  ///   that are none. Rows whose file is not there are left out with a warning.
  public func flowFromTable(
    _ table: Table, folder: String = "", fileColumn: String = "filename", labelColumn: String = "class",
    labelSeparator: Character? = nil, weightColumn: String? = nil, size: ImageSize = ImageSize(side: 256),
    colorMode: ColorMode = .rgb, classNames: [String]? = nil, classMode: ClassMode = .categorical,
    batchSize: Int = 32, shuffles: Bool = true, seed: UInt32? = nil, subset: FolderSubset? = nil,
    interpolation: Interpolation = .nearest,
    keepsAspectRatio: Bool = false, copies: PictureFlow.Copies? = nil
  ) throws(KerasError) -> PictureFlow {
    let files = try presentFiles(table, folder, fileColumn)
    var rows = files.rows
    var names: [String] = []
    var classes: [[Int]]?
    try require(
      labelSeparator == nil || classMode == .categorical,
      "Pictures of several classes need the class mode categorical, found \(classMode.rawValue).")
    if [.categorical, .binary, .sparse].contains(classMode) {
      let labels = try table.column(labelColumn).map { cell in
        labelSeparator.map { Self.labels(in: cell, $0) } ?? [cell]
      }
      names = classNames ?? Array(Set(rows.flatMap { labels[$0] })).sortedAsInPython()
      let numbers = Dictionary(names.enumerated().map { ($1, $0) }) { first, _ in first }
      // Whoever says which classes there are leaves out what has none of them.
      if classNames != nil { rows = rows.filter { labels[$0].contains { numbers[$0] != nil } } }
      rows = try part(subset, of: rows)
      classes = rows.map { labels[$0].compactMap { numbers[$0] } }
    } else {
      rows = try part(subset, of: rows)
    }
    let weights = try weightColumn.map { (column) throws(KerasError) in
      let numbers = try table.numbers(column)
      return Tensor(rows.map { numbers[$0] })
    }
    return try flow(
      rows.map { files.paths[$0] }, in: table.name, classes: classes, names, classMode, size, colorMode,
      interpolation, keepsAspectRatio, batchSize, shuffles, seed, copies, sampleWeights: weights)
  }

  /// The same with numbers as targets, for regression: `raw` of Keras with one column, `multi_output` with a target for
  /// each of several.
  ///
  /// - Parameter columns: one target `[samples]` for each.
  public func flowFromTable(
    _ table: Table, folder: String = "", fileColumn: String = "filename", targetColumns columns: [String],
    size: ImageSize = ImageSize(side: 256), colorMode: ColorMode = .rgb, batchSize: Int = 32,
    shuffles: Bool = true, seed: UInt32? = nil, subset: FolderSubset? = nil,
    interpolation: Interpolation = .nearest, keepsAspectRatio: Bool = false
  ) throws(KerasError) -> PictureFlow {
    let files = try presentFiles(table, folder, fileColumn)
    let rows = try part(subset, of: files.rows)
    var targets: [Tensor] = []
    for column in columns {
      let numbers = try table.numbers(column)
      targets.append(Tensor(rows.map { numbers[$0] }))
    }
    return try flow(
      rows.map { files.paths[$0] }, in: table.name, classes: nil, [], .none, size, colorMode, interpolation,
      keepsAspectRatio, batchSize, shuffles, seed, nil, targets: targets)
  }

  private static func labels(in cell: String, _ separator: Character) -> [String] {
    cell.split(separator: separator).map { part in
      let start = part.drop { $0.isWhitespace }
      return String(
        start[..<(start.lastIndex { !$0.isWhitespace }.map(start.index(after:)) ?? start.startIndex)])
    }.filter { !$0.isEmpty }
  }

  /// The endings Keras looks for.
  private static let formats = [".png", ".jpg", ".jpeg", ".bmp", ".ppm", ".tif", ".tiff"]

  /// The path of each row, and the rows whose file is there.
  private func presentFiles(
    _ table: Table, _ folder: String, _ column: String
  ) throws(KerasError) -> (paths: [String], rows: [Int]) {
    let paths = try table.column(column).map { folder.isEmpty || $0.hasPrefix("/") ? $0 : joined(folder, $0) }
    try require(!paths.isEmpty, .invalidFile, "The table has no rows.", path: [table.name])
    let rows = paths.indices.filter { isFile(paths[$0]) }
    guard let missing = paths.indices.first(where: { !isFile(paths[$0]) }) else { return (paths, rows) }
    try require(
      !rows.isEmpty, .fileNotFound,
      "None of the \(paths.count) files that the table names is there; the first is \(paths[missing].escaped).",
      path: [table.name], remedy: "say which folder they are in.")
    Warnings.report(
      "\(table.name): \(paths.count - rows.count) of \(paths.count) files are not there and are left out, the first "
        + "of them \(paths[missing].escaped).")
    return (paths, rows)
  }

  /// All, or the first ones for validation, or the rest.
  private func part(_ subset: FolderSubset?, of samples: [Int], mayBeEmpty: Bool = false) throws(KerasError)
    -> [Int]
  {
    let held = Int(Double(samples.count) * validationSplit)
    let part =
      switch subset {
      case nil: samples
      case .validation: Array(samples[..<held])
      case .training: Array(samples[held...])
      }
    try require(
      mayBeEmpty || !part.isEmpty,
      "A share of \(validationSplit) leaves one part of \(samples.count) samples nothing.")
    return part
  }

  private func flow(
    _ files: [String], in place: String, classes: [[Int]]?, _ names: [String], _ mode: ClassMode,
    _ size: ImageSize,
    _ colorMode: ColorMode, _ interpolation: Interpolation, _ keepsAspectRatio: Bool, _ batchSize: Int,
    _ shuffles: Bool, _ seed: UInt32?, _ copies: PictureFlow.Copies?, sampleWeights: Tensor? = nil,
    targets: [Tensor] = []
  ) throws(KerasError) -> PictureFlow {
    try size.requireReasonable()
    try require(
      !files.isEmpty, .fileNotFound,
      "There are no pictures (\(Self.formats.joined(separator: ", "))) in \(place.escaped).")
    try require(
      mode != .binary || names.count == 2, "Binary labels tell 2 classes apart, found \(names.count).",
      remedy: "use the class mode categorical or sparse.")
    let classes = classes ?? []
    return try flow(
      count: files.count, batchSize, shuffles, seed, copies, size: size, names, files,
      sampleWeights: sampleWeights
    ) { (index) throws(KerasError) in
      PixelGrid(
        try Image.load(
          from: files[index], colorMode: colorMode, targetSize: size, interpolation: interpolation,
          keepsAspectRatio: keepsAspectRatio))
    } targets: { (places, pictures) throws(KerasError) in
      switch mode {
      case .none: targets.map { $0.gatheringRows(places[...]) }
      case .input: [pictures]
      case .sparse: [Tensor(places.flatMap { classes[$0].map { Int32($0) } })]
      case .binary: [Tensor(places.flatMap { classes[$0].map { Float($0) } })]
      case .categorical:
        [
          Tensor(uninitialized: [places.count, names.count], Float.self) { marks in
            marks.update(repeating: 0)
            for (row, place) in places.enumerated() {
              for number in classes[place] { marks[row * names.count + number] = 1 }
            }
          }
        ]
      }
    }
  }

  private func flow(
    count: Int, _ batchSize: Int, _ shuffles: Bool, _ seed: UInt32?, _ copies: PictureFlow.Copies?,
    size: ImageSize, _ classNames: [String] = [], _ files: [String] = [], sampleWeights: Tensor?,
    picture: @escaping @Sendable (Int) throws(KerasError) -> PixelGrid,
    targets: @escaping @Sendable ([Int], Tensor) throws(KerasError) -> [Tensor]
  ) throws(KerasError) -> PictureFlow {
    try require(batchSize > 0, "A batch holds at least one sample, found batch size \(batchSize).")
    if needsFit {
      Warnings.report(
        "The generator is to center or normalize by what it has seen, and has seen nothing: call fit(_:) first."
      )
    }
    return PictureFlow(
      classNames: classNames, files: files, count: count, batchSize: batchSize, generator: self, size: size,
      seed: seed ?? .random(in: 0 ... .max), shuffles: shuffles, copies: copies, picture: picture,
      targets: targets, sampleWeights: sampleWeights)
  }
}

/// Whether there is a file, which pipes and folders are not.
private func isFile(_ path: String) -> Bool {
  var status = stat()
  return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
}
