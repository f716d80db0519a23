import KerasGraph
import KerasLayers

/// Different optimizers for different weights.
///
/// ```swift
/// let both = MultiOptimizer(.adam(learningRate: 1e-3), for: [".*/embeddings": .sgd(learningRate: 0.1)])
/// ```
public final class MultiOptimizer: Optimizer, @unchecked Sendable {
  /// Regular expressions that a weight's whole path must match, sorted, each with its optimizer.
  public let byPath: [(pattern: String, optimizer: Optimizer)]
  public let standard: Optimizer

  /// - Parameters:
  ///   - standard: for weights that no pattern matches.
  ///   - byPath: by regular expressions for the whole path of a weight, or by the path itself.
  public init(_ standard: Optimizer, for byPath: [String: Optimizer] = [:], name: String = "multi_optimizer")
  {
    self.standard = standard
    self.byPath = byPath.sorted { $0.key < $1.key }.map { (pattern: $0.key, optimizer: $0.value) }
    super.init(name: name, learningRate: 0)
  }

  public override var config: JSONObject {
    var map = JSONObject()
    for (pattern, optimizer) in byPath { map[pattern] = optimizer.json }
    let both: JSONObject = ["default_optimizer": standard.json, "optimizer_map": .object(map)]
    let object = SerializedObject(module: "keras.optimizers", className: "OptimizerMap", config: both)
    return ["name": .string(name), "optimizer_map": object.json, "loss_scale_factor": JSON.null]
  }

  /// Each once, however many patterns it has.
  override var parts: [Optimizer] {
    (byPath.map(\.optimizer) + [standard]).reduce(into: []) { parts, optimizer in
      if !parts.contains(where: { $0 === optimizer }) { parts.append(optimizer) }
    }
  }

  override func share(of variables: [Variable], for part: Optimizer) -> [Variable] {
    variables.filter { optimizer(for: $0) === part }
  }

  private func optimizer(for variable: Variable) -> Optimizer {
    byPath.first { $0.pattern == variable.path }?.optimizer
      ?? byPath.first { isWhole($0.pattern, variable.path) }?.optimizer ?? standard
  }

  private func requireClearParts(for variables: [Variable]) throws(KerasError) {
    if let part = parts.first(where: {
      $0.lossScale != nil || $0 is LossScaleOptimizer || $0 is MultiOptimizer
    }) {
      throw KerasError(
        .invalidArgument,
        "An optimizer for some of the weights cannot scale the loss or have parts, and `\(part.name)` does.",
        remedy: "leave its loss scale out.")
    }
    for variable in variables where !byPath.contains(where: { $0.pattern == variable.path }) {
      let patterns = byPath.map(\.pattern).filter { isWhole($0, variable.path) }
      guard patterns.count > 1 else { continue }
      throw KerasError(
        .invalidArgument,
        "Several optimizers are meant for \(variable.path): \(patterns.joined(separator: ", ")).",
        remedy: "write the patterns so that one matches.")
    }
  }

  private func isWhole(_ pattern: String, _ text: String) -> Bool {
    guard let regex = try? Regex(pattern) else { return false }
    return text.wholeMatch(of: regex) != nil
  }

  override func record(
    _ gradients: [Value], _ variables: [Variable], in recorder: StepRecorder, when condition: RecordedValue?
  ) throws {
    register(variables)
    try requireClearParts(for: variables)
    for part in parts {
      let chosen = variables.indices.filter { optimizer(for: variables[$0]) === part }
      guard !chosen.isEmpty else { continue }
      try part.record(
        chosen.map { gradients[$0] }, chosen.map { variables[$0] }, in: recorder, when: condition)
    }
    let zero = recorder.graph.number(0)
    let step = OptimizerStep(
      recorder: recorder, condition: condition, learningRate: zero, number: zero, prefix: prefix,
      slots: ownSlots)
    step["iteration"] = step["iteration"] + 1
    if let failure = step.failure { throw failure }
  }

  /// From a file's settings.
  static func make(_ configuration: Configuration) throws(KerasError) -> MultiOptimizer {
    guard let map = configuration.value("optimizer_map"), let settings = map["config"],
      let standard = settings["default_optimizer"]
    else { throw configuration.missing("optimizer_map") }
    configuration.ignore(
      "name", "learning_rate", "loss_scale_factor", "weight_decay", "clipnorm", "global_clipnorm",
      "clipvalue",
      "use_ema", "ema_momentum", "ema_overwrite_frequency", "gradient_accumulation_steps")
    var byPath: [String: Optimizer] = [:]
    for (pattern, json) in settings["optimizer_map"]?.object ?? [:] {
      byPath[pattern] = try Optimizers.make(json, version: configuration.version)
    }
    return MultiOptimizer(
      try Optimizers.make(standard, version: configuration.version), for: byPath,
      name: configuration.object["name"]?.string ?? "multi_optimizer")
  }
}
