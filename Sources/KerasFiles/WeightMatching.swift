import KerasCore

/// One layer of a model as far as loading weights cares: its name and the places to be filled.
package struct LayerSlots: Hashable, Sendable {
  package struct Slot: Hashable, Sendable {
    /// The weight's name or path: `kernel`, `forward_lstm/lstm_cell/kernel`.
    package var name: String
    package var shape: [Int]
    package var dataType: DataType

    package init(_ name: String, _ shape: [Int], _ dataType: DataType = .float32) {
      self.name = name
      self.shape = shape
      self.dataType = dataType
    }
  }

  package var name: String
  /// In Keras' order: trainable ones first.
  package var slots: [Slot]

  package init(_ name: String, _ slots: [Slot]) {
    self.name = name
    self.slots = slots
  }
}

/// How layers of a file find layers of a model.
package enum LayerMatching: Hashable, Sendable {
  /// Keras' default. Layers without weights do not count; the rest must be as many, and go together in order,
  /// or by name where both sides have the same names.
  case topology
  /// `by_name=True`: layers of one name go together, others are left alone. With `skipsMismatches`, weights
  /// that do not fit are left alone too, with a warning.
  case byName(skipsMismatches: Bool)
}

/// Which stored array goes where: the outcome of comparing a model with a file, before anything is read.
package struct WeightMatch: Sendable {
  package struct Assignment: Sendable {
    /// Positions in the model's list of layers and in that layer's slots.
    package var layer: Int
    package var slot: Int
    package var stored: StoredWeight
    /// What the slot wants; the stored array is converted to it.
    package var dataType: DataType
    /// The names of layer and slot, for messages.
    package var place: [String]
  }

  /// In the model's order.
  package private(set) var assignments: [Assignment] = []
  /// What a person should know although loading can go on: one sentence each.
  package private(set) var warnings: [String] = []
  private let fileName: String

  /// Compares `model` with the layers of a file, both in order.
  ///
  /// - Parameter converting: brings a layer's arrays from an older layout into that of the model's layer.
  ///
  /// Within a layer, weights go together by name where the last parts of all names (without `:0`) are the same
  /// and unique on both sides; otherwise in order.
  ///
  /// - Throws: `weightsMismatch` with every difference: layers and weights that are missing or too many, shapes
  ///   and element types that differ.
  package init(
    _ model: [LayerSlots], with stored: [StoredLayer], in fileName: String,
    by matching: LayerMatching = .topology,
    converting: (_ layer: Int, StoredLayer) throws(KerasError) -> StoredLayer = { $1 }
  ) throws(KerasError) {
    var comparison = Comparison()
    let pairs = comparison.pairs(model, stored, by: matching)
    try self.init(
      pairs.map { Pair(position: $0, layer: model[$0], stored: $1) }, comparison, in: fileName,
      skipsMismatches: matching == .byName(skipsMismatches: true), converting: converting)
  }

  /// Compares each layer of a model with what a file has for it.
  ///
  /// - Parameter others: what differs apart from that, such as layers that only one of them has.
  /// - Throws: as ``init(_:with:in:by:converting:)``.
  package init(
    _ pairs: [(layer: LayerSlots, stored: StoredLayer)], others: [(path: [String], what: String)],
    in fileName: String, skipsMismatches: Bool
  ) throws(KerasError) {
    var comparison = Comparison(isByName: false)
    for (path, what) in others { comparison.note(what, at: path) }
    try self.init(
      pairs.enumerated().map { Pair(position: $0, layer: $1.layer, stored: $1.stored) }, comparison, in: fileName,
      skipsMismatches: skipsMismatches, converting: { $1 })
  }

  /// A layer of the model, where it stands in the list of them, and what a file has for it.
  private struct Pair {
    let position: Int
    let layer: LayerSlots
    let stored: StoredLayer
  }

  private init(
    _ pairs: [Pair], _ found: Comparison, in fileName: String, skipsMismatches: Bool,
    converting: (_ layer: Int, StoredLayer) throws(KerasError) -> StoredLayer
  ) throws(KerasError) {
    self.fileName = fileName
    var comparison = found
    var conversions = ConversionNotes()
    for pair in pairs {
      let position = pair.position
      let layer = try converting(position, pair.stored)
      let slots = pair.layer.slots
      let place =
        pair.layer.name == layer.name ? layer.name : "\(pair.layer.name) (in the file: \(layer.name))"
      guard slots.count == layer.weights.count else {
        comparison.note(
          "Expected \(counted(slots.map(\.name))), found \(counted(layer.weights.map(\.name))).", at: [place])
        continue
      }
      let order = comparison.order(of: layer.weights, in: slots, at: place)
      for (index, slot) in slots.enumerated() {
        let weight = layer.weights[order[index]]
        let here = [place, slot.name]
        if weight.shape != slot.shape {
          comparison.note("Expected shape \(Shape(slot.shape)), found \(Shape(weight.shape)).", at: here)
        } else if !Self.canConvert(weight.dataType, to: slot.dataType) {
          comparison.note("Expected \(slot.dataType), found \(weight.storedType).", at: here)
        } else {
          conversions.add(weight, to: slot.dataType, at: here)
          assignments.append(
            Assignment(layer: position, slot: index, stored: weight, dataType: slot.dataType, place: here))
        }
      }
    }
    if skipsMismatches {
      comparison.skipDifferences()
    } else if let error = comparison.error(in: fileName) {
      throw error
    }
    assignments.sort { ($0.layer, $0.slot) < ($1.layer, $1.slot) }
    warnings = comparison.warnings + conversions.warnings
  }

  /// Floats become other floats and integers other integers; nothing else is guessed.
  private static func canConvert(_ stored: DataType?, to wanted: DataType) -> Bool {
    guard let stored else { return false }
    if stored == wanted { return true }
    return stored != .bool && wanted != .bool && stored.isFloatingPoint == wanted.isFloatingPoint
  }

  private func counted(_ names: [String]) -> String {
    let list = names.map(\.escaped).joined(separator: ", ")
    return "\(names.count) weight\(names.count == 1 ? "" : "s")" + (names.isEmpty ? "" : " (\(list))")
  }

  /// Reads all assigned arrays, in the order of ``assignments``, or none.
  ///
  /// Float32 arrays are views of the file. With `checksFinite` every number is looked at, which brings the
  /// whole file into memory (a tenth of a second for 500 MB that are there already); arrays with NaN or
  /// infinity load, with a warning.
  ///
  /// - Throws: `invalidFile` for damaged arrays; `weightsMismatch` for integers out of range.
  package func tensors(checksFinite: Bool = false) throws(KerasError) -> (
    tensors: [Tensor], warnings: [String]
  ) {
    var tensors: [Tensor] = []
    var notFinite: [String] = []
    for assignment in assignments {
      let stored = try assignment.stored.tensor()
      let tensor = stored.converted(to: assignment.dataType)
      let isNarrowed = !stored.dataType.isFloatingPoint && stored.dataType != tensor.dataType
      if isNarrowed, stored.scalars(as: Int64.self) != tensor.scalars(as: Int64.self) {
        throw KerasError(
          .weightsMismatch, "Numbers of type \(stored.dataType) do not fit into \(assignment.dataType).",
          path: ([fileName] + assignment.place).map(\.escaped))
      }
      if checksFinite, !tensor.isFinite { notFinite.append(assignment.place.joined(separator: "/").escaped) }
      tensors.append(tensor)
    }
    guard let first = notFinite.first else { return (tensors, []) }
    let others = notFinite.count == 1 ? "" : " and \(notFinite.count - 1) more"
    return (
      tensors, ["\(fileName.escaped) has weights that are not finite (NaN or infinity): \(first)\(others)."]
    )
  }
}

/// Sums up which weights are converted, a sentence for each pair of types.
private struct ConversionNotes {
  private var groups: [(from: String, to: DataType, first: String, count: Int)] = []

  mutating func add(_ weight: StoredWeight, to dataType: DataType, at place: [String]) {
    guard weight.dataType != dataType else { return }
    if let known = groups.firstIndex(where: { $0.from == weight.storedType && $0.to == dataType }) {
      groups[known].count += 1
    } else {
      groups.append((weight.storedType, dataType, place.joined(separator: "/").escaped, 1))
    }
  }

  var warnings: [String] {
    groups.map { group in
      let others = group.count == 1 ? "" : " and \(group.count - 1) more"
      return "\(group.first)\(others): stored as \(group.from), converted to \(group.to)."
    }
  }
}
