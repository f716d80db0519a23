import ArgumentParser
import Keras

/// `keras predict`: what a model makes of arrays.
struct Predict: LibraryCommand {
  static let configuration = CommandConfiguration(
    abstract: "Let a model compute from arrays to arrays.",
    discussion: """
      Arrays are the model's inputs as they are: nothing is scaled. In a .npz they are called as the \
      model's inputs, or arr_0, arr_1, … in their order; a model of one input takes the only array, whatever \
      it is called. OUT.npz has an array for each output, called as the output; it is written beside and \
      renamed, so that it is whole or not there.

      EXAMPLES
        keras predict model.keras samples.npz -o answers.npz
        keras predict mobilenet batch.npy -o scores.npz --batch-size 16
      """)

  @Argument(
    help: ArgumentHelp("A model that `keras models` lists, or a file that holds one.", valueName: "model"),
    completion: .modelsAndFiles)
  var model: String
  @Argument(help: ArgumentHelp("Arrays: .npz or .npy.", valueName: "in"), completion: .file())
  var input: String

  @Option(
    name: .shortAndLong, help: ArgumentHelp("The file to write: .npz.", valueName: "out.npz"),
    completion: .file())
  var output: String

  @Option(
    help: ArgumentHelp(
      "A file of weights instead of the published ones, or `none` for random ones.", valueName: "file"),
    completion: .file())
  var weights: String?

  @OptionGroup var variant: VariantOptions

  @Flag(help: "Never use the network; say where a missing file belongs.")
  var offline = false

  @Option(parsing: .unconditional, help: ArgumentHelp("Samples computed together.", valueName: "count"))
  var batchSize = 32

  @OptionGroup var compute: ComputeArguments

  func validate() throws {
    if !(1...65_536).contains(batchSize) {
      throw ValidationError("--batch-size must be between 1 and 65536.")
    }
    if !output.hasSuffix(".npz") { throw ValidationError("The file to write must end in .npz.") }
  }

  func perform() throws(KerasError) -> ExitCode {
    let network = try network()
    let inputs = try arrays(for: network)
    let outputs = try network.predictByName(
      inputs, batchSize: batchSize, options: compute.options(purpose: .throughput))
    try NumPy.saveArchive(outputs, to: output)
    return .success
  }

  private func network() throws(KerasError) -> Model {
    let subject = try ModelSubject(model)
    switch subject {
    case .file(let path):
      try subject.requireApplication(for: variant.given)
      return try Model.load(from: path, weights: weights)
    case .application(let application):
      let choice = ApplicationChoice(application: application, weights: weights, variant: variant)
      let (application, settings) = try choice.settings()
      return try application.makeModel(settings, store: makeStore(offline: offline))
    }
  }

  /// By the names of the model's inputs.
  private func arrays(for network: Model) throws(KerasError) -> [String: Tensor] {
    let isSingle = try FileKind(path: input) == .numpyArray
    let found = isSingle ? ["arr_0": try NumPy.load(input)] : try NumPy.loadArchive(input)
    let names = network.inputNames
    guard found.count == names.count else {
      throw KerasError(
        .invalidArgument,
        "The model takes \(counted(names.count, "array")) (\(names.joined(separator: ", "))); \(input.escaped) holds "
          + "\(counted(found.count, "array")).")
    }
    if Set(found.keys) == Set(names) { return found }
    if names.count == 1, let only = found.values.first { return [names[0]: only] }
    let numbered = names.indices.compactMap { found["arr_\($0)"] }
    // Other names are the model's to complain about.
    guard numbered.count == names.count else { return found }
    return Dictionary(zip(names, numbered)) { first, _ in first }
  }
}
