import KerasCore
import KerasModels

/// Ends training when a number has not become better for some epochs.
public final class EarlyStopping: MonitorCallback {
  public let patience: Int
  public let baseline: Double?
  public let restoresBest: Bool
  public let firstEpoch: Int
  /// The epoch after which training ended; nil where it did not end for this.
  public private(set) var stoppedEpoch: Int?
  /// The epoch with the best number.
  public private(set) var bestEpoch = 0
  private var best: Double?
  private var bestWeights: [Tensor]?
  private var waited = 0

  /// - Parameters:
  ///   - patience: how many epochs without a better number are endured.
  ///   - baseline: what a number must be better than to count.
  ///   - restoresBest: whether the weights of the best epoch are brought back at the end.
  ///   - firstEpoch: from which epoch on it watches.
  public init(
    monitor: String = "val_loss", minimumChange: Double = 0, patience: Int = 0,
    mode: MonitorMode = .automatic,
    baseline: Double? = nil, restoresBest: Bool = false, firstEpoch: Int = 0
  ) {
    self.patience = patience
    self.baseline = baseline
    self.restoresBest = restoresBest
    self.firstEpoch = firstEpoch
    super.init(monitor: monitor, mode: mode, minimumChange: minimumChange)
  }

  public override func trainBegan() {
    (waited, stoppedEpoch, best, bestWeights, bestEpoch) = (0, nil, nil, nil, 0)
  }

  public override func epochEnded(_ epoch: Int, _ logs: inout Logs) throws {
    guard let current = value(in: logs), epoch >= firstEpoch else { return }
    if restoresBest, bestWeights == nil { keepWeights(of: epoch) }
    waited += 1
    if try isBetter(current, than: best) {
      best = current
      bestEpoch = epoch
      if restoresBest { keepWeights(of: epoch) }
      if try baseline == nil || isBetter(current, than: baseline) { waited = 0 }
      return
    }
    if waited >= patience, epoch > 0 {
      stoppedEpoch = epoch
      stopTraining()
    }
  }

  public override func savedState() -> [String: Tensor] {
    var state = ["waited": Tensor(scalar: Int64(waited)), "best_epoch": Tensor(scalar: Int64(bestEpoch))]
    state["best"] = best.map { Tensor(scalar: $0) }
    for (number, weight) in (bestWeights ?? []).enumerated() { state["weights/\(number)"] = weight }
    return state
  }

  public override func restore(_ state: [String: Tensor]) {
    waited = state.number("waited").map { Int($0) } ?? 0
    bestEpoch = state.number("best_epoch").map { Int($0) } ?? 0
    best = state.number("best")
    let kept = (0..<(model?.weights.count ?? 0)).compactMap { state["weights/\($0)"] }
    bestWeights = kept.isEmpty ? nil : kept
  }

  private func keepWeights(of epoch: Int) {
    bestWeights = model?.weights.map(\.value)
    bestEpoch = epoch
  }

  public override func trainEnded(_ logs: Logs) throws {
    guard let bestWeights, let model else { return }
    for (weight, value) in zip(model.weights, bestWeights) { try weight.assign(value) }
  }
}
