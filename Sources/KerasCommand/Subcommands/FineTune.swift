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

      What the model makes of pictures stays in ~/.keras/features, so that another run on them begins at once. \
      Ctrl-C ends training after the batch it is in and writes what was reached (exit code 130); the same \
      command with --resume then comes to the same end as a run that was not interrupted.

      With --augment, or any of the changes below, the training pictures are changed at random, in every \
      epoch another way; `keras augment` shows how. Then the model computes them anew in every epoch of the \
      head, too, and only what it makes of the validation pictures is kept.

      EXAMPLES
        keras finetune flowers/ -o flowers.keras
        keras finetune ants_bees/train --validation ants_bees/val -o insects.keras
        keras finetune flowers/ --model mobilenetv2 --unfreeze block_13_expand \\
          --fine-tune-epochs 5 -o flowers.keras --json
        keras finetune flowers/ -o flowers.keras --augment --epochs 20
        keras finetune flowers/ -o flowers.keras --flip both --crop 0.1 --hue 0.05
        keras finetune flowers/ -o flowers.keras --report flowers.html
        keras classify rose.jpg --model flowers.keras

      OUTPUT
        --json    one object: {"best": {"accuracy", "loss", "val_accuracy",
                  "val_loss"}, "class_weights", "classes", "fine_tune_epochs",
                  "head_epochs", "interrupted", "learning_rate", "output",
                  "skipped", "train", "validation"}
        --report  a page with curves, precision and recall of every class, what
                  was taken for what, and the worst mistakes as small pictures,
                  without links to anything; as much as JSON beside it
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
    help: ArgumentHelp(
      "The head's learning rate, 0.001 by default; with --unfreeze then a tenth of it.", valueName: "rate"))
  var learningRate: Double?

  @Flag(
    help: "Find the head's learning rate: train some steps at rising rates, and take a tenth of the best.")
  var findLearningRate = false

  @Option(parsing: .unconditional, help: ArgumentHelp("Pictures in a step of training.", valueName: "count"))
  var batchSize = 32

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Decides the first weights, what is kept for validation, the order of pictures and their changes.",
      valueName: "number"))
  var seed = 0

  @OptionGroup var pictureOptions: PictureOptions
  @OptionGroup var compute: ComputeArguments
  @OptionGroup var nodes: NodeArguments

  @Flag(
    help:
      "Change training pictures at random: as named above, or else flip, turn, move and zoom them a little.")
  var augment = false

  @OptionGroup(title: "Changes") var changes: AugmentationOptions
  private var augments: Bool { augment || !changes.isEmpty }

  @Option(
    help: ArgumentHelp(
      "Where features are kept, or `none`; ~/.keras/features by default.", valueName: "dir"),
    completion: .directory)
  var featureCache: String?

  @Flag(help: "Go on with what a run that was ended left in OUT.part, if there is anything.")
  var resume = false

  @Option(
    help: ArgumentHelp("Write a page about the result, too.", valueName: "file.html"), completion: .file())
  var report: String?

  @Option(
    help: ArgumentHelp("Draw loss and accuracy of every epoch: .svg or .png.", valueName: "file"),
    completion: .file())
  var plot: String?

  @Flag(help: "Print one JSON object.")
  var json = false

  func validate() throws {
    if !(1...4096).contains(batchSize) { throw ValidationError("--batch-size must be between 1 and 4096.") }
    if epochs < 1 { throw ValidationError("--epochs must be at least 1.") }
    if let fineTuneEpochs {
      if unfreeze == nil { throw ValidationError("--fine-tune-epochs goes with --unfreeze.") }
      if fineTuneEpochs < 1 { throw ValidationError("--fine-tune-epochs must be at least 1.") }
    }
    if let learningRate {
      if !(learningRate > 0 && learningRate.isFinite) {
        throw ValidationError("--learning-rate must be a number above 0.")
      }
      if findLearningRate { throw ValidationError("Choose one of --learning-rate and --find-learning-rate.") }
    }
    if seed < 0 { throw ValidationError("--seed must be at least 0.") }
    if !output.hasSuffix(".keras") && !output.hasSuffix(".h5") {
      throw ValidationError("The model to write must end in .keras or .h5.")
    }
    try ClassifierPage.validate(report)
    if let plot, !["svg", "png"].contains(FileName(Array(plot.utf8)).ending) {
      throw ValidationError("The plot to write must end in .svg or .png.")
    }
  }

  func perform() throws(KerasError) -> ExitCode {
    // Before minutes are spent on what cannot be written.
    for file in [output, report, plot].compactMap({ $0 }) {
      let place = file.lastIndex(of: "/").map { String(file[...$0]) } ?? "."
      guard isFolder(place), access(place, W_OK) == 0 else {
        throw KerasError(.fileAccess, "The folder of \(file.escaped) is not there, or cannot be written to.")
      }
    }
    let folders = try ClassFolders(folder)
    guard folders.names.count > 1 else {
      throw KerasError(
        .invalidArgument,
        "\(folder.escaped) holds one class, \(folders.names[0].escaped): there is nothing to tell apart.",
        remedy: "add a folder for each other class.")
    }
    let (training, held) = try parts(of: folders)
    // Before anything is fetched: who cannot be met is told at once.
    try nodes.join(toComputeOn: compute.device ?? compute.backend)
    var choice = ClassifierChoice(source)
    choice.includesTop = false
    choice.pooling = .average
    let (base, _) = try choice.pictureModel(store: makeStore(offline: source.offline))
    let options = try compute.options(purpose: .throughput)
    let tuning = try FineTuning(
      base, labels: ClassLabels(folders.names.map { ClassLabel(id: $0, name: $0) }), seed: seed,
      cache: featureCache == "none" ? nil : featureCache.map { FeatureCache(folder: $0) } ?? FeatureCache(),
      options: options)
    if let unfreeze { try tuning.checkTop(from: unfreeze) }
    let backup = try TuningBackup(
      for: output, job: job(classes: folders.names, counts: [training.count, held.samples.count]),
      isResuming: resume)
    for failure in folders.failures + held.failures { ErrorReport(error: failure).print() }

    let progress = ProgressLine()
    let size = tuning.model.imageSize
    func data(
      _ samples: [ClassFolders.Sample], _ classes: [Int], shuffleSeed: UInt64? = nil,
      pixelSize: ImageSize? = nil
    ) -> PictureData {
      PictureData(
        samples, classes: classes, for: tuning.model, loader: pictureOptions.loader(for: tuning.model),
        batchSize: batchSize, pixelSize: pixelSize, shuffleSeed: shuffleSeed, progress: progress)
    }
    let pictures = data(
      training, Array(folders.names.indices), shuffleSeed: UInt64(seed),
      pixelSize: augments ? changes.readSize(for: size) : nil)
    let samples = augments ? changed(pictures, for: tuning.model, options) : pictures
    let others = data(held.samples, held.classes)
    func callbacks(_ what: String, of count: Int) -> [Callback] {
      let shown = LambdaCallback(onEpochEnd: { progress.show("\(what) epoch \($0 + 1) of \(count): \($1)") })
      return [shown, InterruptionWatch()]
    }
    let head = try tuning.trainHead(
      on: samples, validation: others, epochs: epochs, batchSize: batchSize, learningRate: rate,
      findsLearningRate: findLearningRate, callbacks: callbacks("head,", of: epochs))
    let rate = tuning.learningRateRange?.suggestion ?? rate
    var histories = [("Head", head)]
    if let unfreeze, Interruption.signal == nil {
      let count = fineTuneEpochs ?? 5
      let top = try tuning.trainTop(
        from: unfreeze, on: samples, validation: others, epochs: count, learningRate: rate / 10,
        callbacks: callbacks("from \(unfreeze),", of: count) + [backup.keeper()])
      histories.append(("From \(unfreeze) on", top))
    }
    progress.clear()
    try tuning.model.save(to: output)
    let signal = Interruption.signal
    Interruption.watch()
    if signal == nil { backup.remove() }

    if let plot {
      try histories[histories.count - 1].1.plot(to: plot, title: histories[histories.count - 1].0)
    }
    let skipped = folders.failures.count + held.failures.count + pictures.failures + others.failures
    let weights = tuning.classWeights.map { weights in
      Dictionary(uniqueKeysWithValues: folders.names.enumerated().map { ($1, weights[$0] ?? 1) })
    }
    let result = TuningResult(
      best: tuning.best.numbers, classWeights: weights, classes: folders.names,
      fineTuneEpochs: histories.count > 1 ? histories[1].1.epochs.count : 0, headEpochs: head.epochs.count,
      interrupted: signal != nil, learningRate: rate, output: output, skipped: skipped, train: pictures.count,
      validation: others.count)
    if let report, signal == nil {
      let found = try tuning.model.classificationReport(on: others, options: options)
      var page = ClassifierPage(
        title: output.split(separator: "/").last.map(String.init) ?? output, report: found,
        names: folders.names, files: others.readable)
      page.facts = [result.sentence]
      page.histories = histories.map { (name: $0, history: $1) }
      page.range = tuning.learningRateRange
      try page.write(to: report)
    }
    try result.print(asJSON: json)
    if let signal {
      StandardError.print("Interrupted: the same command and --resume goes on.")
      return ExitCode(128 + signal)
    }
    return skipped == 0 ? .success : .partial
  }

  private var rate: Double { learningRate ?? 0.001 }

  /// Pixels on their way through the changes and into the model.
  private func changed(
    _ pixels: PictureData, for model: ImageModel, _ options: ComputeOptions
  ) -> any DataSource {
    var options = options
    // Of pixels every digit counts.
    options.precision = .float32
    return pixels.augmented(by: changes.layers(for: model.imageSize), seed: Int64(seed), options: options)
      .preprocessed(for: model)
  }

  /// Everything that the result depends on, to be recognised by when a run is gone on with.
  private func job(classes: [String], counts: [Int]) -> JSON {
    var job: JSONObject = ["format": "keras-finetune/1"]
    job["pictures"] = .string(folder)
    job["classes"] = .array(classes.map { .string($0) })
    job["counts"] = .array(counts.map { .integer($0) })
    job["validation"] = .string("\(validation)")
    job["model"] = .string(source.model)
    job["weights_file"] = source.weights.map { .string($0) }
    job["preprocessing"] = source.preprocessing.map { .string($0.rawValue) }
    job["alpha"] = source.variant.alpha.map { .number($0) }
    job["set"] = .array(source.variant.arguments.map { .string($0) })
    job["image_size"] = source.variant.imageSize.map { .integer($0) }
    job["resize"] = .string("\(pictureOptions.loader)")
    job["epochs"] = .integer(epochs)
    job["unfreeze"] = unfreeze.map { .string($0) }
    job["fine_tune_epochs"] = .integer(fineTuneEpochs ?? 5)
    job["learning_rate"] = findLearningRate ? "found" : .number(rate)
    job["changes"] = augments ? .string("\(changes)") : nil
    job["batch_size"] = .integer(batchSize)
    job["seed"] = .integer(seed)
    job["precision"] = .string(compute.precision.rawValue)
    job["backend"] = (compute.device ?? compute.backend).map { .string($0) }
    return .object(job)
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
}
