import Foundation
import KerasApplications
import KerasModels
import KerasTraining
import KerasWeights
import Testing

@testable import KerasFineTuning

/// A small network of pictures and what is made of it.
@Suite struct FineTuningTests {
  static let names = ClassLabels(["dark", "light"].map { ClassLabel(id: $0, name: $0) })

  static func base(filters count: Int = 6) throws -> ImageModel {
    let x = Input(shape: [8, 8, 3])
    let filters = { (count: Int, name: String) in
      Conv2D(
        filters: count, kernelSize: 3, activation: .relu, kernelInitializer: .glorotUniform(seed: 5),
        name: name)
    }
    let middle = BatchNormalization(name: "norm")(filters(4, "first")(x))
    return try ImageModel(
      Model(inputs: [x], outputs: [filters(count, "second")(middle)], name: "base"), preprocessing: .unit)
  }

  /// Pictures of one brightness each, and whether it is high.
  static func pictures(_ count: Int) throws -> TensorData {
    var pixels: [Float] = []
    for number in 0..<count {
      let level = Float(number % 2) * 0.5 + Float(number) / Float(count) * 0.3
      pixels += [Float](repeating: level, count: 8 * 8 * 3)
    }
    return try TensorData(
      [Tensor(pixels, shape: [count, 8, 8, 3])], [Tensor((0..<count).map { Int32($0 % 2) })], batchSize: 4)
  }

  static func numbers(_ model: Model, _ layer: String) throws -> [Float] {
    try model.layer(named: layer).weights.flatMap { $0.value.scalars(as: Float.self) }
  }

  @Test func theHeadLearnsAndTheBaseStays() throws {
    let base = try Self.base()
    let before = try Self.numbers(base, "second")
    let tuning = try FineTuning(base, labels: Self.names, seed: 2)
    let history = try tuning.trainHead(
      on: Self.pictures(24), validation: Self.pictures(10), epochs: 200, learningRate: 0.1, patience: 200)
    #expect(history["loss"]?.count == 200)
    #expect(tuning.best["val_accuracy"] == 1 && tuning.classWeights == nil)
    #expect(try Self.numbers(base, "second") == before)
    // The whole model is what the head was trained as.
    let found = try tuning.model.evaluate(Self.pictures(10), verbosity: .silent)
    #expect(try abs(#require(found["loss"]) - #require(tuning.best["val_loss"])) < 1e-5)
    #expect(tuning.model.labels == Self.names && tuning.model.preprocessing == .unit)

    // The same again on top of it: the old head's names are taken.
    let again = try FineTuning(tuning.model, labels: Self.names)
    #expect(again.model.layers.map(\.name).suffix(2) == ["head_dropout_1", "head"])
    let path = FileManager.default.temporaryDirectory.appending(path: "tuned-\(UUID().uuidString).keras").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try again.model.save(to: path)
    #expect(try ImageModel(contentsOf: path).labels == Self.names)
  }

  @Test func theTopIsKeptOnlyWhereItIsBetter() throws {
    let tuning = try FineTuning(Self.base(), labels: Self.names, seed: 2)
    try tuning.trainHead(on: Self.pictures(24), validation: Self.pictures(10), epochs: 5, learningRate: 0.05)
    let (before, best) = (try Self.numbers(tuning.model, "second"), tuning.best)
    // Steps far too large make it worse.
    try tuning.trainTop(
      from: "second", on: Self.pictures(24), validation: Self.pictures(10), epochs: 1, learningRate: 50)
    #expect(try Self.numbers(tuning.model, "second") == before)
    #expect(tuning.best["val_loss"] == best["val_loss"])
    let norm = try Self.numbers(tuning.model, "norm")
    try tuning.trainTop(
      from: "norm", on: Self.pictures(24), validation: Self.pictures(10), epochs: 5, learningRate: 0.005)
    #expect(try Self.numbers(tuning.model, "second") != before)
    #expect(try Self.numbers(tuning.model, "norm") == norm)
    #expect(try #require(tuning.best["val_loss"]) < #require(best["val_loss"]))
  }

  /// Ends training after some batches.
  private final class Stopper: Callback {
    private var left: Int
    init(after batches: Int) { left = batches }
    override func trainBatchEnded(_ batch: Int, _ logs: Logs) {
      left -= 1
      if left == 0 { interruptTraining() }
    }
  }

  @Test func theTopGoesOnAfterAnInterruption() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "tuning-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    func run(_ callbacks: [Callback]) throws -> (FineTuning, History) {
      let tuning = try FineTuning(Self.base(), labels: Self.names, seed: 2)
      try tuning.trainHead(
        on: Self.pictures(24), validation: Self.pictures(10), epochs: 2, learningRate: 0.05)
      let history = try tuning.trainTop(
        from: "norm", on: Self.pictures(24), validation: Self.pictures(10), epochs: 4, learningRate: 0.005,
        callbacks: callbacks)
      return (tuning, history)
    }
    let (whole, history) = try run([])
    let weights = try Self.numbers(whole.model, "second")
    // Six batches an epoch: in the first one, before anything is measured, the head's end stands.
    let (early, nothing) = try run([Stopper(after: 3)])
    #expect(nothing.epochs.isEmpty && early.best["val_loss"] != whole.best["val_loss"])
    #expect(try Self.numbers(early.model, "second") == Self.numbers(Self.base(), "second"))
    let (part, two) = try run([.backupAndRestore(folder), Stopper(after: 15)])
    #expect(two.epochs == [0, 1])
    #expect(try Self.numbers(part.model, "second") != weights)
    let (resumed, all) = try run([.backupAndRestore(folder), Stopper(after: 1000)])
    #expect(try Self.numbers(resumed.model, "second") == weights)
    #expect(all.metrics == history.metrics && resumed.best["val_loss"] == whole.best["val_loss"])
  }

  /// Changed pictures go through the base in every epoch, and those to measure on do not change.
  @Test func changedPicturesTrainTheHeadToo() throws {
    func run(_ data: any DataSource, rateFound: Bool = false) throws -> (FineTuning, History) {
      let tuning = try FineTuning(Self.base(), labels: Self.names, seed: 2)
      let history = try tuning.trainHead(
        on: data, validation: Self.pictures(10), epochs: 4, learningRate: 0.05, findsLearningRate: rateFound)
      return (tuning, history)
    }
    let changes: [Layer] = [RandomBrightness(0.2, valueRange: 0...1), RandomFlip(.horizontal)]
    let pictures = try Self.pictures(24)
    let changed = pictures.augmented(by: changes, seed: 4)
    #expect(changed.changesEveryEpoch && !pictures.changesEveryEpoch)
    let (plain, (tuning, history)) = (try run(pictures), try run(changed))
    let again = try run(changed)
    #expect(history.metrics == again.1.metrics && history["loss"] != plain.1["loss"])
    #expect(try Self.numbers(tuning.model, "head") == Self.numbers(again.0.model, "head"))
    #expect(try Self.numbers(tuning.model, "second") == Self.numbers(Self.base(), "second"))
    // Not the first epoch's changes again and again.
    final class First: DataSource {
      let source: any DataSource
      init(_ source: any DataSource) { self.source = source }
      var batchCount: Int? { source.batchCount }
      func batches(inEpoch epoch: Int) throws -> BatchStream { try source.batches(inEpoch: 0) }
    }
    #expect(try run(First(changed)).1["loss"] != history["loss"])
    #expect(try #require(run(changed, rateFound: true).0.learningRateRange).rates.count > 10)
    let top = try tuning.trainTop(
      from: "norm", on: changed, validation: Self.pictures(10), epochs: 2, learningRate: 0.005)
    #expect(top["loss"]?.count == 2)
  }

  /// Of unequal classes, also where pictures change.
  @Test func changedPicturesAreWeighted() throws {
    let pixels = Tensor(repeating: 0.5, shape: [5, 8, 8, 3])
    let data = try TensorData([pixels], [Tensor([0, 0, 0, 0, 1] as [Int32])], batchSize: 2)
    let tuning = try FineTuning(Self.base(), labels: Self.names)
    try tuning.trainHead(on: data.augmented(by: [RandomFlip()]), epochs: 1)
    #expect(tuning.classWeights == [0: 0.625, 1: 2.5])
    let none = try TensorData([Tensor(zeros: [0, 8, 8, 3])], [Tensor([Int32]())])
    let error = #expect(throws: KerasError.self) {
      try tuning.trainHead(on: none.augmented(by: [RandomFlip()]), epochs: 1)
    }
    #expect(error?.description == "There is no picture to train on.\n  in: base")
    let mixed = try TensorData([pixels], [Tensor(zeros: [5, 2])]).augmented(by: [MixUp()])
    let other = #expect(throws: KerasError.self) { try tuning.trainHead(on: mixed, epochs: 1) }
    #expect(other?.description == "Expected a class number for each of 5 samples.\n  in: base")
  }

  @Test func pixelsBecomeInput() throws {
    let base = try Self.base()
    let pixels = try TensorData([Tensor(repeating: 51, shape: [2, 8, 8, 3])], [Tensor([0, 1] as [Int32])])
    let data = pixels.preprocessed(for: base)
    #expect(data.batchCount == 1 && !data.changesEveryEpoch)
    let batch = try #require(try data.batches(inEpoch: 0).next())
    #expect(batch.inputs[0].scalars(as: Float.self).allSatisfy { $0 == 0.2 })
    #expect(batch.targets[0].scalars(as: Int32.self) == [0, 1])
    #expect(pixels.augmented(by: [RandomFlip()]).preprocessed(for: base).changesEveryEpoch)
  }

  @Test func theLearningRateIsFound() throws {
    let tuning = try FineTuning(Self.base(), labels: Self.names, seed: 2)
    try tuning.trainHead(
      on: Self.pictures(24), validation: Self.pictures(10), epochs: 30, findsLearningRate: true)
    let range = try #require(tuning.learningRateRange)
    #expect(range.suggestion > 0.005)
    #expect(tuning.best["val_accuracy"] == 1)
    #expect(abs(try #require(tuning.model.optimizer?.learningRate) / range.suggestion - 1) < 1e-6)
  }

  @Test func whatCannotBeTuned() throws {
    let one = ClassLabels([ClassLabel(id: "a", name: "a")])
    #expect(
      throws: KerasError(
        .invalidArgument, "A classifier tells at least two classes apart, found 1.", path: ["base"])
    ) { try FineTuning(Self.base(), labels: one) }
    let tuning = try FineTuning(Self.base(), labels: Self.names)
    #expect(throws: KerasError.self) { try tuning.checkTop(from: "third") }
    let error = #expect(throws: KerasError.self) {
      try tuning.checkTop(from: tuning.model.layers.dropLast(2).last?.name ?? "")
    }
    #expect(error?.remedy == "name an earlier one.")
  }

  @Test func classesCountAlikeWhereTheirSizesDiffer() {
    #expect(FineTuning.classWeights(of: [0, 0, 0, 1, 1], count: 2) == nil)
    #expect(FineTuning.classWeights(of: [0, 0, 0, 0, 1, 1], count: 2) == [0: 0.75, 1: 1.5])
  }

  // MARK: What a loss compares with

  private func classifier(units: Int, _ activation: ActivationFunction) throws -> ImageModel {
    let x = Input(shape: [2, 2, 3])
    return try ImageModel(
      Model(inputs: [x], outputs: [Dense(units: units, activation: activation)(Flatten()(x))]),
      preprocessing: .unit)
  }

  @Test func targetsAreWhatTheLossTakes() throws {
    let sparse = try classifier(units: 3, .softmax)
    try sparse.compileForEvaluation()
    #expect(try sparse.targets(ofClasses: [2, 0]).scalars(as: Int32.self) == [2, 0])
    let dense = try classifier(units: 3, .softmax)
    try dense.compile(optimizer: .adam(), loss: .categoricalCrossentropy, metrics: [.accuracy])
    let path = FileManager.default.temporaryDirectory.appending(path: "dense-\(UUID().uuidString).keras").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try dense.save(to: path)
    let loaded = try ImageModel(contentsOf: path)
    for model in [dense, loaded] {
      try model.compileForEvaluation()
      let targets = try model.targets(ofClasses: [2, 0])
      #expect(targets.shape == [2, 3] && targets.scalars(as: Float.self) == [0, 0, 1, 1, 0, 0])
      let found = try model.evaluate(Tensor(zeros: [2, 2, 2, 3]), targets, verbosity: .silent)
      #expect(found.names == ["accuracy", "loss"])
    }
    let binary = try classifier(units: 1, .sigmoid)
    try binary.compileForEvaluation()
    #expect(try binary.targets(ofClasses: [1, 0]).shape == [2, 1])
    let error = #expect(throws: KerasError.self) { try binary.targets(ofClasses: [2]) }
    #expect(error?.what == "Expected class numbers from 0 to 1, found 2.")
  }
}
