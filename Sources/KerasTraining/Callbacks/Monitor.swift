import KerasCore
import KerasModels

/// Which way a number is better.
public enum MonitorMode: String, Hashable, Sendable {
  /// What the metric says of itself: losses fall, accuracies rise.
  case automatic = "auto"
  case minimum = "min"
  case maximum = "max"
}

/// A callback that watches one number from epoch to epoch.
open class MonitorCallback: Callback {
  public let monitor: String
  public let mode: MonitorMode
  let minimumChange: Double
  private var rises: Bool?

  /// - Parameter minimumChange: what counts as better than before is at least this much better.
  public init(monitor: String, mode: MonitorMode, minimumChange: Double = 0) {
    self.monitor = monitor
    self.mode = mode
    self.minimumChange = abs(minimumChange)
  }

  /// The number after an epoch; nil, with a warning, where there is none of the name.
  final func value(in logs: Logs) -> Double? {
    if let value = logs[monitor] { return value }
    Warnings.report(
      "\(type(of: self)) watches `\(monitor)`, which nobody measures; there are \(logs.names.joined(separator: ", "))."
    )
    return nil
  }

  /// - Throws: `invalidArgument` where nobody can say which way is better.
  final func isBetter(_ value: Double, than best: Double?) throws(KerasError) -> Bool {
    let rises: Bool
    if let known = self.rises { rises = known } else { rises = try direction() }
    self.rises = rises
    guard let best else { return true }
    return rises ? value - minimumChange > best : value + minimumChange < best
  }

  private func direction() throws(KerasError) -> Bool {
    switch mode {
    case .minimum: return false
    case .maximum: return true
    case .automatic: break
    }
    if let trainer = model?.trainer as? Trainer, let found = trainer.direction(of: monitor) {
      return found == .up
    }
    // Keras 2's rule.
    if monitor.contains("acc") || monitor.hasPrefix("fmeasure") { return true }
    throw KerasError(
      .invalidArgument, "Nobody can say whether `\(monitor)` should rise or fall.",
      remedy: "give \(type(of: self)) the mode .maximum or .minimum.")
  }
}

extension Trainer {
  /// Whether a number of this name is better when it rises; nil where nobody can say.
  func direction(of name: String) -> Metric.Direction? {
    let name = name.hasPrefix("val_") ? String(name.dropFirst(4)) : name
    if name == "loss" || name.hasSuffix("_loss") { return .down }
    let all = compilation.allMetrics
    let metric = all.first { $0.name == name } ?? all.first { name.hasSuffix("_\($0.name)") }
    return metric?.direction
  }
}

extension Compilation {
  var allMetrics: [Metric] {
    [metrics, weightedMetrics].flatMap { choice -> [Metric] in
      switch choice {
      case .none: []
      case .all(let list): list
      case .list(let lists): lists.flatMap { $0 ?? [] }
      case .named(let lists): lists.values.flatMap { $0 }
      }
    }
  }
}
