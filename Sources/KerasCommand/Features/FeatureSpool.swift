import Glibc
import Keras

/// A picture in a file of features.
struct FeatureEntry {
  let file: String
  /// Its position in the whole walk.
  let index: Int
  var error: String?

  var line: String {
    var object: JSONObject = ["file": .string(file), "index": .integer(index)]
    if let error { object["error"] = .string(error) }
    return JSON.object(object).text() + "\n"
  }

  init(file: String, index: Int, error: String? = nil) {
    (self.file, self.index, self.error) = (file, index, error)
  }

  init?(line: [UInt8]) {
    guard let json = try? JSON(parsing: line), let file = json["file"]?.string,
      let index = json["index"]?.integer
    else { return nil }
    self.init(file: file, index: index, error: json["error"]?.string)
  }
}

/// The folder in which rows are kept while they are computed, and of which the file is made.
///
/// - `job.json` says what is computed, `shapes.json` what one row of each array is;
/// - `rows-0`, `rows-1`, … hold the rows of each array, float32, one behind the other;
/// - `files.jsonl` has a line for each picture, written when its row is there.
///
/// All are only appended to, so that after the end of the process at any moment what is whole can be told: as many
/// pictures as there are whole lines with whole rows.
final class FeatureSpool {
  let folder: String
  let arrays: [String]
  /// The shape of a row of each array; empty as long as no picture has been computed.
  private(set) var shapes: [[Int]] = []
  /// Lines written, and how many of those have rows.
  private(set) var entries = 0
  private(set) var rows = 0
  private var rowFiles: [Int32] = []
  private var lineFile: Int32 = -1
  private let lock: Int32

  var failures: Int { entries - rows }

  static func folder(for output: String) -> String { output + ".part" }

  /// Begins one.
  ///
  /// - Throws: `invalidArgument` where one is there already; `fileAccess`.
  init(creating folder: String, job: JSON, arrays: [String]) throws(KerasError) {
    self.folder = folder
    self.arrays = arrays
    guard mkdir(folder, 0o777) == 0 else {
      guard errno == EEXIST else { throw cannotWrite(folder, errno) }
      throw KerasError(
        .invalidArgument, "\(folder.escaped) is there already: a run that did not come to its end.",
        remedy: "go on with --resume, or remove it to begin again.")
    }
    try writeFile(at: joined(folder, "job.json")) { (file) throws(KerasError) in
      try file.append(Array((job.text() + "\n").utf8))
    }
    lock = try Self.locked(folder)
    try openFiles()
  }

  /// Opens one to go on with; nil where there is none, or none that has begun.
  ///
  /// - Throws: `invalidArgument` where it is another job's or another process writes it.
  init?(resuming folder: String, job: JSON, arrays: [String]) throws(KerasError) {
    let jobFile = joined(folder, "job.json")
    guard isFolder(folder) else { return nil }
    guard let stored = try contents(ofSmallFile: jobFile) else {
      try Self.remove(folder)
      return nil
    }
    self.folder = folder
    self.arrays = arrays
    let found = try JSON(parsing: stored)
    let keys = FeatureJob.differences(found, job).joined(separator: ", ")
    guard keys.isEmpty else {
      throw KerasError(
        .invalidArgument, "\(folder.escaped) was begun with something else: \(keys) differ.",
        remedy: "resume with the same arguments and files, or remove it to begin again.")
    }
    lock = try Self.locked(folder)
    if let text = try contents(ofSmallFile: joined(folder, "shapes.json")),
      let stored = try? JSON(parsing: text).array
    {
      shapes = stored.map { $0.array?.compactMap(\.integer) ?? [] }
    }
    try openFiles()
  }

  deinit {
    for file in rowFiles + [lineFile, lock] where file >= 0 { close(file) }
  }

  private static func locked(_ folder: String) throws(KerasError) -> Int32 {
    let path = joined(folder, "job.json")
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw cannotRead(path, errno) }
    guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
      close(file)
      throw KerasError(
        .invalidArgument, "Another process is writing \(folder.escaped).", remedy: "wait for it, or end it.")
    }
    return file
  }

  private func openFiles() throws(KerasError) {
    func opened(_ name: String) throws(KerasError) -> Int32 {
      let path = joined(folder, name)
      let file = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
      guard file >= 0 else { throw cannotWrite(path, errno) }
      return file
    }
    for place in arrays.indices { rowFiles.append(try opened("rows-\(place)")) }
    lineFile = try opened("files.jsonl")
  }

  // MARK: Writing

  /// Appends pictures of a batch, in order; `values` are the rows of each array of those without an error.
  func append(_ batch: [FeatureEntry], _ values: [Tensor]) throws(KerasError) {
    let count = batch.count { $0.error == nil }
    if count > 0 {
      let found = values.map { Array($0.shape.dropFirst()) }
      if shapes.isEmpty {
        let text = JSON.array(found.map { .array($0.map { .integer($0) }) }).text()
        try writeFile(at: joined(folder, "shapes.json")) { (file) throws(KerasError) in
          try file.append(Array(text.utf8))
        }
        shapes = found
      }
      guard found == shapes else {
        throw KerasError(.shapeMismatch, "Expected rows of shape \(shapes), found \(found).")
      }
      for (file, (tensor, shape)) in zip(rowFiles, zip(values, shapes)) {
        let byteCount = count * Self.byteCount(shape)
        try tensor.withUnsafeBytes { (bytes) throws(KerasError) in
          try write(UnsafeRawBufferPointer(rebasing: bytes[..<byteCount]), to: file)
        }
      }
    }
    var text = batch.reduce(into: "") { $0 += $1.line }
    var failure: KerasError?
    text.withUTF8 { bytes in
      do throws(KerasError) { try write(UnsafeRawBufferPointer(bytes), to: lineFile) } catch { failure = error }
    }
    if let failure { throw failure }
    entries += batch.count
    rows += count
  }

  private func write(_ bytes: UnsafeRawBufferPointer, to file: Int32) throws(KerasError) {
    guard writeAll(bytes, to: file) else { throw cannotWrite(folder, errno) }
  }

  /// Goes back to the last whole batch, and forgets what comes behind it.
  ///
  /// - Parameter visit: is shown what is kept.
  func rewind(
    toMultipleOf batchSize: Int, _ visit: (FeatureEntry) throws(KerasError) -> Void
  ) throws(KerasError) {
    var stored = Int.max
    for (file, shape) in zip(rowFiles, shapes) {
      var status = stat()
      guard fstat(file, &status) == 0 else { throw cannotRead(folder, errno) }
      stored = min(stored, Int(status.st_size) / max(1, Self.byteCount(shape)))
    }
    if shapes.isEmpty { stored = 0 }
    // What is whole, counted first.
    var (lines, found, kept) = (0, 0, (entries: 0, rows: 0, bytes: 0))
    let reader = try LineReader(joined(folder, "files.jsonl"))
    while let line = try reader.next(), let entry = FeatureEntry(line: line) {
      lines += 1
      if entry.error == nil { found += 1 }
      if found > stored { break }
      if lines % batchSize == 0 { kept = (lines, found, reader.position) }
    }
    guard ftruncate(lineFile, off_t(kept.bytes)) == 0 else { throw cannotWrite(folder, errno) }
    for (place, file) in rowFiles.enumerated() {
      let byteCount = shapes.isEmpty ? 0 : kept.rows * Self.byteCount(shapes[place])
      guard ftruncate(file, off_t(byteCount)) == 0 else { throw cannotWrite(folder, errno) }
    }
    (entries, rows) = (kept.entries, kept.rows)
    try forEachEntry(visit)
  }

  // MARK: Reading

  func forEachEntry(_ body: (FeatureEntry) throws(KerasError) -> Void) throws(KerasError) {
    let reader = try LineReader(joined(folder, "files.jsonl"))
    while let line = try reader.next() {
      guard let entry = FeatureEntry(line: line) else {
        throw KerasError(.invalidFile, "\(folder.escaped) is damaged.", remedy: "remove it and begin again.")
      }
      try body(entry)
    }
  }

  /// Hands out the rows of an array from `start` on, so many at a time as fit into a megabyte.
  func forEachPiece(
    of array: Int, in range: Range<Int>? = nil, _ body: (UnsafeRawBufferPointer) throws(KerasError) -> Void
  ) throws(KerasError) {
    guard !shapes.isEmpty, rows > 0 else { return }
    let rowBytes = Self.byteCount(shapes[array])
    let range = range ?? 0..<rows
    let count = max(1, min((1 << 20) / max(1, rowBytes), range.count))
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: count * rowBytes, alignment: 64)
    defer { buffer.deallocate() }
    for start in stride(from: range.lowerBound, to: range.upperBound, by: count) {
      let part = UnsafeMutableRawBufferPointer(
        rebasing: buffer[..<(min(count, range.upperBound - start) * rowBytes)])
      try readPart(rowFiles[array], at: start * rowBytes, into: part, of: folder)
      try body(UnsafeRawBufferPointer(part))
    }
  }

  /// Some rows of an array: `[count, …]`.
  func tensor(_ array: Int, rows range: Range<Int>) throws(KerasError) -> Tensor {
    let shape = shapes[array]
    return try Tensor(uninitialized: [range.count] + shape, .float32) { (bytes) throws(KerasError) in
      try readPart(
        rowFiles[array], at: range.lowerBound * Self.byteCount(shape), into: bytes, of: folder)
    }
  }

  private static func byteCount(_ shape: [Int]) -> Int { shape.reduce(4, *) }

  // MARK: The end

  /// Where the file is written before it takes its place; gone with the folder if it never does.
  var draft: String { joined(folder, "result") }

  /// Removes the folder.
  func remove() throws(KerasError) { try Self.remove(folder) }

  static func remove(_ folder: String) throws(KerasError) {
    // Last, what says whose the folder is.
    let names = (names(inFolder: folder) ?? []).sorted { ($0 == "job.json" ? 1 : 0, $0) < ($1 == "job.json" ? 1 : 0, $1) }
    for name in names {
      guard unlink(joined(folder, name)) == 0 || errno == ENOENT else {
        throw cannotWrite(joined(folder, name), errno)
      }
    }
    guard rmdir(folder) == 0 else { throw cannotWrite(folder, errno) }
  }
}
