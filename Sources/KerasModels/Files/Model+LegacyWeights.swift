import KerasFiles
import KerasLayers

extension Model {
  /// Takes weights in the layout of Keras 1 and 2, all or none.
  func takeWeights(of file: LegacyWeightFile, by matching: LayerMatching) throws(KerasError) {
    let variables = layers.map(\.legacyWeights)
    let slots = zip(layers, variables).map { layer, weights in
      LayerSlots(layer.name, weights.map { LayerSlots.Slot($0.path, $0.shape, $0.dataType) })
    }
    let conversion = WeightConversion(version: KerasVersion(file.kerasVersion), backend: file.backend)
    let layers = layers
    let match = try WeightMatch(slots, with: file.layers, in: file.file.name, by: matching) {
      (position, stored) throws(KerasError) in
      try conversion.converted(stored, for: layers[position])
    }
    let (tensors, warnings) = try match.tensors(checksFinite: true)
    for (assignment, tensor) in zip(match.assignments, tensors) {
      try variables[assignment.layer][assignment.slot].assign(tensor)
    }
    for warning in match.warnings + warnings { Warnings.report(warning) }
  }
}
