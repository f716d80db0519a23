import ArgumentParser
import Keras

/// `keras features merge`: the files of all shards as one.
///
/// A command of its own with a name of two words, because `keras features` takes pictures in that place.
struct FeaturesMerge: LibraryCommand {
  static let words = ["features", "merge"]

  static let configuration = CommandConfiguration(
    commandName: words.joined(separator: " "),
    abstract: "Join the files that shards of `keras features` wrote.",
    discussion: """
      Rows come in the order they have without --shard. All parts must be there, and be of one job. A folder \
      of pictures called merge is ./merge.

      EXAMPLES
        keras features merge part-*.npz -o photos.npz
        keras features merge 1.h5 2.h5 -o photos.jsonl
      """,
    shouldDisplay: false)

  @Argument(help: "The files of all shards, in any order.", completion: .file())
  var parts: [String]

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The file to write: .npy, .npz, .h5, .csv, .safetensors or .jsonl.", valueName: "file"),
    completion: .file())
  var output: String

  func perform() throws(KerasError) -> ExitCode {
    try FeatureMerge(parts).write(to: output)
    return .success
  }

  /// `features merge` as the one word that the parser knows it by.
  static func joining(_ arguments: [String]) -> [String] {
    let start = arguments.first == "help" ? 1 : 0
    guard arguments.dropFirst(start).starts(with: words) else { return arguments }
    return arguments.prefix(start) + [words.joined(separator: " ")] + arguments.dropFirst(start + words.count)
  }
}
