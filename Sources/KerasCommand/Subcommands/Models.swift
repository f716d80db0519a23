import ArgumentParser
import Keras

/// `keras models`: the table of models.
struct Models: LibraryCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the models.",
    discussion: """
      Accuracy is what the Keras documentation states for ImageNet's validation pictures, in percent. `cached` \
      says whether the weights are in ~/.keras/models.
      """)

  @Flag(help: "Print JSON, one object a line.")
  var json = false

  private struct Line: Encodable {
    let name: String
    let size: Int
    let parameters: Int
    let top1: Double
    let top5: Double
    let preprocessing: String
    let cached: Bool
  }

  func perform() throws(KerasError) -> ExitCode {
    let store = makeStore(offline: true)
    var table = TextTable([
      ("model", .left), ("size", .right), ("parameters", .right), ("top-1", .right), ("top-5", .right),
      ("cached", .left),
    ])
    for application in ModelCatalog.all {
      let file = try application.weightFile(for: ApplicationSettings())
      // A damaged file in the cache is as good as none here; `keras weights verify` says more.
      let isCached = ((try? store.cachedPath(for: file)) ?? nil) != nil
      let accuracy = application.publishedAccuracy
      if json {
        StandardOutput.print(
          try jsonLine(
            Line(
              name: application.identifier, size: application.imageSize, parameters: application.parameterCount,
              top1: accuracy.top1, top5: accuracy.top5, preprocessing: application.preprocessing.rawValue,
              cached: isCached)))
      } else {
        table.append([
          application.identifier, "\(application.imageSize)", grouped(application.parameterCount),
          fixed(accuracy.top1, 1), fixed(accuracy.top5, 1), isCached ? "yes" : "no",
        ])
      }
    }
    if !json { StandardOutput.print(table.lines.joined(separator: "\n")) }
    return .success
  }
}
