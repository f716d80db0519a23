import KerasLayers
import KerasModels

/// Something for each output of a model.
enum PerOutput<Element: Sendable>: Sendable {
  case none
  /// The same for all.
  case all(Element)
  case list([Element?])
  case named([String: Element])

  var elements: [Element] {
    switch self {
    case .none: []
    case .all(let element): [element]
    case .list(let elements): elements.compactMap { $0 }
    case .named(let elements): elements.keys.sorted().compactMap { elements[$0] }
    }
  }

  /// What each output gets.
  ///
  /// - Throws: `invalidArgument` for a list of another length, or a name that no output has.
  func resolved(for outputs: [String], _ what: String) throws(KerasError) -> [Element?] {
    switch self {
    case .none: return outputs.map { _ in nil }
    case .all(let element): return outputs.map { _ in element }
    case .list(let elements):
      try require(
        elements.count == outputs.count, .invalidArgument,
        "Expected \(what) for \(outputs.count) outputs (\(outputs.joined(separator: ", "))), found \(elements.count)."
      )
      return elements
    case .named(let elements):
      if let unknown = elements.keys.filter({ !outputs.contains($0) }).min() {
        throw KerasError(
          .invalidArgument, "There is no output called `\(unknown)` to have \(what).",
          remedy: "the outputs are \(outputs.joined(separator: ", ")).")
      }
      return outputs.map { elements[$0] }
    }
  }
}

/// How a model is trained: what `compile` was told.
struct Compilation: Sendable {
  var optimizer: Optimizer
  var losses: PerOutput<Loss> = .none
  var lossWeights: PerOutput<Double> = .none
  var metrics: PerOutput<[Metric]> = .none
  var weightedMetrics: PerOutput<[Metric]> = .none
  /// Those that a step of the user's own works with besides.
  var otherOptimizers: [Optimizer] = []
  /// What a step of training does; nil for what the model says. Files do not hold it.
  var trainStep: StepBody?
  var testStep: StepBody?

  init(
    optimizer: Optimizer, losses: PerOutput<Loss> = .none, lossWeights: PerOutput<Double> = .none,
    metrics: PerOutput<[Metric]> = .none, weightedMetrics: PerOutput<[Metric]> = .none
  ) {
    self.optimizer = optimizer
    self.losses = losses
    self.lossWeights = lossWeights
    self.metrics = metrics
    self.weightedMetrics = weightedMetrics
  }

  var optimizers: [Optimizer] { [optimizer] + otherOptimizers }

  /// Whether the settings of everything are what they may be.
  ///
  /// - Throws: `invalidArgument` that names class and setting.
  func checkSettings() throws(KerasError) {
    for optimizer in optimizers { try optimizer.check() }
    for loss in losses.elements { try loss.checkSettings() }
    for metric in (metrics.elements + weightedMetrics.elements).flatMap({ $0 }) { try metric.checkSettings() }
  }

  // MARK: In files

  /// From `compile_config`, or what an older file calls `training_config`.
  ///
  /// - Throws: `unknownName` for what nobody registered, and what is wrong with settings.
  init(_ object: JSONObject, version: KerasVersion = .current) throws(KerasError) {
    optimizer = try Optimizers.make(object["optimizer"] ?? "rmsprop", version: version)
    losses = try Self.perOutput(object["loss"]) { (json) throws(KerasError) in
      try Losses.make(json, version: version)
    }
    lossWeights = try Self.perOutput(object["loss_weights"]) { (json) throws(KerasError) in
      guard let number = json.number else {
        throw KerasError(.invalidFile, "A loss' weight is a number, found \(json.excerpt).")
      }
      return number
    }
    metrics = try Self.metrics(object["metrics"], version)
    weightedMetrics = try Self.metrics(object["weighted_metrics"], version)
  }

  /// A list or dictionary for outputs, or one thing for all.
  private static func perOutput<Element>(
    _ json: JSON?, _ make: (JSON) throws(KerasError) -> Element
  ) throws(KerasError) -> PerOutput<Element> {
    guard let json, !json.isNull else { return .none }
    if let list = json.array {
      var elements: [Element?] = []
      for item in list { elements.append(item.isNull ? nil : try make(item)) }
      return .list(elements)
    }
    if let object = json.object, object["class_name"] == nil {
      var elements: [String: Element] = [:]
      for (name, item) in object where !item.isNull { elements[name] = try make(item) }
      return .named(elements)
    }
    return .all(try make(json))
  }

  private static func metrics(_ json: JSON?, _ version: KerasVersion) throws(KerasError) -> PerOutput<
    [Metric]
  > {
    func list(_ json: JSON) throws(KerasError) -> [Metric] {
      var metrics: [Metric] = []
      for item in json.array ?? [json] where !item.isNull {
        metrics.append(try Metrics.make(item, version: version))
      }
      return metrics
    }
    guard let items = json?.array else { return try perOutput(json, list) }
    // A list of lists is for outputs, a plain one for the only one (or, with one metric each, for all of them).
    guard items.contains(where: { $0.array != nil }) else {
      return items.isEmpty ? .none : .all(try list(.array(items)))
    }
    return try perOutput(.array(items), list)
  }

  /// As Keras 3 writes `compile_config`.
  var json: JSONObject {
    func described<Element>(_ choice: PerOutput<Element>, _ one: (Element) -> JSON) -> JSON {
      switch choice {
      case .none: .null
      case .all(let element): one(element)
      case .list(let elements): .array(elements.map { $0.map(one) ?? .null })
      case .named(let elements):
        .object(elements.sorted { $0.key < $1.key }.reduce(into: JSONObject()) { $0[$1.key] = one($1.value) })
      }
    }
    let list = { (metrics: [Metric]) in JSON.array(metrics.map(\.described)) }
    return [
      "optimizer": optimizer.json, "loss": described(losses) { $0.described },
      "loss_weights": described(lossWeights) { .number($0) }, "metrics": described(metrics, list),
      "weighted_metrics": described(weightedMetrics, list), "run_eagerly": false, "steps_per_execution": 1,
      "jit_compile": false,
    ]
  }
}

extension Loss {
  /// What a file says of it: a name where that is all.
  fileprivate var described: JSON { self is AutomaticCrossentropy ? .string(name) : json }
}

extension Metric {
  fileprivate var described: JSON { self is AutomaticAccuracy ? .string(name) : json }
}
