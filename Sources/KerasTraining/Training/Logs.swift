import KerasCore

/// What is known after a batch or an epoch, by name: `loss`, `accuracy`, `val_loss`; sorted, as Keras has them.
///
/// A metric of several numbers has one entry for each: `f1_score[0]`, `f1_score[1]`.
///
/// What a callback is given after a batch is fetched when somebody looks: a device may be computing it, and who looks
/// waits. Of a batch in which something went wrong nothing is known; `fit` throws what it was.
public struct Logs: Sendable {
  private enum Source: Sendable {
    case known([String: Double])
    case step(StartedStep)
  }
  private var source: Source

  private var numbers: [String: Double] {
    get {
      switch source {
      case .known(let numbers): numbers
      case .step(let step): (try? step.result().logs.numbers) ?? [:]
      }
    }
    set { source = .known(newValue) }
  }

  public init() { source = .known([:]) }

  public init(_ entries: some Sequence<(String, Double)>) {
    source = .known(Dictionary(entries, uniquingKeysWith: { $1 }))
  }

  init(_ numbers: [String: Double]) { source = .known(numbers) }

  /// What will be known after a step.
  init(of step: StartedStep) { source = .step(step) }

  /// The names, sorted.
  public var names: [String] { numbers.keys.sorted() }

  /// The number of this name; `acc` and `accuracy`, also behind `val_`, stand for each other.
  public subscript(name: String) -> Double? {
    get { numbers[name] ?? otherSpelling(of: name).flatMap { numbers[$0] } }
    set { numbers[name] = newValue }
  }

  /// The same with `prefix` before every name.
  func prefixed(_ prefix: String) -> Logs { Logs(numbers.map { (prefix + $0.key, $0.value) }) }

  mutating func merge(_ other: Logs) { numbers.merge(other.numbers) { $1 } }
}

extension Logs: CustomStringConvertible {
  /// One line for people: `accuracy: 0.9 - loss: 0.3`.
  public var description: String {
    names.map { "\($0): \(progressNumber(numbers[$0] ?? .nan))" }.joined(separator: " - ")
  }
}

/// Keras 2.2 calls it `acc`.
func otherSpelling(of name: String) -> String? {
  let prefix = name.hasPrefix("val_") ? "val_" : ""
  switch name.dropFirst(prefix.count) {
  case "acc": return prefix + "accuracy"
  case "accuracy": return prefix + "acc"
  default: return nil
  }
}

/// What `fit` returns: every number of every epoch.
public struct History: Sendable {
  /// The numbers of the epochs, from 0.
  public internal(set) var epochs: [Int] = []
  /// By name, one for each epoch in which it was known.
  public internal(set) var metrics: [String: [Double]] = [:]
  /// By name, in which epochs the numbers were known.
  private(set) var places: [String: [Int]] = [:]

  public init() {}

  /// The numbers of this name; `acc` and `accuracy` stand for each other.
  public subscript(name: String) -> [Double]? {
    metrics[name] ?? otherSpelling(of: name).flatMap { metrics[$0] }
  }

  mutating func append(_ logs: Logs, epoch: Int) {
    epochs.append(epoch)
    for name in logs.names {
      metrics[name, default: []].append(logs[name] ?? .nan)
      places[name, default: []].append(epoch)
    }
  }

  /// The numbers of this name and the epochs, from 0, that they are of: not every epoch has every number.
  public func points(of name: String) -> [(epoch: Int, value: Double)] {
    guard let numbers = self[name] else { return [] }
    let epochs = places[name] ?? otherSpelling(of: name).flatMap { places[$0] } ?? []
    return zip(epochs, numbers).map { ($0, $1) }
  }
}

extension History {
  /// The history as tensors by name.
  var arrays: [String: Tensor] {
    var arrays = ["epochs": Tensor(epochs.map { Int64($0) })]
    for (name, numbers) in metrics {
      arrays["values/\(name)"] = Tensor(numbers)
      arrays["places/\(name)"] = Tensor((places[name] ?? []).map { Int64($0) })
    }
    return arrays
  }

  init(arrays: [String: Tensor]) {
    func whole(_ name: String) -> [Int] { (arrays[name]?.scalars(as: Int64.self) ?? []).map { Int($0) } }
    epochs = whole("epochs")
    for name in arrays.keys where name.hasPrefix("values/") {
      let metric = String(name.dropFirst(7))
      metrics[metric] = arrays[name]?.scalars()
      places[metric] = whole("places/\(metric)")
    }
  }
}
