import KerasCore
import KerasModels
import KerasTraining

/// Writes event files that TensorBoard shows: `tensorboard --logdir logs`.
///
/// ```swift
/// let board = TensorBoard("logs", histogramInterval: 1)
/// ```
/// In the folders `train` and `validation`, under Keras' names: after every epoch `epoch_loss`, `epoch_learning_rate` and
/// so on, `evaluation_loss_vs_iterations` after every evaluation, with an `updateInterval` of batches also `batch_loss`;
/// histograms of weights, and the model's layers as a graph.
public final class TensorBoard: Callback {
  private let folder: String
  private let histogramInterval: Int?
  private let writesGraph: Bool
  private let updateInterval: Int?
  private var training: EventFile?
  private var validation: EventFile?
  /// Batches since training began.
  private var batches = 0

  /// - Parameters:
  ///   - folder: made where it is missing; every run adds files of its own.
  ///   - histogramInterval: after how many epochs each the weights' distributions are written; nil for never.
  ///   - writesGraph: whether the model's layers are.
  ///   - updateInterval: after how many batches each their numbers are; nil for after epochs alone.
  public init(
    _ folder: String = "logs", histogramInterval: Int? = nil, writesGraph: Bool = true,
    updateInterval: Int? = nil
  ) {
    self.folder = folder
    self.histogramInterval = histogramInterval
    self.writesGraph = writesGraph
    self.updateInterval = updateInterval
  }

  public override func trainBegan() throws {
    (training, validation, batches) = (nil, nil, 0)
    guard writesGraph, let model else { return }
    let file = try trainingFile()
    let graph = Tensorboard_GraphDef(model)
    let bytes = try graph.serializedData()
    try file.add { $0.graphDef = bytes }
    try file.add { $0.summary.value = [.model(model)] }
  }

  public override func trainBatchEnded(_ batch: Int, _ logs: Logs) throws {
    if let updateInterval, batches % max(updateInterval, 1) == 0 {
      try write(logs, as: { "batch_\($0)" }, step: batches, to: trainingFile())
    }
    batches += 1
  }

  public override func testEnded(_ logs: Logs) throws {
    guard !isInterrupted else { return }
    try write(
      logs, as: { "evaluation_\($0)_vs_iterations" }, step: model?.optimizer?.iterations ?? 0,
      to: validationFile())
  }

  public override func epochEnded(_ epoch: Int, _ logs: inout Logs) throws {
    let prefix = "val_"
    let known = logs
    var measured = Logs(known.names.filter { !$0.hasPrefix(prefix) }.map { ($0, known[$0] ?? .nan) })
    measured["learning_rate"] = measured["learning_rate"] ?? model?.optimizer?.learningRate
    try write(measured, as: { "epoch_\($0)" }, step: epoch, to: trainingFile())
    let validated = known.names.filter { $0.hasPrefix(prefix) }
    if !validated.isEmpty {
      let numbers = Logs(validated.map { (String($0.dropFirst(prefix.count)), known[$0] ?? .nan) })
      try write(numbers, as: { "epoch_\($0)" }, step: epoch, to: validationFile())
    }
    guard let histogramInterval, epoch % max(histogramInterval, 1) == 0, let model else { return }
    let file = try trainingFile()
    for weight in model.weights {
      let value: Tensorboard_Summary.Value = .histogram("\(weight.path)/histogram", weight.value.scalars())
      try file.add(step: epoch) { $0.summary.value = [value] }
    }
  }

  public override func trainEnded(_ logs: Logs) { (training, validation) = (nil, nil) }

  /// Steps are counted on where a run is gone on with.
  public override func savedState() -> [String: Tensor] { ["batches": Tensor(scalar: Int64(batches))] }
  public override func restore(_ state: [String: Tensor]) {
    batches = state["batches"]?.scalars(as: Int64.self).first.map { Int($0) } ?? 0
  }

  private func write(
    _ logs: Logs, as tag: (String) -> String, step: Int, to file: EventFile
  ) throws(KerasError) {
    let values = logs.names.map { Tensorboard_Summary.Value.scalar(tag($0), logs[$0] ?? .nan) }
    try file.add(step: step) { $0.summary.value = values }
  }

  private func trainingFile() throws(KerasError) -> EventFile {
    if let training { return training }
    let file = try EventFile(in: joined(folder, "train"))
    training = file
    return file
  }

  private func validationFile() throws(KerasError) -> EventFile {
    if let validation { return validation }
    let file = try EventFile(in: joined(folder, "validation"))
    validation = file
    return file
  }
}

extension Callback {
  public static func tensorBoard(
    _ folder: String = "logs", histogramInterval: Int? = nil, writesGraph: Bool = true,
    updateInterval: Int? = nil
  ) -> Callback {
    TensorBoard(
      folder, histogramInterval: histogramInterval, writesGraph: writesGraph, updateInterval: updateInterval)
  }
}
