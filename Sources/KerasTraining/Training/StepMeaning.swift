import KerasGraph
import KerasModels

/// What a step of training or evaluation gave.
struct StepResult: Sendable {
  /// The batch's own loss.
  let loss: Double
  /// What is known so far in this epoch.
  let logs: Logs
}

/// What a step's tensors mean.
struct StepMeaning: Sendable {
  /// The names of the outputs behind the loss, each with how many numbers it is; nil for one.
  let names: [(name: String, count: Int?)]
  /// How many classes the targets number `i` may name; nil where it names none.
  let classCounts: [Int?]

  func result(of outputs: [Tensor]) -> StepResult {
    var logs: [String: Double] = [:]
    for (output, (name, count)) in zip(outputs.dropFirst(), names) {
      let numbers: [Double] = output.scalars()
      if count == nil {
        logs[name] = numbers[0]
      } else {
        for (index, number) in numbers.enumerated() { logs["\(name)[\(index)]"] = number }
      }
    }
    return StepResult(loss: outputs[0].scalars(as: Double.self)[0], logs: Logs(logs))
  }

  /// A target that names no class; nil where all do.
  func labelError(in targets: [Tensor]) -> KerasError? {
    for (index, (target, count)) in zip(targets, classCounts).enumerated() {
      guard let count else { continue }
      let labels: [Double] = target.scalars()
      guard let place = labels.firstIndex(where: { !(0..<Double(count)).contains($0) }) else { continue }
      let rows = max(target.shape.first ?? 1, 1)
      return KerasError(
        .invalidArgument,
        "Expected class numbers from 0 to \(count - 1), found \(labelText(labels[place])) in sample "
          + "\(place / max(labels.count / rows, 1)).",
        path: ["target \(index)"],
        remedy: "give the model an output for every class, or number classes from 0.")
    }
    return nil
  }

  private func labelText(_ label: Double) -> String { Int(exactly: label).map(String.init) ?? "\(label)" }
}
