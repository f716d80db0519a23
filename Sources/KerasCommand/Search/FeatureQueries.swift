import Keras

/// What is looked for in an index: rows of features with names, from pictures or files of features, some at a time.
struct FeatureQueries {
  /// Something that was asked for.
  struct Query {
    let name: String
    /// The picture's file, where it can be shown.
    let path: String?
    let features: Result<Tensor, KerasError>
  }

  /// How many are looked for together: the index is read once for them.
  static let count = 256

  let index: FeatureIndex
  /// The index's file.
  let path: String
  let options: SearchOptions

  /// Shows all queries in order, `count` or fewer at once.
  func forEachGroup(_ arguments: [String], _ body: ([Query]) throws(KerasError) -> Void) throws(KerasError) {
    var (group, maker): ([Query], FeatureMaker?) = ([], nil)
    func add(_ query: Query) throws(KerasError) {
      group.append(query)
      guard group.count == Self.count else { return }
      try body(group)
      group = []
    }
    for run in Self.runs(arguments) {
      if run.isFile {
        for file in run.arguments { try forEachRow(of: file, add) }
      } else {
        if maker == nil { maker = try options.maker(for: index, at: path) }
        guard let maker else { continue }
        try forEachPicture(run.arguments, maker, add)
      }
    }
    if !group.isEmpty { try body(group) }
  }

  /// Neighbours of one kind.
  private static func runs(_ arguments: [String]) -> [(isFile: Bool, arguments: [String])] {
    arguments.reduce(into: []) { runs, argument in
      let isFile = FeatureFormat(endingOf: argument) != nil && !isFolder(argument)
      if runs.last?.isFile == isFile {
        runs[runs.count - 1].arguments.append(argument)
      } else {
        runs.append((isFile, [argument]))
      }
    }
  }

  private func forEachPicture(
    _ pictures: [String], _ maker: FeatureMaker, _ add: (Query) throws(KerasError) -> Void
  ) throws(KerasError) {
    let reader = maker.reader(PictureWalk(pictures))
    while let batch = try reader.next() {
      let features = try batch.input.map { input throws(KerasError) in try maker.features(input)[0] }
      for picture in batch.pictures {
        var found: Result<Tensor, KerasError>
        switch picture.outcome {
        case .failed(let error): found = .failure(error)
        case .row(let row):
          guard let features else { continue }
          found = .success(try features.rows(row..<row + 1))
        }
        try add(Query(name: picture.name, path: picture.name == "-" ? nil : picture.name, features: found))
      }
    }
  }

  private func forEachRow(
    of path: String, _ add: (Query) throws(KerasError) -> Void
  ) throws(KerasError) {
    let file = try FeatureFile(path)
    let layer = options.layer ?? index.layers.first
    let rows = try FeatureIndex(contentsOf: path, layer: file.arrays.count > 1 ? layer : nil)
    if let job = rows.job, let other = index.job {
      let differences = FeatureJob.differences(FeatureJob.compared(job), FeatureJob.compared(other))
      guard differences.isEmpty else {
        throw KerasError(
          .invalidArgument,
          "The features were computed with something else than the index: \(differences.joined(separator: ", ")) "
            + (differences.count == 1 ? "differs." : "differ."), path: [path.escaped])
      }
    }
    for row in 0..<rows.count {
      let name = try rows.file(at: row)
      try add(
        Query(
          name: name ?? "\(path), row \(row)", path: name,
          features: .success(try rows.features(row..<row + 1))))
    }
  }
}

extension FeatureIndex {
  /// The layers that the file says it holds.
  fileprivate var layers: [String] { job?["layers"]?.array?.compactMap(\.string) ?? [] }
}

extension FeatureJob {
  /// A job without what does not change what is compared.
  fileprivate static func compared(_ job: JSON) -> JSON {
    var job = whole(job).object ?? [:]
    for key in ["layers", "batch_size", "backend", "precision", "weights"] { job[key] = nil }
    return .object(job)
  }
}
