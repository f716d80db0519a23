import ArgumentParser
import Keras

/// Which of the sizes a model comes in.
struct VariantOptions: ParsableArguments {
  @Option(help: "MobileNet's width: 0.25, 0.5, 0.75 or 1.")
  var alpha: Double?

  @Option(
    help: ArgumentHelp("Height and width of the pictures; the model's own by default.", valueName: "pixels"))
  var imageSize: Int?

  /// - Throws: `invalidArgument` for a model that comes in one width.
  func application(_ application: Application, inWidth alpha: Double) throws(KerasError) -> Application {
    guard application.familyArguments.contains("alpha") else {
      let others = ModelCatalog.all.filter { $0.familyArguments.contains("alpha") }.map(\.identifier)
      throw KerasError(
        .invalidArgument,
        "Only \(others.joined(separator: ", ")) comes in several widths, not \(application.identifier).",
        remedy: "leave --alpha out.")
    }
    return try application.setting("alpha", to: .number(alpha))
  }
}

/// A model as a command line names it.
struct ModelChoice {
  var model: String
  /// A path, `none`, or nil for the published weights.
  var weights: String?
  var variant = VariantOptions()
  var classes: Int?

  /// The application, and what it is told.
  ///
  /// - Throws: `unknownName` for a model that is not known, `invalidArgument` for numbers out of range.
  func settings() throws(KerasError) -> (application: Application, settings: ApplicationSettings) {
    var application = try ModelCatalog.application(named: model)
    var settings = ApplicationSettings()
    if let alpha = variant.alpha { application = try variant.application(application, inWidth: alpha) }
    if let side = variant.imageSize {
      guard (1...16_384).contains(side) else {
        throw KerasError(.invalidArgument, "Expected an image size from 1 to 16384, found \(side).")
      }
      settings.inputShape = [side, side, 3]
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
func makeStore(offline: Bool = false) -> WeightStore {
  var options = StoreOptions(environment: processEnvironment)
  if offline { options.isOffline = true }
  let bar = ProgressBar()
  return WeightStore(options: options, onEvent: bar.handle)
}
