import ArgumentParser
import Keras

/// `keras inspect`: what is in a file, or what becomes of a model before it runs.
struct Inspect: LibraryCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what is in a file of weights, or a model's graph of operations.",
    discussion: """
      Of a file, layers, weights, shapes and types; no numbers are read. Of a model that `keras models` lists, \
      or of a file's with --after, the graph its layers write after all passes, or those up to the one that \
      --after names.

      EXAMPLES
        keras inspect mobilenet_2_5_224_tf.h5
        keras inspect weights.h5 --json
        keras inspect resnet50 --after FoldBatchNormalization
        keras inspect emotion.keras --after none
      """)

  @Argument(help: "A file of weights or a saved model; or the name of a model.", completion: .modelsAndFiles)
  var subject: String

  @Option(
    help: ArgumentHelp("Print the model's graph: the last pass to run, or `none`.", valueName: "pass"),
    completion: .passes)
  var after: String?

  @Flag(help: "For a file: print JSON.")
  var json = false

  func validate() throws {
    if json && after != nil { throw ValidationError("--json is for what is in a file, --after for a graph.") }
  }

  func perform() throws(KerasError) -> ExitCode {
    let subject = try ModelSubject(subject)
    try subject.requireFile(for: [("--json", json)])
    if case .file(let path) = subject, after == nil {
      let inspection = try FileInspection(path: path)
      StandardOutput.print(json ? try jsonLine(inspection) : inspection.table)
    } else {
      StandardOutput.print(try graph(of: subject.model()))
    }
    return .success
  }

  private func graph(of model: Model) throws(KerasError) -> String {
    var shapes: [[Int]] = []
    for input in model.inputs {
      let lengths = input.shape.dropFirst().compactMap { $0 }
      guard lengths.count + 1 == input.shape.rank else {
        throw KerasError(
          .invalidArgument, "The model takes inputs of any length, \(input.shape); its graph depends on it.",
          path: [model.name])
      }
      shapes.append([1] + lengths)
    }
    let graph = try model.lowered(for: shapes)
    if after == "none" { return "\(graph)" }
    return "\(try Backends.backend(named: nil).pipeline.apply(to: graph, through: after))"
  }
}
