import ArgumentParser
import Keras

/// `keras plot`: a model as a drawing.
struct Plot: LibraryCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draw a model: boxes for layers, arrows for tensors.",
    discussion: """
      .svg, .png and .pdf need Graphviz' program `dot`; .dot is its language.

      EXAMPLES
        keras plot mobilenet mobilenet.svg --show-shapes
        keras plot model.keras model.dot --expand-nested
      """)

  @Argument(help: "A model's file, or the name of a model.") var model: String
  @Argument(help: "The file to write: .svg, .png, .pdf or .dot.") var output: String
  @Flag(help: "Show shapes.") var showShapes = false
  @Flag(help: "Show the names of layers.") var showLayerNames = false
  @Flag(help: "Show activations.") var showLayerActivations = false
  @Flag(help: "Show which layers training changes.") var showTrainable = false
  @Flag(help: "Draw nested models open.") var expandNested = false
  @Flag(help: "From left to right.") var horizontal = false

  func perform() throws(KerasError) -> ExitCode {
    var options = PlotOptions()
    options.showsShapes = showShapes
    options.showsNames = showLayerNames
    options.showsActivations = showLayerActivations
    options.showsTrainable = showTrainable
    options.expandsNested = expandNested
    if horizontal { options.direction = .leftToRight }
    try modelOrFile(model).plot(to: output, options)
    return .success
  }
}

/// The model in a file, or the one of that name in the catalogue, without pretrained weights.
func modelOrFile(_ subject: String) throws(KerasError) -> Model {
  if FileSystem.exists(subject) { return try Model.load(from: subject) }
  if subject.contains("/") || subject.contains(".") {
    throw KerasError(.fileNotFound, "There is no file \(subject).")
  }
  var settings = ApplicationSettings()
  settings.weights = .none
  return try ModelCatalog.application(named: subject).makeModel(settings)
}
