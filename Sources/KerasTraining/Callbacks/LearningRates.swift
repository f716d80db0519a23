import KerasCore
import KerasModels

/// Lowers the learning rate when a number has not become better for some epochs.
public final class ReduceLROnPlateau: MonitorCallback {
  public let factor: Double
  public let patience: Int
  public let cooldown: Int
  public let minimumRate: Double
  private var best: Double?
  private var waited = 0
  private var cooling = 0

  /// - Parameters:
  ///   - factor: what the rate is multiplied by, below 1.
  ///   - patience: how many epochs without a better number are endured.
  ///   - cooldown: how many epochs after a reduction do not count.
  /// - Precondition: `factor` is below 1.
  public init(
    monitor: String = "val_loss", factor: Double = 0.1, patience: Int = 10, mode: MonitorMode = .automatic,
    minimumChange: Double = 1e-4, cooldown: Int = 0, minimumRate: Double = 0
  ) {
    precondition(factor < 1, "A rate that is to fall is multiplied by less than 1, found \(factor).")
    self.factor = factor
    self.patience = patience
    self.cooldown = cooldown
    self.minimumRate = minimumRate
    super.init(monitor: monitor, mode: mode, minimumChange: minimumChange)
  }

  public override func trainBegan() { (best, waited, cooling) = (nil, 0, 0) }

  public override func savedState() -> [String: Tensor] {
    var state = ["waited": Tensor(scalar: Int64(waited)), "cooling": Tensor(scalar: Int64(cooling))]
    state["best"] = best.map { Tensor(scalar: $0) }
    return state
  }

  public override func restore(_ state: [String: Tensor]) {
    best = state.number("best")
    waited = state.number("waited").map { Int($0) } ?? 0
    cooling = state.number("cooling").map { Int($0) } ?? 0
  }

  public override func epochEnded(_ epoch: Int, _ logs: inout Logs) throws {
    let optimizer = try settableOptimizer(of: model, for: "ReduceLROnPlateau")
    guard let rate = optimizer.learningRate else { return }
    logs["learning_rate"] = rate
    guard let current = value(in: logs) else { return }
    if cooling > 0 {
      cooling -= 1
      waited = 0
    }
    if try isBetter(current, than: best) {
      best = current
      waited = 0
    } else if cooling == 0 {
      waited += 1
      if waited >= patience, rate > minimumRate {
        optimizer.learningRate = max(rate * factor, minimumRate)
        cooling = cooldown
        waited = 0
      }
    }
  }
}

/// Sets the learning rate at the beginning of every epoch.
public final class LearningRateScheduler: Callback {
  private let schedule: (_ epoch: Int, _ rate: Double) throws -> Double

  /// - Parameter schedule: the rate of an epoch, given that of the one before.
  public init(_ schedule: @escaping (_ epoch: Int, _ rate: Double) throws -> Double) {
    self.schedule = schedule
  }

  public override func epochBegan(_ epoch: Int) throws {
    let optimizer = try settableOptimizer(of: model, for: "LearningRateScheduler")
    let rate = try schedule(epoch, optimizer.learningRate ?? 0)
    try require(
      rate.isFinite && rate >= 0, .invalidArgument, "A learning rate is a number from 0 up, found \(rate).",
      path: ["LearningRateScheduler", "epoch \(epoch)"])
    optimizer.learningRate = rate
  }

  public override func epochEnded(_ epoch: Int, _ logs: inout Logs) {
    logs["learning_rate"] = model?.optimizer?.learningRate
  }
}

/// - Throws: `invalidArgument` where a schedule decides the rate.
func settableOptimizer(of model: Model?, for callback: String) throws(KerasError) -> Optimizer {
  guard let optimizer = model?.optimizer, optimizer.learningRate != nil else {
    throw KerasError(
      .invalidArgument, "\(callback) sets the learning rate, which a schedule of the optimizer decides.",
      remedy: "make the optimizer with a number as its learning rate.")
  }
  return optimizer
}

/// Ends training when the loss is no number.
public final class TerminateOnNaN: Callback {
  private let throwsError: Bool

  /// - Parameter throwsError: whether `fit` throws then, instead of returning.
  public init(throwsError: Bool = false) { self.throwsError = throwsError }

  public override func trainBatchEnded(_ batch: Int, _ logs: Logs) throws {
    guard let loss = logs["loss"], !loss.isFinite else { return }
    if throwsError {
      throw KerasError(.invalidArgument, "The loss is \(loss) in batch \(batch).", path: ["TerminateOnNaN"])
    }
    Warnings.report("The loss is \(loss) in batch \(batch); training ends.")
    stopTraining()
  }
}
