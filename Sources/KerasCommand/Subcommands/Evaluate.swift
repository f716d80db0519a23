import ArgumentParser
import Keras

/// `keras evaluate`: how well a classifier does on pictures whose classes are known.
struct Evaluate: LibraryCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure a classifier on pictures whose classes are known.",
    discussion: """
      DIR holds a folder of pictures for each class, called as the model calls it (by name or id); where \
      the model does not say, folders are its classes in sorted order. Loss and metrics are those the model \
      was compiled with, else crossentropy and accuracy, by Keras' names. A picture that cannot be read is \
      reported and skipped, and the exit code is then 2.

      EXAMPLES
        keras evaluate insects.keras ants_bees/val
        keras evaluate mobilenet imagenet/val --resize center-crop --json
        keras evaluate rose.h5 flowers/ --preprocessing unit --labels names.txt
        keras evaluate insects.keras ants_bees/val --report insects.html

      OUTPUT
        --json    one object: {"accuracy", "loss", …}
        --report  a page with precision and recall of every class, what was
                  taken for what, and the worst mistakes as small pictures,
                  without links to anything; as much as JSON beside it
      """)

  @Argument(
    help: ArgumentHelp(
      "A model that `keras models` lists, or a file that holds one.", valueName: "model"),
    completion: .modelsAndFiles)
  var model: String
  @Argument(
    help: ArgumentHelp("A folder with a folder of pictures for each class.", valueName: "dir"),
    completion: .directory)
  var folder: String

  @OptionGroup var settings: ModelSettings
  @OptionGroup var classNames: ClassOptions
  @OptionGroup var pictureOptions: PictureOptions

  @Option(parsing: .unconditional, help: ArgumentHelp("Pictures computed together.", valueName: "count"))
  var batchSize = 32

  @OptionGroup var compute: ComputeArguments

  @Option(
    help: ArgumentHelp("Write a page about the result, too.", valueName: "file.html"), completion: .file())
  var report: String?

  @Flag(help: "Print one JSON object.")
  var json = false

  func validate() throws {
    if !(1...4096).contains(batchSize) { throw ValidationError("--batch-size must be between 1 and 4096.") }
    try ClassifierPage.validate(report)
  }

  func perform() throws(KerasError) -> ExitCode {
    let folders = try ClassFolders(folder)
    let (network, _) = try ClassifierChoice(model, settings, classNames).classifier(
      store: makeStore(offline: settings.offline))
    let classes = try folders.classes(of: network)
    for failure in folders.failures { ErrorReport(error: failure).print() }
    let options = try compute.options(purpose: .throughput)
    try network.compileForEvaluation(options: options)
    let progress = ProgressLine()
    let data = PictureData(
      folders.samples, classes: classes, for: network, loader: pictureOptions.loader(for: network), batchSize: batchSize,
      progress: progress
    ) { try network.targets(ofClasses: $0) }
    let found = try network.evaluate(data, verbosity: .silent)
    if let report {
      try ClassifierPage(
        title: "\(model) on \(folder)", facts: ["\(found)"],
        report: network.classificationReport(on: data, options: options),
        names: network.labels?.map(\.name) ?? folders.names, files: data.readable
      ).write(to: report)
    }
    progress.clear()
    if json {
      StandardOutput.print(try jsonLine(found.numbers))
    } else {
      let width = found.names.map(\.count).max() ?? 0
      for name in found.names {
        let padding = String(repeating: " ", count: width - name.count)
        StandardOutput.print("\(name)\(padding)  \(fixed(found[name] ?? .nan, 4))")
      }
    }
    return folders.failures.isEmpty && data.failures == 0 ? .success : .partial
  }
}

extension Logs {
  /// By name.
  var numbers: [String: Double] {
    Dictionary(uniqueKeysWithValues: names.map { ($0, self[$0] ?? .nan) })
  }
}
