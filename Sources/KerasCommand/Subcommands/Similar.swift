import ArgumentParser
import Keras

/// `keras similar`: the pictures of an index that are most like others.
struct Similar: LibraryCommand {
  static let configuration = CommandConfiguration(
    abstract: "Find the pictures that are most like others.",
    discussion: """
      Looks for pictures, or for the rows of a file of features, in an index that `keras features` wrote, and \
      names the likest of each: those whose features point most nearly the same way (1: the same, 0: at \
      right angles). All of the index is looked at, and equal ones come in its order. Features of pictures are \
      computed with what .npz, .h5 and .safetensors say of their making; .npy, .csv and .jsonl do not say \
      it, so that --model and the other options must. A picture that is in the index finds itself.

      A query that cannot be read is reported and left out, and the exit code is then 2 (1 when none could be).

      EXAMPLES
        keras similar cat.jpg --index photos.npz
        keras similar new/ --index photos.npz --top 3 --json
        keras similar cat.jpg --index photos.h5 --html alike.html
        keras similar new.npz --index photos.npz

      OUTPUT
        --json  an object a line, {"file", "matches": [{"file", "index",
                "similarity"}]} or {"file", "error"}
        --html  a page of small pictures, without links to anything
      """)

  @Argument(help: "Pictures, folders, `-`, or files of features.", completion: .file())
  var queries: [String]

  @Option(
    help: ArgumentHelp(
      "The file of features to look in: .npz, .h5, .safetensors, .npy, .csv or .jsonl.", valueName: "file"),
    completion: .file())
  var index: String

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How many pictures to name for each.", valueName: "count"))
  var top = 10

  @OptionGroup var search: SearchOptions

  @Flag(help: "Print JSON, one object a line.")
  var json = false

  @Option(help: ArgumentHelp("Write a page of small pictures, too.", valueName: "file"), completion: .file())
  var html: String?

  func validate() throws {
    if !(1...10_000).contains(top) { throw ValidationError("--top must be between 1 and 10000.") }
    if queries.filter({ $0 == "-" }).count > 1 { throw ValidationError("`-` can be named once.") }
  }

  func perform() throws(KerasError) -> ExitCode {
    let found = try FeatureIndex(contentsOf: index, layer: search.layer)
    var printer = MatchPrinter(asJSON: json, index: index)
    try ThumbnailPage.write(to: html, title: "Pictures like others") { (page) throws(KerasError) in
      try FeatureQueries(index: found, path: index, options: search).forEachGroup(queries) {
        (group) throws(KerasError) in
        try answer(group, found, &printer, page)
      }
    }
    if printer.failures == 0 { return .success }
    return printer.successes == 0 ? .failure : .partial
  }

  private func answer(
    _ group: [FeatureQueries.Query], _ index: FeatureIndex, _ printer: inout MatchPrinter,
    _ page: ThumbnailPage?
  ) throws(KerasError) {
    // What cannot be compared is said in its place.
    var answers: [Result<Int, KerasError>] = []
    var rows: [Float] = []
    var count = 0
    for query in group {
      switch query.features {
      case .failure(let error): answers.append(.failure(error))
      case .success(let features):
        if let defect = try index.queries(features).defect(0) {
          answers.append(
            .failure(
              KerasError(.invalidArgument, defect.description(of: "The picture"), path: [query.name.escaped]))
          )
        } else {
          answers.append(.success(count))
          rows += features.scalars(as: Float.self)
          count += 1
        }
      }
    }
    var matches: [[FeatureMatch]] = []
    if count > 0 {
      let queries = try index.queries(Tensor(rows, shape: [count, index.width]))
      let result = try index.search(queries, count: top, threads: search.compute.threads)
      matches = result.matches
      try printer.warn(result.unusable, index)
    }
    for (query, answer) in zip(group, answers) {
      switch answer {
      case .success(let row):
        try printer.print(query.name, matches[row])
        try page?.section(query.name) { () throws(KerasError) in
          try page?.picture(query.path, [query.name], isFirst: true)
          for match in matches[row] {
            try page?.picture(match.file, [fixed(match.similarity, 4), match.name])
          }
        }
      case .failure(let error):
        try printer.print(query.name, error)
        try page?.section(query.name) { () throws(KerasError) in try page?.note(error.what) }
      }
    }
  }
}

extension FeatureMatch {
  /// What it is called.
  var name: String { file ?? "row \(index)" }
}

/// Prints what `similar` finds.
struct MatchPrinter {
  let asJSON: Bool
  /// The index's file.
  let index: String
  private(set) var successes = 0
  private(set) var failures = 0
  private var hasWarned = false

  init(asJSON: Bool, index: String) { (self.asJSON, self.index) = (asJSON, index) }

  mutating func print(_ name: String, _ matches: [FeatureMatch]) throws(KerasError) {
    successes += 1
    if asJSON {
      let rows = matches.map { Line.Match(file: $0.file, index: $0.index, similarity: $0.similarity) }
      StandardOutput.print(try jsonLine(Line(file: name, matches: rows)))
    } else {
      let lines = matches.map { match in
        let number = fixed(match.similarity, 4)
        return String(repeating: " ", count: max(0, 9 - number.count)) + number + "  " + match.name.escaped
      }
      StandardOutput.print(([name.escaped] + lines).joined(separator: "\n"))
    }
  }

  mutating func print(_ name: String, _ error: KerasError) throws(KerasError) {
    failures += 1
    if asJSON {
      StandardOutput.print(try jsonLine(Line(file: name, error: "\(error)")))
    } else {
      ErrorReport(error: error).print()
    }
  }

  /// Names, once, what can never be found.
  mutating func warn(_ rows: [Int], _ features: FeatureIndex) throws(KerasError) {
    guard !hasWarned else { return }
    hasWarned = true
    try warnOfUnusable(rows, features)
  }

  private struct Line: Encodable {
    struct Match: Encodable {
      let file: String?
      let index: Int
      let similarity: Double
    }
    let file: String
    var matches: [Match]?
    var error: String?
  }
}

/// Says which pictures cannot be compared with any.
func warnOfUnusable(_ rows: [Int], _ features: FeatureIndex) throws(KerasError) {
  guard !rows.isEmpty else { return }
  let named = try rows.prefix(3).map { row throws(KerasError) in
    try (features.file(at: row) ?? "row \(row)").escaped
  }
  StandardError.print(
    "warning: \(counted(rows.count, "picture")) left out, whose features are all 0 or hold NaN or infinities: "
      + named.joined(separator: ", ") + (rows.count > 3 ? ", …" : ""))
}
