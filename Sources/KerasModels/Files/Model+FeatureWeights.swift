import KerasFiles
import KerasLayers

extension Model {
  /// Takes weights from a file that may have more layers than this model: those of a classifier that was left out.
  ///
  /// In the layout of Keras 1 and 2, what the file has beyond the model is passed over where it has every layer of the
  /// model by name; in Keras 3's, as Keras 3 does it, where it has every layer of the model.
  ///
  /// - Throws: what ``loadWeights(from:skipsMismatches:)`` throws.
  package func loadFeatureWeights(from path: String) throws(KerasError) {
    if case .legacy(let file) = try StoredFile(path: path) {
      let names = Set(file.layers.map(\.name))
      if layers.allSatisfy({ $0.weights.isEmpty || names.contains($0.name) }) {
        return try takeWeights(of: file, by: .byName(skipsMismatches: false))
      }
    }
    try loadWeights(from: path, skipsMismatches: false, allowsMore: true)
  }
}
