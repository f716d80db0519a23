import ArgumentParser
import Keras

/// `keras classify`: names what is in pictures.
struct Classify: LibraryCommand {
  static let configuration = CommandConfiguration(
    abstract: "Name what is in pictures.",
    discussion: """
      Pictures are JPEG and PNG files; folders are walked in sorted order; `-` is a picture on standard input. \
      A picture that cannot be read is reported and skipped, and the exit code is then 2 (1 when none could be).

      --json prints a line for each picture: {"file", "predictions": [{"id", "index", "label", "probability"}]} \
      or {"error", "file"}.
      """)

  @Argument(help: "Pictures, folders, or `-`.")
  var pictures: [String]

  @OptionGroup var model: ModelOptions
  @OptionGroup var compute: ComputeArguments

  @Option(help: "How many classes to name for each picture.")
  var top = 5

  @Option(help: "Pictures computed together; by default 1 for one picture, else 16.")
  var batchSize: Int?

  @Option(help: "How pictures are resized: nearest (as Keras' load_img), bilinear, bicubic, lanczos, box, hamming.")
  var interpolation = "nearest"

  @Option(help: "A file with the names of the classes: lines, JSON or CSV.")
  var labels: String?

  @Flag(help: "Print JSON, one object a line.")
  var json = false

  @Flag(help: "Print CSV: file,rank,index,id,label,probability.")
  var csv = false

  func validate() throws {
    if pictures.isEmpty { throw ValidationError("Name at least one picture or folder.") }
    if json && csv { throw ValidationError("Choose one of --json and --csv.") }
    if top < 1 { throw ValidationError("--top must be at least 1.") }
    if let batchSize, !(1...4096).contains(batchSize) {
      throw ValidationError("--batch-size must be between 1 and 4096.")
    }
    if pictures.filter({ $0 == "-" }).count > 1 { throw ValidationError("`-` can be named once.") }
    if Interpolation(rawValue: interpolation) == nil {
      let names = Interpolation.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("--interpolation must be one of \(names).")
    }
  }

  func perform() throws(KerasError) -> ExitCode {
    let (single, batchSize) = batching()
    let options = try compute.options(purpose: single ? .firstAnswer : .throughput)
    var settings = try model.choice.settings()
    let names = try labels.map { path throws(KerasError) in try ClassLabels(contentsOf: path) }
    if let names, model.classes == nil { settings.settings.classes = names.count }
    let model = try settings.application.makeModel(settings.settings, store: makeStore(offline: model.offline))
    if let names { model.labels = names }

    var printer = ClassificationPrinter(format: json ? .json : csv ? .csv : .text, top: top)
    let reader = BatchReader(
      pictures, for: model, interpolation: Interpolation(rawValue: interpolation) ?? .nearest, batchSize: batchSize)
    while let batch = reader.next() {
      var guesses: [[Classification]] = []
      if let input = batch.input {
        guesses = try model.decodePredictions(
          model.predict(input, batchSize: batchSize, options: options), top: top)
      }
      for picture in batch.pictures {
        switch picture.outcome {
        case .row(let row): try printer.print(picture.name, guesses[row])
        case .failed(let error): try printer.print(picture.name, error)
        }
      }
    }
    if printer.failures == 0 { return .success }
    return printer.successes == 0 ? .failure : .partial
  }

  /// Whether there is just one picture, and how many to compute together.
  private func batching() -> (isSingle: Bool, batchSize: Int) {
    var walk = PictureWalk(pictures)
    var count = 0
    while count < 2, walk.next() != nil { count += 1 }
    return (count < 2, batchSize ?? (count < 2 ? 1 : 16))
  }
}
