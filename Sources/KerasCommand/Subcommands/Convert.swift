import ArgumentParser
import Glibc
import Keras

/// `keras convert`: a model or its weights in another kind of file.
struct Convert: LibraryCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a model or weights as another kind of file.",
    discussion: """
      The ending of the new file says what it becomes: .keras and .h5 hold a whole model, .json its \
      architecture, .weights.h5 weights alone; .npz holds arrays by the paths of their weights. Files \
      of weights alone need the architecture for anything but .npz.

      EXAMPLES
        keras convert emotion.hdf5 emotion.keras
        keras convert model.keras model.h5
        keras convert model.keras weights.h5 --weights-only
        keras convert weights.h5 model.keras --architecture model.json
        keras convert resnet50 resnet50.keras
        keras convert model.keras arrays.npz
      """)

  @Argument(
    help:
      "The file to read: .keras, .h5, .weights.h5, .json, .npy or .npz. Or a model that `keras models` lists.",
    completion: .modelsAndFiles)
  var input: String
  @Argument(help: "The file to write.", completion: .file()) var output: String
  @Option(
    help: ArgumentHelp("For weights alone: the model they are for, a file or a name.", valueName: "model"),
    completion: .modelsAndFiles)
  var architecture: String?
  @OptionGroup var variant: VariantOptions
  @Flag(help: "Into .h5: weights alone instead of the whole model.") var weightsOnly = false
  @Flag(help: "From an architecture or a model's name: give the model random weights, as before training.") var newWeights = false
  @Flag(help: "Replace the new file if it is there.") var force = false
  @Flag(help: "Print every difference where weights do not fit.") var verbose = false

  func validate() throws {
    if weightsOnly, ![".h5", ".hdf5"].contains(where: output.hasSuffix) {
      throw ValidationError("--weights-only is for files that end in .h5 or .hdf5.")
    }
  }

  func perform() throws(KerasError) -> ExitCode {
    // Before anything is read or fetched for it.
    guard [".keras", ".h5", ".hdf5", ".json", ".npz", ".npy"].contains(where: output.hasSuffix) else {
      throw unknownEnding
    }
    if !force, access(output, F_OK) == 0 {
      throw KerasError(
        .invalidArgument, "The file \(output) is there already.", remedy: "use --force to replace it.")
    }
    switch try ModelSubject(input) {
    case .application(let application):
      try requireNoArchitecture(application.identifier)
      let weights = newWeights ? "none" : nil
      let (application, settings) = try ApplicationChoice(
        application: application, weights: weights, variant: variant
      ).settings()
      try write(application.makeModel(settings, store: makeStore()))
    case .file(let path): try convertFile(ModelSubject(architecture ?? path))
    }
    return .success
  }

  private func requireNoArchitecture(_ whole: String) throws(KerasError) {
    guard architecture != nil else { return }
    throw KerasError(
      .invalidArgument, "--architecture is for weights alone; \(whole) is a whole model.",
      remedy: "leave --architecture out.")
  }

  /// - Parameter described: what says which model it is.
  private func convertFile(_ described: ModelSubject) throws(KerasError) {
    try described.requireApplication(for: variant.given)
    let kind = try FileKind(path: input)
    if [.legacyModel, .kerasArchive, .json].contains(kind) { try requireNoArchitecture(input) }
    guard !newWeights || kind == .json else {
      throw KerasError(
        .invalidArgument, "--new-weights is for architectures; \(input) has weights.",
        remedy: "leave --new-weights out.")
    }
    switch kind {
    case .numpyArray: try write(["arr_0": NumPy.load(input)])
    case .numpyArchive where architecture == nil: try write(NumPy.loadArchive(input))
    case .numpyArchive, .legacyWeights, .weightsByPath, .weightShards:
      guard architecture != nil else {
        throw KerasError(
          .invalidArgument, "The file \(input) holds weights alone.",
          remedy: "name the model they are for with --architecture (a .json, .keras or .h5 file).")
      }
      let model = try described.model(variant)
      try model.loadWeights(from: input)
      try write(model)
    case .json where !output.hasSuffix(".json") && !newWeights:
      throw KerasError(
        .invalidArgument, "The file \(input) has no weights, so those of \(output) would be random.",
        remedy: "convert the weights, with this file as --architecture; or ask for random ones: --new-weights.")
    case .legacyModel, .kerasArchive, .json: try write(Model.load(from: input))
    case .hdf5:
      throw KerasError(.invalidFile, "The file \(input) was not written by Keras.")
    }
  }

  private func write(_ model: Model) throws(KerasError) {
    if weightsOnly || output.hasSuffix(".weights.h5") || output.hasSuffix(".npz") {
      try model.saveWeights(to: output)
    } else if [".keras", ".h5", ".hdf5", ".json"].contains(where: output.hasSuffix) {
      try model.save(to: output)
    } else {
      throw unknownEnding
    }
  }

  private var unknownEnding: KerasError {
    KerasError(
      .invalidArgument, "The ending of \(output) names no kind of file.",
      remedy: "use .keras, .h5, .weights.h5, .json or .npz.")
  }

  private func write(_ tensors: [String: Tensor]) throws(KerasError) {
    if output.hasSuffix(".npz") { return try NumPy.saveArchive(tensors, to: output) }
    guard output.hasSuffix(".npy"), tensors.count == 1, let tensor = tensors.values.first else {
      throw KerasError(
        .invalidArgument, "\(tensors.count) arrays go into .npz, one also into .npy, found \(output).")
    }
    try NumPy.save(tensor, to: output)
  }
}
