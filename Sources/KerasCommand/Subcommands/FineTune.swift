import ArgumentParser
import Glibc
import Keras

/// What is kept to measure on: a share of the pictures, or a folder of others.
enum ValidationChoice: ExpressibleByArgument, CustomStringConvertible {
  case share(Double)
  case folder(String)

  init?(argument: String) {
    guard let number = Double(argument) else {
      self = .folder(argument)
      return
    }
    guard number > 0, number < 1 else { return nil }
    self = .share(number)
  }

  var description: String {
    switch self {
    case .share(let share): "\(share)"
    case .folder(let path): path
    }
  }
  var defaultValueDescription: String { description }
}

/// `keras finetune`: a classifier from folders of pictures.
struct FineTune: LibraryCommand {
  static let configuration = CommandConfiguration(
    commandName: "finetune",
    abstract: "Make a classifier from folders of pictures.",
    discussion: """
      DIR holds a folder of pictures for each class, called as the class. A new head is trained on what a \
      model that has learned on other pictures makes of these, which is computed once; with --unfreeze then \
      everything from a layer on, at a lower rate, but for batch normalization. The weights of the epoch \
      with the least loss on the validation pictures are kept. Where the largest class has more than 1.5 \
      times the pictures of the smallest, samples are weighted, so that classes count alike. The new model \
      knows its classes' names and its preprocessing. A picture that cannot be read is reported once and \
      skipped, and the exit code is then 2.

      EXAMPLES
        keras finetune flowers/ -o flowers.keras
        keras finetune ants_bees/train --validation ants_bees/val -o insects.keras
        keras finetune flowers/ --model mobilenetv2 --unfreeze block_13_expand \\
          --fine-tune-epochs 5 -o flowers.keras --json
        keras classify rose.jpg --model flowers.keras

      OUTPUT
        --json  one object: {"best": {"accuracy", "loss", "val_accuracy",
                "val_loss"}, "class_weights", "classes", "fine_tune_epochs",
                "head_epochs", "output", "skipped", "train", "validation"}
      """)

  @Argument(
    help: ArgumentHelp("A folder with a folder of pictures for each class.", valueName: "dir"),
    completion: .directory)
  var folder: String

  @Option(
    name: .shortAndLong, help: ArgumentHelp("The model to write: .keras or .h5.", valueName: "file"),
    completion: .file())
  var output: String

  @Option(
    help: ArgumentHelp(
      "The share of each class that is kept to measure on, or a folder of other pictures of the same classes.",
      valueName: "share or dir"),
    completion: .directory)
  var validation = ValidationChoice.share(0.2)

  @OptionGroup var source: ModelSource

  @Option(parsing: .unconditional, help: ArgumentHelp("Epochs of the head, at most.", valueName: "count"))
  var epochs = 50

  @Option(
    help: ArgumentHelp(
      "Train on from this layer, as `keras summary` names it, once the head is trained.", valueName: "layer"))
  var unfreeze: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Epochs with --unfreeze, at most; 5 by default.", valueName: "count"))
  var fineTuneEpochs: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The head's learning rate; with --unfreeze then a tenth of it.", valueName: "rate"))
  var learningRate = 0.001

  @Option(parsing: .unconditional, help: ArgumentHelp("Pictures in a step of training.", valueName: "count"))
  var batchSize = 32

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Decides the first weights, what is kept for validation, and the order of pictures.",
      valueName: "number"))
  var seed = 0

  @OptionGroup var pictureOptions: PictureOptions
  @OptionGroup var compute: ComputeArguments

  @Flag(help: "Print one JSON object.")
  var json = false

  func validate() throws {
    if !(1...4096).contains(batchSize) { throw ValidationError("--batch-size must be between 1 and 4096.") }
    if epochs < 1 { throw ValidationError("--epochs must be at least 1.") }
    if let fineTuneEpochs {
      if unfreeze == nil { throw ValidationError("--fine-tune-epochs goes with --unfreeze.") }
      if fineTuneEpochs < 1 { throw ValidationError("--fine-tune-epochs must be at least 1.") }
    }
    if !(learningRate > 0 && learningRate.isFinite) {
      throw ValidationError("--learning-rate must be a number above 0.")
    }
    if seed < 0 { throw ValidationError("--seed must be at least 0.") }
    if !output.hasSuffix(".keras") && !output.hasSuffix(".h5") {
      throw ValidationError("The model to write must end in .keras or .h5.")
    }
  }

  func perform() throws(KerasError) -> ExitCode {
    // Before minutes are spent on what cannot be written.
    let place = output.lastIndex(of: "/").map { String(output[...$0]) } ?? "."
    guard isFolder(place), access(place, W_OK) == 0 else {
      throw KerasError(.fileAccess, "The folder of \(output.escaped) is not there, or cannot be written to.")
    }
    let folders = try ClassFolders(folder)
    guard folders.names.count > 1 else {
      throw KerasError(
        .invalidArgument,
        "\(folder.escaped) holds one class, \(folders.names[0].escaped): there is nothing to tell apart.",
        remedy: "add a folder for each other class.")
    }
    let (training, held) = try parts(of: folders)
    var choice = ClassifierChoice(source)
    choice.includesTop = false
    choice.pooling = .average
    let (base, _) = try choice.pictureModel(store: makeStore(offline: source.offline))
    let tuning = try FineTuning(
      base, labels: ClassLabels(folders.names.map { ClassLabel(id: $0, name: $0) }), seed: seed,
      options: compute.options(purpose: .throughput))
    if let unfreeze { try tuning.checkTop(from: unfreeze) }
    for failure in folders.failures + held.failures { ErrorReport(error: failure).print() }

    let progress = ProgressLine()
    func data(_ samples: [ClassFolders.Sample], _ classes: [Int], shuffleSeed: UInt64?) -> PictureData {
      PictureData(
        samples, classes: classes, for: tuning.model, loader: pictureOptions.loader, batchSize: batchSize,
        shuffleSeed: shuffleSeed, progress: progress)
    }
    let pictures = data(training, Array(folders.names.indices), shuffleSeed: UInt64(seed))
    let others = data(held.samples, held.classes, shuffleSeed: nil)
    func showing(_ what: String, of count: Int) -> [Callback] {
      [LambdaCallback(onEpochEnd: { progress.show("\(what) epoch \($0 + 1) of \(count): \($1)") })]
    }
    let head = try tuning.trainHead(
      on: pictures, validation: others, epochs: epochs, batchSize: batchSize, learningRate: learningRate,
      callbacks: showing("head,", of: epochs))
    var top = History()
    if let unfreeze {
      let count = fineTuneEpochs ?? 5
      top = try tuning.trainTop(
        from: unfreeze, on: pictures, validation: others, epochs: count, learningRate: learningRate / 10,
        callbacks: showing("from \(unfreeze),", of: count))
    }
    progress.clear()
    try tuning.model.save(to: output)

    let skipped = folders.failures.count + held.failures.count + pictures.failures + others.failures
    let weights = tuning.classWeights.map { weights in
      Dictionary(uniqueKeysWithValues: folders.names.enumerated().map { ($1, weights[$0] ?? 1) })
    }
    let report = Report(
      best: tuning.best.numbers, classWeights: weights, classes: folders.names,
      fineTuneEpochs: top.epochs.count,
      headEpochs: head.epochs.count, output: output, skipped: skipped, train: pictures.count,
      validation: others.count)
    try report.print(asJSON: json)
    return skipped == 0 ? .success : .partial
  }

  /// What is measured on, and its folders' classes among those that are trained.
  private struct Held {
    var samples: [ClassFolders.Sample]
    var classes: [Int]
    var failures: [KerasError] = []
  }

  private func parts(of folders: ClassFolders) throws(KerasError) -> ([ClassFolders.Sample], Held) {
    switch validation {
    case .share(let share):
      let (training, held) = try folders.split(share: share, seed: UInt64(seed))
      return (training, Held(samples: held, classes: Array(folders.names.indices)))
    case .folder(let path):
      let others = try ClassFolders(path)
      let classes = try others.names.map { name throws(KerasError) in
        if let index = folders.names.firstIndex(of: name) { return index }
        throw KerasError(
          .unknownName, "\(folder.escaped) has no class called `\(name.escaped)`.", path: [path],
          remedy: "the classes are \(folders.names.map(\.escaped).joined(separator: ", ")).")
      }
      return (folders.samples, Held(samples: others.samples, classes: classes, failures: others.failures))
    }
  }

  private struct Report: Encodable {
    let best: [String: Double]
    let classWeights: [String: Double]?
    let classes: [String]
    let fineTuneEpochs: Int
    let headEpochs: Int
    let output: String
    let skipped: Int
    let train: Int
    let validation: Int

    enum CodingKeys: String, CodingKey {
      case best, classes, output, skipped, train, validation
      case classWeights = "class_weights"
      case fineTuneEpochs = "fine_tune_epochs"
      case headEpochs = "head_epochs"
    }

    func print(asJSON: Bool) throws(KerasError) {
      guard !asJSON else { return StandardOutput.print(try jsonLine(self)) }
      let share = fixed((best["val_accuracy"] ?? .nan) * 100, 1)
      StandardOutput.print(
        "\(output.escaped) tells \(counted(classes.count, "class", "classes")) apart: right for \(share) % of "
          + "\(counted(validation, "validation picture")), after training on \(train).")
    }
  }
}
