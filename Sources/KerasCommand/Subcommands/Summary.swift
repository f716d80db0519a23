import ArgumentParser
import Keras

/// `keras summary`: a model's layers, as `model.summary()` prints them.
struct Summary: LibraryCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print a model's layers, shapes and parameters, as model.summary() does.")

  @Argument(help: "The model; `keras models` lists them.")
  var model: String

  @Flag(help: "Without the classifier.")
  var noTop = false

  @Option(help: "Without the classifier: avg or max of the features.")
  var pooling: String?

  @Option(help: "MobileNet's width.")
  var alpha: Double?

  @Option(help: "Height and width of the pictures in pixels.")
  var imageSize: Int?

  @Option(help: "Characters in a line.")
  var lineLength: Int?

  @Flag(help: "Show which layers training changes.")
  var showTrainable = false

  func perform() throws(KerasError) -> ExitCode {
    let choice = ModelChoice(model: model, weights: "none", alpha: alpha, imageSize: imageSize)
    var (application, settings) = try choice.settings()
    settings.includeTop = !noTop
    if let pooling {
      guard let choice = FeaturePooling(rawValue: pooling) else {
        throw KerasError(.unknownName, "There is no pooling called `\(pooling)`.", remedy: "use avg or max.")
      }
      settings.pooling = choice
    }
    let text = try application.makeModel(settings).summary(lineLength: lineLength, showsTrainable: showTrainable)
    StandardOutput.print(text)
    return .success
  }
}
