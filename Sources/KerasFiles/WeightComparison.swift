import KerasCore

/// Collects what differs between a model and a file while ``WeightMatch`` compares them.
struct Comparison {
  private var differences: [(path: [String], what: String)] = []
  private(set) var warnings: [String] = []
  /// Whether layers of the file can be found by name.
  private let isByName: Bool

  init(isByName: Bool = true) { self.isByName = isByName }

  mutating func note(_ difference: String, at path: [String]) {
    differences.append((path.map(\.escaped), difference))
  }

  /// Turns all differences into warnings: what does not fit is left alone.
  mutating func skipDifferences() {
    warnings += differences.map { "Skipped \($0.path.joined(separator: " › ")): \($0.what)" }
    differences = []
  }

  /// One error for all differences; nil when there are none.
  func error(in fileName: String) -> KerasError? {
    guard let first = differences.first else { return nil }
    let remedy = """
      build the model with the arguments these weights were made with (classes, size, alpha, includeTop), \
      or \(isByName ? "load by name and " : "")skip what does not fit\(isByName ? "" : " (skipsMismatches)").
      """
    if differences.count == 1 {
      return KerasError(
        .weightsMismatch, first.what, path: [fileName.escaped] + first.path, remedy: remedy)
    }
    let lines = differences.map { "\n  " + ($0.path + [$0.what]).joined(separator: " › ") }
    return KerasError(
      .weightsMismatch, "The weights do not fit the model, in \(differences.count) places:" + lines.joined(),
      path: [fileName.escaped], remedy: remedy)
  }
}

// MARK: - Layers

extension Comparison {
  /// Which stored layer belongs to which position of the model.
  mutating func pairs(
    _ model: [LayerSlots], _ stored: [StoredLayer], by matching: LayerMatching
  ) -> [(Int, StoredLayer)] {
    switch matching {
    case .topology: return pairsByTopology(model, stored)
    case .byName:
      let layers = Dictionary(stored.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
      let pairs = model.indices.compactMap { position in layers[model[position].name].map { (position, $0) } }
      if !pairs.contains(where: { !model[$0.0].slots.isEmpty }) {
        warnings.append("No layer of the model has weights in the file: no name is the same.")
      }
      return pairs
    }
  }

  private mutating func pairsByTopology(
    _ model: [LayerSlots], _ stored: [StoredLayer]
  ) -> [(Int, StoredLayer)] {
    let wanted = model.indices.filter { !model[$0].slots.isEmpty }
    let found = stored.filter { !$0.weights.isEmpty }
    let wantedNames = wanted.map { model[$0].name }
    let layers = Dictionary(found.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let haveSameNames =
      wanted.count == found.count && layers.count == found.count && Set(wantedNames) == Set(layers.keys)
    if haveSameNames, wantedNames != found.map(\.name) {
      warnings.append("The file has the same layers in another order; they were matched by name.")
      return wanted.compactMap { position in layers[model[position].name].map { (position, $0) } }
    }
    if wanted.count == found.count { return Array(zip(wanted, found)) }

    // The count is wrong: say which layers are to blame, and compare those that have a namesake.
    let names = Set(wantedNames)
    for name in wantedNames where layers[name] == nil {
      note("The layer is in the model, but not in the file.", at: [name])
    }
    for layer in found where !names.contains(layer.name) {
      note("The layer is in the file, but not in the model.", at: [layer.name])
    }
    note("Expected \(wanted.count) layers with weights, found \(found.count).", at: [])
    return wanted.compactMap { position in layers[model[position].name].map { (position, $0) } }
  }
}

// MARK: - Weights of a layer

extension Comparison {
  /// For every slot, the position of the stored weight that belongs there.
  mutating func order(
    of stored: [StoredWeight], in slots: [LayerSlots.Slot], at place: String
  ) -> [Int] {
    let inOrder = Array(slots.indices)
    guard let byName = Self.orderByName(of: stored.map(\.name), in: slots.map(\.name)), byName != inOrder
    else {
      return inOrder
    }
    func fits(_ order: [Int]) -> Bool { zip(slots, order).allSatisfy { $0.shape == stored[$1].shape } }
    if !fits(byName), fits(inOrder) {
      warnings.append(
        "\(place.escaped): the names of the weights suggest another order, but only the stored order fits.")
      return inOrder
    }
    warnings.append("\(place.escaped): the weights are stored in another order; they were matched by name.")
    return byName
  }

  /// The order by names, when the last one, two, … parts of all names are the same set on both sides and
  /// unique: `bi/forward_lstm/lstm_cell/kernel:0` is `forward_lstm/lstm_cell/kernel`.
  static func orderByName(of stored: [String], in slots: [String]) -> [Int]? {
    let stored = stored.map(parts), slots = slots.map(parts)
    let longest = (stored + slots).map(\.count).max() ?? 0
    for length in 1...max(longest, 1) {
      let wanted = slots.map { $0.suffix(length) }
      let found = stored.map { $0.suffix(length) }
      let positions = Dictionary(zip(found, found.indices), uniquingKeysWith: { first, _ in first })
      guard Set(wanted) == Set(positions.keys) else { return nil }
      if positions.count == found.count, found.count == wanted.count {
        return wanted.compactMap { positions[$0] }
      }
    }
    return nil
  }

  /// The parts of a weight's path, without TensorFlow's `:0`.
  private static func parts(of name: String) -> [Substring] {
    let end = name.lastIndex(of: ":").map {
      name[name.index(after: $0)...].allSatisfy(\.isNumber) ? $0 : name.endIndex
    }
    return name[..<(end ?? name.endIndex)].split(separator: "/")
  }
}
