import KerasModels
import KerasWeights

extension ImageModel {
  /// The index of a class that people name: by its identifier (`n01440764`), its label (`tench`, `great white shark`;
  /// case and `_` or space do not matter), or the index itself.
  ///
  /// - Throws: `invalidArgument` for a label that several classes have, listing them, an index that is none, and a
  ///   model without a classifier; `unknownName` for a name that no class has.
  public func classIndex(named text: String) throws(KerasError) -> Int {
    _ = try requiredClassCount()
    let labels = labels ?? ClassLabels([])
    if let index = labels.firstIndex(where: { $0.id == text && $0.id != $0.name }) { return index }
    let wanted = comparable(text)
    let named = labels.indices.filter { comparable(labels[$0].name) == wanted }
    if named.count > 1 {
      let choices = named.map { labels[$0].id == labels[$0].name ? "\($0)" : "\($0) (\(labels[$0].id))" }
      throw KerasError(
        .invalidArgument, "\(named.count) classes are called `\(text)`: \(choices.joined(separator: ", ")).",
        path: [name], remedy: "name one of them by its index.")
    }
    if let index = named.first { return index }
    if let index = Int(text) {
      try requireClass(index)
      return index
    }
    let nearest = nearestNames(to: text, among: labels.map(\.name))
    throw KerasError(
      .unknownName, "There is no class called `\(text)`.", path: [name],
      remedy: labels.isEmpty
        ? "the classes have no names: use an index." : nearest.isEmpty
          ? "use a label, its identifier, or an index." : "did you mean \(nearest.joined(separator: ", "))?")
  }

  /// - Throws: `invalidArgument` for an index that no class has.
  func requireClass(_ index: Int) throws(KerasError) {
    let count = try requiredClassCount()
    guard (0..<count).contains(index) else {
      throw KerasError(
        .invalidArgument, "There is no class \(index): the model tells \(count) apart.", path: [name],
        remedy: "use an index from 0 to \(count - 1).")
    }
  }
}

private func comparable(_ name: String) -> String {
  String(name.lowercased().map { $0 == "_" ? " " : $0 })
}
