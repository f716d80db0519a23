import KerasFiles
import KerasLayers

/// Weights as arrays of NumPy's, under their paths: `dense/kernel`. Python's Keras has no such file; NumPy opens it.
extension Model {
  /// - Throws: `unsupported` for two weights of one path, of which a file would hold one.
  func weightsByPath() throws(KerasError) -> [String: Tensor] {
    var arrays: [String: Tensor] = [:]
    for weight in weights where arrays.updateValue(weight.value, forKey: weight.path) != nil {
      throw KerasError(
        .unsupported, "Two weights are called `\(weight.path)`, and an .npz file holds one array of a name.",
        path: [name], remedy: "give layers of models inside the model different names, or use .weights.h5.")
    }
    return arrays
  }

  /// Takes weights from arrays by their paths, all or none.
  func takeWeights(of arrays: [StoredWeight], in fileName: String, skipsMismatches: Bool) throws(KerasError) {
    let stored = Dictionary(arrays.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    var (variables, pairs) = ([Variable](), [(layer: LayerSlots, stored: StoredLayer)]())
    var others: [(path: [String], what: String)] = []
    for weight in weights {
      guard let array = stored[weight.path] else {
        others.append(([weight.path], "The weight is in the model, but not in the file."))
        continue
      }
      let place = String(weight.path.dropLast(weight.name.count + 1))
      variables.append(weight)
      pairs.append(
        (
          LayerSlots(place, [LayerSlots.Slot(weight.name, weight.shape, weight.dataType)]),
          StoredLayer(name: place, weights: [array])
        ))
    }
    let known = Set(weights.map(\.path))
    others += arrays.filter { !known.contains($0.name) }.map {
      ([$0.name], "The array is in the file, but not in the model.")
    }
    let match = try WeightMatch(pairs, others: others, in: fileName, skipsMismatches: skipsMismatches)
    let (tensors, warnings) = try match.tensors(checksFinite: true)
    for (assignment, tensor) in zip(match.assignments, tensors) { try variables[assignment.layer].assign(tensor) }
    for warning in match.warnings + warnings { Warnings.report(warning) }
  }
}
