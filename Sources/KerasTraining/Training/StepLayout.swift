import KerasGraph
import KerasLayers
import KerasModels

/// Losses and metrics as one step needs them: resolved for the targets and predictions it has.
struct StepLayout {
  struct Output {
    let name: String
    /// Among the targets; nil where nothing is said of the output.
    let target: Int?
    let loss: Loss?
    let lossWeight: Double?
    let metrics: [Metric]
    let weightedMetrics: [Metric]
  }

  let outputs: [Output]

  /// - Parameters:
  ///   - names: of the model's outputs.
  ///   - targetCount: how many targets a batch has: one for each output, or for each that has a loss or a metric.
  /// - Throws: `shapeMismatch` for another number of targets, and what does not fit the outputs.
  init(_ compilation: Compilation, names: [String], targetCount: Int) throws(KerasError) {
    let losses = try compilation.losses.resolved(for: names, "losses")
    let weights = try compilation.lossWeights.resolved(for: names, "loss weights")
    let metrics = try Self.metrics(compilation.metrics, names, "metrics")
    let weighted = try Self.metrics(compilation.weightedMetrics, names, "weighted metrics")
    let judged = names.indices.filter { losses[$0] != nil || !metrics[$0].isEmpty || !weighted[$0].isEmpty }
    let targets = targetCount == names.count ? Array(names.indices) : judged
    guard targetCount == targets.count else {
      throw KerasError(
        .shapeMismatch, "Expected \(names.count) targets, one for each output, found \(targetCount).",
        remedy: "the outputs are \(names.joined(separator: ", ")).")
    }
    outputs = names.indices.map { index in
      Output(
        name: names[index], target: targets.firstIndex(of: index), loss: losses[index],
        lossWeight: weights[index], metrics: metrics[index], weightedMetrics: weighted[index])
    }
  }

  /// A plain list is for the only output, or one for each.
  private static func metrics(
    _ choice: PerOutput<[Metric]>, _ names: [String], _ what: String
  ) throws(KerasError) -> [[Metric]] {
    if case .all(let list) = choice, names.count > 1 {
      try require(
        list.count == names.count, .invalidArgument,
        "Expected \(what) for \(names.count) outputs (\(names.joined(separator: ", "))), found \(list.count).",
        remedy: "give a list for each output, or name the outputs.")
      return list.map { [$0] }
    }
    return try choice.resolved(for: names, what).map { $0 ?? [] }
  }
}

/// The names that numbers have in logs, each only once, as Keras' `CompileMetrics.result`.
struct LogNames {
  private var counts: [String: Int] = [:]

  mutating func next(_ name: String, output: String?, isWeighted: Bool = false) -> String {
    let base = output.map { "\($0)_\(name)" } ?? name
    if counts[base] == nil {
      counts[base] = 1
      return base
    }
    if isWeighted {
      let weighted = output.map { "\($0)_weighted_\(name)" } ?? "weighted_\(name)"
      guard counts[weighted] != nil else {
        counts[weighted] = 1
        return weighted
      }
      return numbered(weighted)
    }
    return numbered(base)
  }

  private mutating func numbered(_ name: String) -> String {
    defer { counts[name, default: 0] += 1 }
    return "\(name)_\(counts[name, default: 0])"
  }
}
