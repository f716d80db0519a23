import ArgumentParser
import Keras

/// `keras classify`: names what is in pictures.
struct Classify: LibraryCommand {
  static let configuration = CommandConfiguration(
    abstract: "Name what is in pictures.",
    discussion: """
      Pictures are JPEG, PNG, BMP, GIF and WebP files; of a folder all that is in it and below, in sorted order, but for \
      hidden files; `-` is a picture on standard input. A picture that cannot be read is reported and \
      skipped, and the exit code is then 2 (1 when none could be).

      EXAMPLES
        keras classify elephant.jpg
        keras classify holiday/ --model resnet50 --batch-size 32 --csv > names.csv
        curl -s https://example.org/cat.jpg | keras classify - --json
        keras classify ant.jpg --model vgg16 --weights mine.h5 --labels names.txt
        keras classify rose.jpg --model flowers.keras --preprocessing unit

      OUTPUT
        --json  an object a line, {"file", "predictions": [{"index", "id", "label",
                "probability"}]} or {"file", "error"}
        --csv   file,rank,index,id,label,probability
      """)

  @Argument(help: "Pictures, folders, or `-`.", completion: .file())
  var pictures: [String]

  @OptionGroup var source: ModelSource
  @OptionGroup var classNames: ClassOptions

  @OptionGroup var pictureOptions: PictureOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How many classes to name for each picture.", valueName: "count"))
  var top = 5

  @Option(parsing: .unconditional, help: ArgumentHelp("Pictures computed together.", valueName: "count"))
  var batchSize = 16

  @OptionGroup var sharding: ShardOption
  @OptionGroup var compute: ComputeArguments

  @Flag(help: "Print JSON, one object a line.")
  var json = false

  @Flag(help: "Print CSV.")
  var csv = false

  @Flag(help: "Say on standard error which weights, preprocessing and backend are used, and all of an error.")
  var verbose = false

  func validate() throws {
    if json && csv { throw ValidationError("Choose one of --json and --csv.") }
    if top < 1 { throw ValidationError("--top must be at least 1.") }
    if !(1...4096).contains(batchSize) { throw ValidationError("--batch-size must be between 1 and 4096.") }
    if pictures.filter({ $0 == "-" }).count > 1 { throw ValidationError("`-` can be named once.") }
  }

  func perform() throws(KerasError) -> ExitCode {
    let (network, weights) = try classifier()
    let loader = pictureOptions.loader(for: network)
    let walk = PictureWalk(pictures, shard: sharding.shard)
    let reader = BatchReader(walk, for: network, loader: loader, batchSize: batchSize)
    // Packing weights for many answers takes longer than a few pictures.
    let options = try compute.options(purpose: reader.isSingle ? .firstAnswer : .throughput)
    if verbose { describe(network, weights, loader, options, rows: reader.rows) }
    var printer = ClassificationPrinter(
      format: json ? .json : csv ? .csv : .text, pictures: pictures, shard: sharding.shard,
      showsPercent: network.givesProbabilities)
    while let batch = try reader.next() {
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

  /// The model asked for. Where nobody asked for one and the usual one's weights are not to be had, that which is part of
  /// this program.
  private func classifier() throws(KerasError) -> (model: ImageModel, weights: String) {
    do throws(KerasError) {
      return try ClassifierChoice(source, classNames).classifier(
        store: makeStore(offline: source.offline, isPatient: !isOpen))
    } catch where isOpen && error.kind == .network {
      let names = CIFAR10ResNet20.classes.labels.map(\.name).joined(separator: ", ")
      StandardError.print(
        "The weights of \(ModelSource.usual) cannot be fetched now: \(CIFAR10ResNet20.identifier) tells apart \(names). "
          + "For the 1000 classes of ImageNet, run `keras weights fetch \(ModelSource.usual)` with a network, or name a "
          + "file with --weights.")
      return try ClassifierChoice(CIFAR10ResNet20.identifier, source.settings, classNames)
        .classifier(store: makeStore(offline: true))
    }
  }

  /// Whether nothing was said that is about one model.
  private var isOpen: Bool {
    let settings = source.settings
    return source.namedModel == nil && settings.weights == nil && settings.preprocessing == nil
      && !settings.variant.given.contains(where: \.isGiven) && classNames.classes == nil && classNames.labels == nil
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
