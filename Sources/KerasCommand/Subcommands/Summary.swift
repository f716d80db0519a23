import ArgumentParser
import Keras

/// `keras summary`: a model's layers, as `model.summary()` prints them.
struct Summary: LibraryCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print a model's layers, shapes and parameters, as model.summary() does.",
    usage: "keras summary <model> [<options>]",
    discussion: """
      EXAMPLES
        keras summary resnet50
        keras summary mobilenet --alpha 0.25 --no-top --pooling avg --line-length 110
        keras summary emotion.keras --expand-nested
      """)

  @Argument(
    help: "The model; `keras models` lists them. Or a file that holds one.", completion: .modelsAndFiles)
  var model: String

  @OptionGroup var variant: VariantOptions

  @Flag(help: "Without the classifier.")
  var noTop = false

  @Option(help: "Without the classifier: what to do with the features.")
  var pooling: FeaturePooling?

  @Option(parsing: .unconditional, help: ArgumentHelp("Characters in a line.", valueName: "count"))
  var lineLength: Int?

  @Flag(help: "Show the layers of nested models.")
  var expandNested = false

  @Flag(help: "Show which layers training changes.")
  var showTrainable = false

  func validate() throws {
    if pooling != nil && !noTop { throw ValidationError("--pooling needs --no-top.") }
  }

  func perform() throws(KerasError) -> ExitCode {
    let subject = try ModelSubject(model)
    try subject.requireApplication(for: variant.given + [("--no-top", noTop)])
    StandardOutput.print(
      try described(subject).summary(
        lineLength: lineLength, expandNested: expandNested, showsTrainable: showTrainable))
    return .success
  }

  private func described(_ subject: ModelSubject) throws(KerasError) -> Model {
    guard case .application(let row) = subject else { return try subject.model() }
    let choice = ApplicationChoice(application: row, weights: "none", variant: variant)
    var (application, settings) = try choice.settings()
    settings.includeTop = !noTop
    settings.pooling = pooling
    return try application.makeModel(settings)
  }
}
