import ArgumentParser
import Keras

/// `keras diff`: whether two files hold the same weights, and where not.
struct Diff: LibraryCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compare the weights of two files: shapes, types and largest differences.",
    discussion: """
      Files may be of different kinds: layers are matched by their names or paths, or by the model that one of \
      the files describes. The exit code is 1 where anything differs.

      EXAMPLES
        keras diff before.keras after.keras
        keras diff mobilenet.h5 converted.weights.h5 --json
        keras diff resnet50 fine-tuned.h5
      """)

  @Argument(
    help: "A file of a model or weights; or a model that `keras models` lists, for its published weights.",
    completion: .modelsAndFiles)
  var first: String
  @Argument(help: "Another.", completion: .modelsAndFiles) var second: String
  @Flag(help: "Print JSON.") var json = false

  func perform() throws(KerasError) -> ExitCode {
    let first = try ModelSubject(first).file(store: makeStore())
    let second = try ModelSubject(second).file(store: makeStore())
    let differences = try Model.weightDifferences(between: first, and: second)
    StandardOutput.print(json ? try jsonLine(differences) : differences.table)
    return differences.areNone ? .success : .failure
  }
}
