import Foundation
import KerasModels
import Testing

@testable import KerasTraining

@Suite struct CallbackTests {
  private func compiled(rate: LearningRate = 0.1, dropout: Double = 0) throws -> Model {
    let model = try FitTests.model(dropout: dropout)
    try model.compile(
      optimizer: .sgd(learningRate: rate, momentum: 0.9), loss: .sparseCategoricalCrossentropy,
      metrics: [.accuracy])
    return model
  }

  private func temporary(_ name: String) -> String {
    NSTemporaryDirectory() + "keras-\(UUID().uuidString)-\(name)"
  }

  @Test func stopsEarlyAndRestores() throws {
    let (x, y) = FitTests.data()
    let model = try compiled()
    // A number that is best in epoch 2.
    var best: [Float] = []
    let numbers = LambdaWithLogs { epoch, logs in
      logs["score"] = [1, 2, 3, 2, 1, 0][epoch]
      if epoch == 2 { best = model.weights[0].value.scalars() }
    }
    let stop = EarlyStopping(monitor: "score", patience: 2, mode: .maximum, restoresBest: true)
    let history = try model.fit(
      x, y, epochs: 6, callbacks: [numbers, stop], verbosity: .silent)
    #expect(history["score"] == [1, 2, 3, 2, 1])
    #expect(stop.stoppedEpoch == 4)
    #expect(stop.bestEpoch == 2)
    #expect(model.weights[0].value.scalars(as: Float.self) == best)
  }

  @Test func directionIsTheMetrics() throws {
    let (x, y) = FitTests.data()
    let model = try compiled()
    let stop = EarlyStopping(monitor: "nonsense_number", patience: 0)
    let numbers = LambdaWithLogs { epoch, logs in logs["nonsense_number"] = Double(epoch) }
    let error = #expect(throws: KerasError.self) {
      try model.fit(x, y, epochs: 2, callbacks: [numbers, stop], verbosity: .silent)
    }
    #expect(
      error?.description == """
        Nobody can say whether `nonsense_number` should rise or fall.
          try: give EarlyStopping the mode .maximum or .minimum.
        """)
  }

  @Test func lowersTheRate() throws {
    let (x, y) = FitTests.data()
    let model = try compiled()
    let numbers = LambdaWithLogs { _, logs in logs["still"] = 1 }
    let plateau = ReduceLROnPlateau(
      monitor: "still", factor: 0.5, patience: 1, mode: .minimum, minimumRate: 0.03)
    let history = try model.fit(x, y, epochs: 5, callbacks: [numbers, plateau], verbosity: .silent)
    let rates = try #require(history["learning_rate"]).map { ($0 * 1000).rounded() / 1000 }
    #expect(rates == [0.1, 0.1, 0.05, 0.03, 0.03])
    #expect(abs(try #require(model.optimizer?.learningRate) - 0.03) < 1e-6)
  }

  @Test func setsTheRate() throws {
    let (x, y) = FitTests.data()
    let model = try compiled()
    let history = try model.fit(
      x, y, epochs: 3, callbacks: [.learningRateScheduler { epoch, _ in 1 / Double(epoch + 1) }],
      verbosity: .silent)
    #expect(try #require(history["learning_rate"]).map { ($0 * 100).rounded() } == [100, 50, 33])
    let other = try compiled(rate: .schedule(.exponentialDecay(initialRate: 0.1, steps: 2, decayRate: 0.5)))
    #expect(throws: KerasError.self) {
      try other.fit(x, y, callbacks: [.learningRateScheduler { _, rate in rate }], verbosity: .silent)
    }
  }

  @Test func logsLines() throws {
    let (x, y) = FitTests.data()
    let path = temporary("log.csv")
    defer { try? FileManager.default.removeItem(atPath: path) }
    try compiled().fit(x, y, epochs: 2, callbacks: [.csvLogger(path)], verbosity: .silent)
    try compiled().fit(x, y, epochs: 1, callbacks: [.csvLogger(path, appends: true)], verbosity: .silent)
    let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 4)
    #expect(lines[0] == "epoch,accuracy,loss,val_accuracy,val_loss")
    #expect(lines[1].hasPrefix("0,") && lines[1].hasSuffix(",NA,NA"))
    #expect(lines[3].hasPrefix("0,"))
  }

  @Test func savesTheBest() throws {
    let (x, y) = FitTests.data()
    let folder = temporary("checkpoints")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let numbers = LambdaWithLogs { epoch, logs in logs["score"] = [1, 3, 2][epoch] }
    let saver = ModelCheckpoint(
      folder + "/{epoch:02d}-{score:.1f}.keras", monitor: "score", savesBestOnly: true, mode: .maximum)
    try compiled().fit(x, y, epochs: 3, callbacks: [numbers, saver], verbosity: .silent)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == [
        "01-1.0.keras", "02-3.0.keras",
      ])
    #expect(try Model.load(from: folder + "/02-3.0.keras").isCompiled)
  }

  @Test func unknownNameInAPath() {
    let error = #expect(throws: KerasError.self) {
      try Template("m-{nope}.keras").filled(epoch: 1, Logs([("loss", 1)]))
    }
    #expect(error?.description == "Nobody measures `nope`.\n  in: m-{nope}.keras\n  try: use epoch, loss.")
  }

  /// Interrupted after any epoch and begun again, a run ends with the weights of one that was not.
  @Test(arguments: [1, 2]) func goesOnAfterAnInterruption(_ survived: Int) throws {
    struct Killed: Error {}
    let (x, y) = FitTests.data()
    let folder = temporary("backup")
    defer { try? FileManager.default.removeItem(atPath: folder) }
    func run(_ callbacks: [Callback]) throws -> Model {
      let model = try compiled(dropout: 0.3)
      try model.fit(x, y, batchSize: 16, epochs: 4, callbacks: callbacks, verbosity: .silent)
      return model
    }
    let whole = try run([]).weights.map { $0.value.scalars(as: Float.self) }
    let killer = LambdaCallback(onEpochBegin: { if $0 == survived { throw Killed() } })
    #expect(throws: KerasError.self) { try run([BackupAndRestore(folder), killer]) }
    let resumed = try run([BackupAndRestore(folder)]).weights.map { $0.value.scalars(as: Float.self) }
    #expect(resumed == whole)
    // Nothing is left of a run that ended.
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
  }

  /// Interrupted in the middle of an epoch, a run leaves no trace of that epoch; begun again, it has history, patience and
  /// log of one that was not interrupted.
  @Test(arguments: [0, 1, 3]) func goesOnAfterTheMiddleOfAnEpoch(_ epoch: Int) throws {
    let (x, y) = FitTests.data()
    let folder = temporary("backup")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    func run(_ name: String, _ callbacks: [Callback] = []) throws -> (Model, History, EarlyStopping) {
      let model = try compiled(dropout: 0.3)
      let stop = EarlyStopping(monitor: "score", patience: 2, mode: .maximum, restoresBest: true)
      let numbers = LambdaWithLogs { epoch, logs in logs["score"] = [1, 3, 2, 1, 0, 9][epoch] }
      let history = try model.fit(
        x, y, batchSize: 16, epochs: 6, validationSplit: 0.25,
        callbacks: callbacks + [numbers, stop, .csvLogger("\(folder)/\(name).csv")], verbosity: .silent)
      return (model, history, stop)
    }
    let whole = try run("whole")
    #expect(whole.1.epochs == [0, 1, 2, 3] && whole.2.bestEpoch == 1)
    let stopper = Interrupter(epoch: epoch, batch: 1)
    let part = try run("parts", [BackupAndRestore(folder), stopper])
    #expect(part.1.epochs == Array(0..<epoch))
    let resumed = try run("parts", [BackupAndRestore(folder), Interrupter(epoch: 9, batch: 0)])
    #expect(resumed.1.metrics == whole.1.metrics && resumed.1.epochs == whole.1.epochs)
    #expect(resumed.2.stoppedEpoch == 3 && resumed.2.bestEpoch == 1)
    for (one, other) in zip(resumed.0.weights, whole.0.weights) {
      #expect(one.value.scalars(as: Float.self) == other.value.scalars(as: Float.self))
    }
    #expect(
      try String(contentsOfFile: folder + "/parts.csv", encoding: .utf8)
        == String(contentsOfFile: folder + "/whole.csv", encoding: .utf8))
    #expect(!FileManager.default.fileExists(atPath: folder + "/backup.npz"))
  }

  @Test func endsWhereTheLossIsNone() throws {
    let (x, y) = FitTests.data()
    let model = try compiled(rate: 1e30)
    let history = try Warnings.withHandler { _ in
    } _: {
      try model.fit(x, y, batchSize: 16, epochs: 4, callbacks: [.terminateOnNaN()], verbosity: .silent)
    }
    #expect(history.epochs == [0])
  }

  @Test func progress() {
    let logs = Logs([("loss", 0.25), ("accuracy", 0.00001)])
    #expect(
      progressLine(done: 12, of: 100, elapsed: 0.6, logs, isLast: false)
        == "\u{1B}[1m 12/100\u{1B}[0m \u{1B}[32m━━\u{1B}[0m\u{1B}[37m━━━━━━━━━━━━━━━━━━\u{1B}[0m \u{1B}[1m4s\u{1B}[0m "
        + "50ms/step - accuracy: 1.0000e-05 - loss: 0.2500\u{1B}[K")
  }
}

/// Adds numbers to the logs.
private final class LambdaWithLogs: Callback {
  private let body: (Int, inout Logs) -> Void
  init(_ body: @escaping (Int, inout Logs) -> Void) { self.body = body }
  override func epochEnded(_ epoch: Int, _ logs: inout Logs) { body(epoch, &logs) }
}

/// Ends training in the middle of an epoch.
private final class Interrupter: Callback {
  private let (epoch, batch): (Int, Int)
  private var present = 0
  init(epoch: Int, batch: Int) { (self.epoch, self.batch) = (epoch, batch) }
  override func epochBegan(_ epoch: Int) { present = epoch }
  override func trainBatchEnded(_ batch: Int, _ logs: Logs) {
    if present == epoch, batch == self.batch { interruptTraining() }
  }
}
