import ArgumentParser
import Keras

/// `keras models`: the table of models.
struct Models: LibraryCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the models.",
    discussion: """
      `size` is that of the weights, `input` the height and width of the pictures. Accuracy (`top-1`, \
      `top-5`) is what the Keras documentation or the paper states for ImageNet's validation pictures, in percent. \
      `cached` says whether the weights are in ~/.keras/models; `keras weights verify` checks them.

      EXAMPLES
        keras models
        keras models --json
      """)

  @Flag(help: "Print JSON, one object a line.")
  var json = false

  private struct Line: Encodable {
    let name: String
    let bytes: Int
    let input: Int
    let parameters: Int
    /// Left out where nobody states it.
    let top1: Double?
    let top5: Double?
    let preprocessing: String
    let cached: Bool
  }

  func perform() throws(KerasError) -> ExitCode {
    let cachedNames = Set(makeStore().list().map(\.name))
    var table = TextColumns(
      [.left, .right, .right, .right, .right, .right, .left],
      rows: [["model", "size", "input", "parameters", "top-1", "top-5", "cached"]])
    for application in ModelCatalog.all {
      let file = try application.weightFile(for: ApplicationSettings())
      let line = Line(
        name: application.identifier,
        // Where nobody has noted the file's size, that of its numbers.
        bytes: file.byteCount ?? application.parameterCount * 4,
        input: application.imageSize, parameters: application.parameterCount,
        top1: application.publishedAccuracy?.top1, top5: application.publishedAccuracy?.top5,
        preprocessing: application.preprocessing.rawValue, cached: file.isShipped || cachedNames.contains(file.fileName))
      if json {
        StandardOutput.print(try jsonLine(line))
      } else {
        table.rows.append([
          line.name, readableBytes(line.bytes), "\(line.input)", grouped(line.parameters),
          line.top1.map { fixed($0, 1) } ?? "-", line.top5.map { fixed($0, 1) } ?? "-",
          line.cached ? "yes" : "no",
        ])
      }
    }
    if !json { table.print() }
    return .success
  }
}
