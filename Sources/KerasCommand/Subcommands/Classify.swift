import ArgumentParser
import Keras

/// `keras classify`: names what is in pictures.
struct Classify: LibraryCommand {
  static let configuration = CommandConfiguration(
    abstract: "Name what is in pictures.",
    discussion: """
      Pictures are JPEG and PNG files; of a folder all that is in it and below, in sorted order, but for \
      hidden files; `-` is a picture on standard input. A picture that cannot be read is reported and \
      skipped, and the exit code is then 2 (1 when none could be).

      EXAMPLES
        keras classify elephant.jpg
        keras classify holiday/ --model resnet50 --batch-size 32 --csv > names.csv
        curl -s https://example.org/cat.jpg | keras classify - --json
        keras classify ant.jpg --model vgg16 --weights mine.h5 --labels names.txt

      OUTPUT
        --json  an object a line, {"file", "predictions": [{"index", "id", "label",
                "probability"}]} or {"file", "error"}
        --csv   file,rank,index,id,label,probability
      """)

  @Argument(help: "Pictures, folders, or `-`.")
  var pictures: [String]

  @Option(help: "The model; `keras models` lists them.")
  var model = "mobilenet"

  @Option(
    help: ArgumentHelp(
      "A file of weights instead of the published ones, or `none` for random ones.", valueName: "file"))
  var weights: String?

  @Option(help: ArgumentHelp("The number of classes of a classifier of your own.", valueName: "count"))
  var classes: Int?

  @Option(
    help: ArgumentHelp(
      "The names of the classes, one a line, or in JSON or CSV; by default ImageNet's.", valueName: "file"))
  var labels: String?

  @OptionGroup var variant: VariantOptions
  @OptionGroup var pictureOptions: PictureOptions

  @Option(help: ArgumentHelp("How many classes to name for each picture.", valueName: "count"))
  var top = 5

  @Option(help: ArgumentHelp("Pictures computed together.", valueName: "count"))
  var batchSize = 16

  @OptionGroup var compute: ComputeArguments

  @Flag(help: "Never use the network; say where a missing file belongs.")
  var offline = false

  @Flag(help: "Print JSON, one object a line.")
  var json = false

  @Flag(help: "Print CSV.")
  var csv = false

  @Flag(help: "Say on standard error which weights, preprocessing and backend are used.")
  var verbose = false

  func validate() throws {
    if json && csv { throw ValidationError("Choose one of --json and --csv.") }
    if top < 1 { throw ValidationError("--top must be at least 1.") }
    if !(1...4096).contains(batchSize) { throw ValidationError("--batch-size must be between 1 and 4096.") }
    if pictures.filter({ $0 == "-" }).count > 1 { throw ValidationError("`-` can be named once.") }
  }

  func perform() throws(KerasError) -> ExitCode {
    let store = makeStore(offline: offline)
    let names = try labels.map { path throws(KerasError) in try ClassLabels(contentsOf: path) }
    let (application, settings) = try ModelChoice(
      model: model, weights: weights, variant: variant, classes: classes ?? names?.count
    ).settings()
    let network = try application.makeModel(settings, store: store)
    if let names { network.labels = names }

    let loader = pictureOptions.loader
    let reader = BatchReader(pictures, for: network, loader: loader, batchSize: batchSize)
    // Packing weights for many answers takes longer than a few pictures.
    let options = try compute.options(purpose: reader.isLast ? .firstAnswer : .throughput)
    if verbose {
      let weights = try weightsDescription(application, settings, store)
      describe(network, weights, loader, options, rows: reader.rows)
    }
    var printer = ClassificationPrinter(format: json ? .json : csv ? .csv : .text)
    while let batch = reader.next() {
      var guesses: [[Classification]] = []
      if let input = batch.input {
        guesses = try network.decodePredictions(
          network.predictOnBatch([input], options: options)[0], top: top)
      }
      for picture in batch.pictures {
        switch picture.outcome {
        case .row(let row): try printer.print(picture.name, guesses[row])
        case .failed(let error): try printer.print(picture.name, error)
        }
      }
    }
    printer.finish()
    if printer.failures == 0 { return .success }
    return printer.successes == 0 ? .failure : .partial
  }

  private func weightsDescription(
    _ application: Application, _ settings: ApplicationSettings, _ store: WeightStore
  ) throws(KerasError) -> String {
    switch settings.weights {
    case .none: "random"
    case .file(let path): path
    case .imageNet: try store.path(for: application.weightFile(for: settings))
    }
  }

  private func describe(
    _ model: ImageModel, _ weights: String, _ loader: PictureLoader, _ options: ComputeOptions, rows: Int
  ) {
    let size = model.imageSize
    let threads = options.threads ?? ComputeArguments.defaultThreads
    StandardError.print(
      """
      model     \(model.name)
      weights   \(weights)
      pictures  \(size.height) × \(size.width), \(loader)
      pixels    \(model.preprocessing.formula)
      compute   \(options.backend ?? ""), \(options.precision.rawValue), \(counted(threads, "thread")), \
      \(counted(rows, "picture")) at a time
      """)
  }
}

extension PreprocessingMode {
  /// The arithmetic in a few words, behind Keras' name of it.
  fileprivate var formula: String {
    switch self {
    case .caffe: "caffe: blue, green, red, each less its mean"
    case .tf: "tf: x / 127.5 − 1"
    case .torch: "torch: (x / 255 − mean) / deviation"
    case .unit: "unit: x / 255"
    case .none: "as they are"
    }
  }
}
