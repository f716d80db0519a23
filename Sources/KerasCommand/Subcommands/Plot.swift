import ArgumentParser
import Keras

/// `keras plot`: a model, or the log of a training, as a drawing.
struct Plot: LibraryCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draw a model: boxes for layers, arrows for tensors; or the curves of a training.",
    discussion: """
      Of a model, .svg, .png and .pdf need Graphviz' program `dot`; .dot is its language. Of a .csv that \
      Keras' CSVLogger wrote, loss and metrics are drawn as curves, as .svg or .png.

      EXAMPLES
        keras plot mobilenet mobilenet.svg --show-shapes
        keras plot model.keras model.dot --expand-nested
        keras plot training.csv curves.svg
      """)

  @Argument(help: "A model's file, the name of a model, or a log (.csv).", completion: .modelsAndFiles)
  var model: String
  @Argument(help: "The file to write: .svg, .png, .pdf or .dot.", completion: .file()) var output: String
  @Flag(help: "Show shapes.") var showShapes = false
  @Flag(help: "Show the names of layers.") var showLayerNames = false
  @Flag(help: "Show activations.") var showLayerActivations = false
  @Flag(help: "Show which layers training changes.") var showTrainable = false
  @Flag(help: "Draw nested models open.") var expandNested = false
  @Flag(help: "From left to right.") var horizontal = false

  func perform() throws(KerasError) -> ExitCode {
    if FileName(argument: model).ending == "csv" {
      try History(contentsOfCSV: model).plot(to: output)
      return .success
    }
    var options = PlotOptions()
    options.showsShapes = showShapes
    options.showsNames = showLayerNames
    options.showsActivations = showLayerActivations
    options.showsTrainable = showTrainable
    options.expandsNested = expandNested
    if horizontal { options.direction = .leftToRight }
    try ModelSubject(model).model().plot(to: output, options)
    return .success
  }
}
