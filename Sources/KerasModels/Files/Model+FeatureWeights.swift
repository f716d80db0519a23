import KerasFiles
import KerasLayers

extension Model {
  /// Takes the weights of a file that was published for a model's architecture, or that another Keras wrote.
  ///
  /// - Parameters:
  ///   - passesOverHead: whether the file may have more layers than this model: those of a classifier that was left
  ///     out. In the layout of Keras 1 and 2, they are passed over where the file has every layer of the model by
  ///     name, and else where they stand behind as many layers as the model has; in Keras 3's, as Keras 3 does it,
  ///     where it has every layer of the model.
  ///   - converting: what brings the file's layers, in that layout, into those of the model.
  /// - Throws: what ``loadWeights(from:skipsMismatches:)`` throws.
  package func loadWeights(
    from path: String, passingOverHead passesOverHead: Bool,
    converting convert: ([StoredLayer]) throws(KerasError) -> [StoredLayer]
  ) throws(KerasError) {
    guard case .legacy(var file) = try StoredFile(path: path) else {
      return try loadWeights(from: path, skipsMismatches: false, allowsMore: passesOverHead)
    }
    file.layers = try convert(file.layers)
    if passesOverHead {
      let names = Set(file.layers.map(\.name))
      let own = layers.filter { !$0.weights.isEmpty }
      if own.allSatisfy({ names.contains($0.name) }) {
        return try takeWeights(of: file, by: .byName(skipsMismatches: false))
      }
      file.layers = Array(file.layers.filter { !$0.weights.isEmpty }.prefix(own.count))
    }
    try takeWeights(of: file, by: .topology)
  }
}
