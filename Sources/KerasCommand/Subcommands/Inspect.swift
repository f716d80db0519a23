import ArgumentParser
import Keras

/// `keras inspect`: what is in a file, or what becomes of a model before it runs.
struct Inspect: LibraryCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what is in a file of weights, or a model's graph of operations.",
    discussion: """
      Of a file, layers, weights, shapes and types; no numbers are read. Of a model, the graph its layers \
      write after all passes, or those up to the one that --after names.

      EXAMPLES
        keras inspect mobilenet_2_5_224_tf.h5
        keras inspect weights.h5 --json
        keras inspect resnet50 --after FoldBatchNormalization
        keras inspect resnet50 --after none
      """)

  @Argument(help: "A file of weights or a saved model; or the name of a model.")
  var subject: String

  @Option(help: ArgumentHelp("For a model: the last pass to run, or `none`.", valueName: "pass"))
  var after: String?

  @Flag(help: "For a file: print JSON.")
  var json = false

  func validate() throws {
    if json && after != nil { throw ValidationError("--json is for files, --after for models.") }
  }

  func perform() throws(KerasError) -> ExitCode {
    if after != nil {
      StandardOutput.print(try graph(of: ModelCatalog.application(named: subject)))
      return .success
    }
    let inspection: FileInspection
    do {
      inspection = try FileInspection(path: subject)
    } catch  where error.kind == .fileNotFound {
      // No such file: perhaps a model was meant.
      guard !json, !subject.contains("/"), let application = try? ModelCatalog.application(named: subject)
      else {
        throw error
      }
      StandardOutput.print(try graph(of: application))
      return .success
    }
    StandardOutput.print(json ? try jsonLine(inspection) : inspection.table)
    return .success
  }

  private func graph(of application: Application) throws(KerasError) -> String {
    var settings = ApplicationSettings()
    settings.weights = .none
    let model = try application.makeModel(settings)
    let graph = try model.lowered(for: [[1] + model.input.shape.dropFirst().compactMap { $0 }])
    if after == "none" { return "\(graph)" }
    return "\(try PassPipeline.inference.apply(to: graph, through: after))"
  }
}
