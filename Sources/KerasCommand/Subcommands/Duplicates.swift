import ArgumentParser
import Keras

/// `keras duplicates`: groups of pictures that are nearly the same.
struct Duplicates: LibraryCommand {
  static let configuration = CommandConfiguration(
    abstract: "Find pictures that are nearly the same.",
    discussion: """
      Files with the same bytes are found first, without a model. The features of the others are compared, each \
      with each: pictures whose cosine is --threshold or more belong together, and so do those that are \
      connected through others; the number printed is the likeness to the group's first picture. With \
      MobileNet of a quarter of the width, of 100 photographs' copies at half the size 97 are at 0.95 or more, \
      of those recompressed at quality 50 all, of those cropped by a twentieth on each side 84; no two \
      different photographs reach 0.85. At 0.9 more copies are found, and pictures of one scene, too. Pictures \
      are squashed smoothly unless --resize says otherwise. Look before you remove: nothing is deleted here.

      Features of pictures are held in memory; of more than fit, make an index with `keras features` first. In \
      an index only features are compared, not files.

      The exit code is 0 whether or not there are duplicates, 2 when some pictures could not be read (each is \
      reported), 1 when none could be.

      EXAMPLES
        keras duplicates photos/
        keras duplicates photos/ --threshold 0.98 --html twins.html
        keras duplicates photos/ --exact --json
        keras duplicates --index photos.npz

      OUTPUT
        --json  an object for each group, {"pictures": [{"file", "index",
                "similarity", "same_bytes_as"}]}, and {"file", "error"}
        --html  a page of small pictures, without links to anything
      """)

  @Argument(help: "Pictures and folders.", completion: .file())
  var pictures: [String] = []

  @Option(
    help: ArgumentHelp("A file of features, of `keras features`, instead of pictures.", valueName: "file"),
    completion: .file())
  var index: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The least cosine of a pair, 0 to 1; by default \(FeatureIndex.duplicateThreshold).",
      valueName: "cosine"))
  var threshold: Double?

  @Flag(help: "Look for files with the same bytes only; no model is used.")
  var exact = false

  @OptionGroup var search: SearchOptions

  @Flag(help: "Print JSON, one object a line.")
  var json = false

  @Option(help: ArgumentHelp("Write a page of small pictures, too.", valueName: "file"), completion: .file())
  var html: String?

  func validate() throws {
    if let threshold, !(0...1).contains(threshold) {
      throw ValidationError("--threshold must be between 0 and 1.")
    }
    if pictures.isEmpty && index == nil { throw ValidationError("Name pictures, or features with --index.") }
    if !pictures.isEmpty && index != nil { throw ValidationError("Choose one of pictures and --index.") }
    if pictures.contains("-") { throw ValidationError("One picture on standard input has no duplicates.") }
    if exact, index != nil { throw ValidationError("--exact looks at files, not at an index.") }
    if exact, threshold != nil { throw ValidationError("--threshold is for features; leave --exact out.") }
    if index != nil || exact, let option = search.firstOption {
      throw ValidationError("\(option) is for computing features, which is not done here.")
    }
  }

  func perform() throws(KerasError) -> ExitCode {
    if let index {
      let features = try FeatureIndex(contentsOf: index, layer: search.layer)
      return try report(DuplicateSearch(index: features, threshold, threads: search.compute.threads))
    }
    let found = try DuplicateSearch(
      pictures, threshold, threads: search.compute.threads, asJSON: json,
      exact ? nil : { () throws(KerasError) in try search.maker() })
    return try report(found)
  }

  private func report(_ found: DuplicateSearch) throws(KerasError) -> ExitCode {
    let title = "Pictures that are nearly the same"
    try ThumbnailPage.write(to: html, title: title) { (page) throws(KerasError) in
      for (number, group) in found.groups.enumerated() {
        if json {
          StandardOutput.print(try jsonLine(Line(pictures: group)))
        } else {
          StandardOutput.print(
            group.enumerated().map { $0 == 0 ? $1.file.escaped : $1.line }.joined(separator: "\n"))
        }
        try page?.section("\(number + 1)") { () throws(KerasError) in
          for (place, twin) in group.enumerated() {
            try page?.picture(twin.path, [place == 0 ? twin.file : twin.line], isFirst: place == 0)
          }
        }
      }
      try page?.note(found.summary)
    }
    if !json, !found.isNothingDone { StandardOutput.print(found.summary) }
    if found.failures == 0 { return .success }
    return found.isNothingDone ? .failure : .partial
  }

  private struct Line: Encodable {
    let pictures: [Twin]
  }
}

/// A picture of a group.
struct Twin: Encodable {
  let file: String
  /// Its place among all.
  let index: Int
  /// To the group's first; nil where features were not compared.
  let similarity: Double?
  /// The first file with the same bytes.
  var sameBytesAs: String?
  /// Where it can be looked at.
  var path: String?

  /// Below the group's first.
  var line: String {
    let number = similarity.map { fixed($0, 4) } ?? ""
    let same = sameBytesAs.map { "  (the same bytes as \($0.escaped))" } ?? ""
    return String(repeating: " ", count: max(0, 9 - number.count)) + number + "  " + file.escaped + same
  }

  enum CodingKeys: String, CodingKey {
    case file, index, similarity
    case sameBytesAs = "same_bytes_as"
  }
}
