import ArgumentParser
import Keras

/// Which of the sizes a model comes in.
struct VariantOptions: ParsableArguments {
  @Option(
    parsing: .unconditional, help: "A MobileNet's width: 0.25, 0.5, 0.75 or 1 of the first generation.",
    completion: .list(["0.25", "0.35", "0.5", "0.75", "1", "1.3", "1.4"]))
  var alpha: Double?

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp(
      "An argument that only this model's family has, as Keras spells it: minimalistic=true.",
      valueName: "name=value"))
  var arguments: [String] = []

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Height and width of the pictures; the model's own by default.", valueName: "pixels"))
  var imageSize: Int?

  /// The options, with whether each was given.
  var given: [(name: String, isGiven: Bool)] {
    [("--alpha", alpha != nil), ("--set", !arguments.isEmpty), ("--image-size", imageSize != nil)]
  }

  /// The application in the width asked for, and with its own arguments set.
  ///
  /// - Throws: `invalidArgument` for a model that comes in one width or has no such argument.
  func application(_ application: Application) throws(KerasError) -> Application {
    var application = application
    for argument in arguments {
      guard let equals = argument.firstIndex(of: "=") else {
        throw KerasError(
          .invalidArgument, "Expected --set name=value, found \(argument).",
          remedy: known(application))
      }
      let (name, text) = (String(argument[..<equals]), String(argument[argument.index(after: equals)...]))
      guard application.familyArguments.contains(name) else {
        throw KerasError(
          .invalidArgument, "\(application.identifier) has no argument \(name).", remedy: known(application))
      }
      application = try application.setting(name, to: (try? JSON(parsing: text)) ?? .string(text))
    }
    guard let alpha else { return application }
    guard application.familyArguments.contains("alpha") else {
      let others = ModelCatalog.all.filter { $0.familyArguments.contains("alpha") }.map(\.identifier)
      throw KerasError(
        .invalidArgument,
        "\(application.identifier) comes in one width; in several come \(others.joined(separator: ", ")).",
        remedy: "leave --alpha out.")
    }
    return try application.setting("alpha", to: .number(alpha))
  }

  private func known(_ application: Application) -> String {
    let names = application.familyArguments
    return names.isEmpty ? "leave --set out." : "it has " + names.joined(separator: ", ") + "."
  }

  /// The pictures' size, checked.
  func side() throws(KerasError) -> Int? {
    guard let imageSize, !(1...16_384).contains(imageSize) else { return imageSize }
    throw KerasError(.invalidArgument, "Expected an image size from 1 to 16384, found \(imageSize).")
  }
}

/// A model of the catalogue as a command line describes it.
struct ApplicationChoice {
  var application: Application
  /// A path, `none`, or nil for the published weights.
  var weights: String?
  var variant: VariantOptions?
  var classes: Int?
  var includesTop = true
  var pooling: FeaturePooling?

  /// The application, and what it is told.
  ///
  /// - Throws: `invalidArgument` for numbers out of range, and for what the published weights are not made for.
  func settings() throws(KerasError) -> (application: Application, settings: ApplicationSettings) {
    let application = try variant?.application(application) ?? application
    var settings = ApplicationSettings()
    settings.includeTop = includesTop
    settings.pooling = pooling
    if let side = try variant?.side() { settings.inputShape = [side, side, 3] }
    if let classes {
      guard (1...10_000_000).contains(classes) else {
        throw KerasError(.invalidArgument, "Expected 1 to 10,000,000 classes, found \(classes).")
      }
      settings.classes = classes
    }
    switch weights {
    case nil: try requirePublished()
    case "none": settings.weights = .none
    case let path?:
      try requireFileOfWeights(path)
      settings.weights = .file(path)
    }
    return (application, settings)
  }

  /// Says in the command's words what the library would say in Swift's.
  private func requirePublished() throws(KerasError) {
    let name = application.identifier
    let ownWeights = "name weights of your own with --weights, or none."
    let alphas = Set(try WeightCatalog.files(for: name).compactMap(\.variant).map(\.alpha)).sorted()
    if let alpha = variant?.alpha, !alphas.contains(alpha) {
      throw KerasError(
        .invalidArgument,
        "The weights of \(name) are published for --alpha \(listed(alphas)), found \(alpha).",
        remedy: "use one of those, or \(ownWeights)")
    }
    let known = application.publishedSizes
    if includesTop, !application.classifierTakesAnySize, let side = variant?.imageSize, !known.contains(side) {
      throw KerasError(
        .invalidArgument,
        "The published classifier of \(name) is for pictures of --image-size \(listed(known)), found \(side).",
        remedy: known.count == 1
          ? "leave --image-size out, or \(ownWeights)" : "use one of those, or \(ownWeights)")
    }
    if let classes, classes != application.classes.count {
      throw KerasError(
        .invalidArgument,
        "The published classifier of \(name) knows \(application.classes.count) classes, found --classes \(classes).",
        remedy: "leave --classes out, or \(ownWeights)")
    }
  }
}

/// `0.25, 0.5 or 1`.
private func listed<Number: CustomStringConvertible>(_ numbers: [Number]) -> String {
  let words = numbers.map { "\($0)".hasSuffix(".0") ? String("\($0)".dropLast(2)) : "\($0)" }
  guard words.count > 1 else { return words.joined() }
  return words.dropLast().joined(separator: ", ") + " or " + words[words.count - 1]
}

/// - Throws: `invalidArgument` for a folder that holds no saved model.
func requireFileOfWeights(_ path: String) throws(KerasError) {
  guard isFolder(path), !(names(inFolder: path) ?? []).contains("config.json") else { return }
  throw KerasError(
    .invalidArgument, "\(path.escaped) is a folder, not a file of weights.", remedy: "name the file in it.")
}

/// The store, with a progress bar for people.
///
/// - Parameter isPatient: whether a network that does not answer is waited for; not where something else can be done.
func makeStore(offline: Bool = false, isPatient: Bool = true) -> WeightStore {
  var options = StoreOptions(environment: processEnvironment)
  if offline { options.isOffline = true }
  if !isPatient {
    (options.retries.attempts, options.retries.firstDelay, options.connectTimeout) = (2, 0.2, 5)
  }
  let bar = ProgressBar()
  return WeightStore(options: options, onEvent: bar.handle)
}
