import KerasFiles
import KerasLayers

extension Model {
  /// Takes the weights of a file as Keras' applications publish them: HDF5, weights alone or a whole model.
  ///
  /// Layers go together in order (by name where the names are the same), weights within a layer by name. All
  /// are taken or none.
  ///
  /// - Parameter path: the file. Its arrays are mapped, not copied, so it must stay unchanged while the model
  ///   uses it; replacing it by renaming another over it is fine.
  /// - Throws: `fileNotFound`, `fileAccess` or `invalidFile` when it cannot be read; `weightsMismatch` with every
  ///   difference between file and model.
  public func loadWeights(from path: String) throws(KerasError) {
    try takeWeights(of: LegacyWeightFile(path: path), by: .topology)
  }

  /// Takes the weights of the layers that the file has under the same name, and leaves others alone.
  ///
  /// - Parameter skipsMismatches: whether weights of another shape are left alone too, with a warning.
  /// - Throws: what ``loadWeights(from:)`` throws.
  public func loadWeightsByName(from path: String, skipsMismatches: Bool = false) throws(KerasError) {
    try takeWeights(of: LegacyWeightFile(path: path), by: .byName(skipsMismatches: skipsMismatches))
  }

  private func takeWeights(of file: LegacyWeightFile, by matching: LayerMatching) throws(KerasError) {
    let variables = layers.map(\.weights)
    let slots = zip(layers, variables).map { layer, weights in
      LayerSlots(layer.name, weights.map { LayerSlots.Slot($0.path, $0.shape, $0.dataType) })
    }
    let match = try WeightMatch(slots, with: file.layers, in: file.file.name, by: matching)
    let (tensors, warnings) = try match.tensors(checksFinite: true)
    for (assignment, tensor) in zip(match.assignments, tensors) {
      try variables[assignment.layer][assignment.slot].assign(tensor)
    }
    for warning in match.warnings + warnings { Warnings.report(warning) }
  }
}
