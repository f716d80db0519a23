import ArgumentParser
import Keras

/// Which model, with which weights.
struct ModelOptions: ParsableArguments {
  @Option(help: "The model; `keras models` lists them.")
  var model = "mobilenet"

  @Option(help: "A file of weights instead of the published ones, or `none` for random ones.")
  var weights: String?

  @Option(help: "MobileNet's width: 0.25, 0.5, 0.75 or 1.")
  var alpha: Double?

  @Option(help: "Height and width of the pictures in pixels; the model's own by default.")
  var imageSize: Int?

  @Option(help: "The number of classes of a classifier of your own.")
  var classes: Int?

  @Flag(help: "Never use the network; say where a missing file belongs.")
  var offline = false

  var choice: ModelChoice {
    ModelChoice(model: model, weights: weights, alpha: alpha, imageSize: imageSize, classes: classes)
  }
}

/// A model as a command line names it.
struct ModelChoice {
  var model: String
  /// A path, `none`, or nil for the published weights.
  var weights: String?
  var alpha: Double?
  var imageSize: Int?
  var classes: Int?

  /// The application, and what it is told.
  ///
  /// - Throws: `unknownName` for a model that is not known, `invalidArgument` for numbers out of range.
  func settings() throws(KerasError) -> (application: Application, settings: ApplicationSettings) {
    let application = try ModelCatalog.application(named: model)
    var settings = ApplicationSettings()
    if let alpha {
      guard application.identifier == "mobilenet" else {
        throw KerasError(
          .invalidArgument, "Only mobilenet comes in several widths, not \(application.identifier).",
          remedy: "leave --alpha out.")
      }
      settings.alpha = alpha
    }
    if let imageSize {
      guard (1...16_384).contains(imageSize) else {
        throw KerasError(.invalidArgument, "Expected an image size from 1 to 16384, found \(imageSize).")
      }
      settings.inputShape = [imageSize, imageSize, 3]
    }
    if let classes {
      guard (1...10_000_000).contains(classes) else {
        throw KerasError(.invalidArgument, "Expected 1 to 10,000,000 classes, found \(classes).")
      }
      settings.classes = classes
    }
    switch weights {
    case nil: settings.weights = .imageNet
    case "none": settings.weights = .none
    case let path?: settings.weights = .file(path)
    }
    return (application, settings)
  }
}

/// The store, with a progress bar for people.
func makeStore(offline: Bool) -> WeightStore {
  var options = StoreOptions(environment: processEnvironment)
  if offline { options.isOffline = true }
  let bar = ProgressBar()
  return WeightStore(options: options, onEvent: bar.handle)
}
