import Keras

/// Groups of pictures that are nearly the same, and what there is to say of them.
struct DuplicateSearch {
  private(set) var groups: [[Twin]] = []
  /// How many pictures there are, and how many could not be read.
  private(set) var count = 0
  private(set) var failures = 0
  /// Whether none could be compared.
  private(set) var isNothingDone = false
  /// Files with the same bytes as one before them.
  private var copies = 0

  /// Compares the features of an index.
  init(index: FeatureIndex, _ threshold: Double?, threads: Int?) throws(KerasError) {
    let found = try index.grouped(above: threshold ?? FeatureIndex.duplicateThreshold, threads: threads)
    try warnOfUnusable(found.unusable, index)
    count = index.count
    groups = found.groups.map { group in
      group.map { Twin(file: $0.name, index: $0.index, similarity: $0.similarity, path: $0.file) }
    }
  }

  /// Compares pictures: their bytes, and their features where a maker of those is given.
  init(
    _ arguments: [String], _ threshold: Double?, threads: Int?, asJSON: Bool,
    _ maker: (() throws(KerasError) -> FeatureMaker)?
  ) throws(KerasError) {
    var reporter = FailureReporter(asJSON: asJSON)
    let walked = try Self.files(arguments, &reporter)
    let paths = IdenticalFiles.Found(walked.map(\.cString), named: { walked[$0].text })
    for failure in paths.failures { try reporter.report(failure.error, of: walked[failure.place].text) }
    let unreadable = Set(paths.failures.map(\.place))

    // What stands for what: a file for its copies.
    var original = Array(walked.indices)
    for group in paths.groups {
      for place in group.dropFirst() { original[place] = group[0] }
    }
    let compared = walked.indices.filter { !paths.repeated.contains($0) && !unreadable.contains($0) }
    var sets = DisjointSets(count: walked.count)
    for place in compared { sets.join(place, original[place]) }

    var features: (index: FeatureIndex, rows: [Int: Int])?
    if let maker, compared.contains(where: { original[$0] == $0 }) {
      features = try Self.features(walked, compared.filter { original[$0] == $0 }, maker(), &reporter)
    }
    if let features {
      let places = Dictionary(uniqueKeysWithValues: features.rows.map { ($1, $0) })
      let found = try features.index.grouped(
        above: threshold ?? FeatureIndex.duplicateThreshold, threads: threads)
      try warnOfUnusable(found.unusable, features.index)
      for group in found.groups {
        let members = group.compactMap { places[$0.index] }
        for member in members.dropFirst() { sets.join(members[0], member) }
      }
    }
    let index = features
    groups = try sets.groups.map { group throws(KerasError) in
      try group.map { place throws(KerasError) in
        var similarity: Double?
        if let index, let first = index.rows[original[group[0]]], let row = index.rows[original[place]] {
          similarity = try index.index.similarity(first, row)
        }
        return Twin(
          file: walked[place].text, index: place, similarity: similarity,
          sameBytesAs: original[place] == place ? nil : walked[original[place]].text,
          path: walked[place].isText ? walked[place].text : nil)
      }
    }
    copies = compared.count { original[$0] != $0 }
    failures = reporter.count
    count = compared.count
    isNothingDone = compared.isEmpty || maker != nil && features == nil
  }

  var summary: String {
    let all = counted(count, "picture")
    guard !groups.isEmpty else { return "No duplicates among \(all)." }
    let exact =
      copies == 0
      ? "" : "; \(copies) of them found by \(copies == 1 ? "its" : "their") bytes, without a model"
    return "\(counted(groups.count, "group")): \(groups.reduce(0) { $0 + $1.count }) of \(all)\(exact)."
  }

  /// The pictures, as they are named and found.
  private static func files(
    _ arguments: [String], _ reporter: inout FailureReporter
  ) throws(KerasError) -> [FileName] {
    var files: [FileName] = []
    for picture in PictureWalk(arguments) {
      switch picture {
      case .file(let name): files.append(name)
      case .unreadable(let name, let error): try reporter.report(error, of: name.text)
      case .standardInput: continue
      }
    }
    return files
  }

  /// Features of some of the files, and the row of each that could be read.
  private static func features(
    _ files: [FileName], _ places: [Int], _ maker: FeatureMaker, _ reporter: inout FailureReporter
  ) throws(KerasError) -> (index: FeatureIndex, rows: [Int: Int])? {
    guard maker.arrays.count == 1 else { return nil }
    let reader = maker.reader(PictureWalk(files: places.map { files[$0] }))
    var (numbers, rows, names): ([Float], [Int: Int], [String]) = ([], [:], [])
    var next = 0
    while let batch = try reader.next() {
      let found = try batch.input.map { input throws(KerasError) in
        try maker.features(input)[0].scalars(as: Float.self)
      }
      let width = (found?.count ?? 0) / max(1, reader.rows)
      for picture in batch.pictures {
        switch picture.outcome {
        case .failed(let error): try reporter.report(error, of: picture.name)
        case .row(let row):
          numbers += (found ?? [])[row * width..<(row + 1) * width]
          rows[places[next]] = names.count
          names.append(picture.name)
        }
        next += 1
      }
    }
    guard !names.isEmpty else { return nil }
    let shape = [names.count, numbers.count / names.count]
    return (try FeatureIndex(Tensor(numbers, shape: shape), files: names), rows)
  }
}

/// Says which inputs could not be read, and counts them.
private struct FailureReporter {
  let asJSON: Bool
  private(set) var count = 0

  init(asJSON: Bool) { self.asJSON = asJSON }

  mutating func report(_ error: KerasError, of file: String) throws(KerasError) {
    count += 1
    if asJSON {
      StandardOutput.print(try jsonLine(Line(file: file, error: "\(error)")))
    } else {
      ErrorReport(error: error).print()
    }
  }

  private struct Line: Encodable {
    let file: String
    let error: String
  }
}
