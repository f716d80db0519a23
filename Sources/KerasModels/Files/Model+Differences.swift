import KerasFiles
import KerasLayers

extension Model {
  /// Compares the weights of two files as `WeightDifferences(between:and:)` does, also where one stores them by layer
  /// (`.h5`) and the other by object (`.keras`, `.weights.h5`): the model that one of the files describes tells what
  /// belongs together.
  ///
  /// Of files of two kinds, the architectures count as the same where they are read as the same; else it is not known
  /// whether they differ, because the kinds spell them in different ways.
  ///
  /// - Throws: what opening the files throws; `weightsMismatch` for weights that do not fit the model of the other
  ///   file; `unsupported` where no file describes a model, and layers cannot be told apart without one.
  public static func weightDifferences(
    between first: String, and second: String
  ) throws(KerasError) -> WeightDifferences {
    let (a, b) = (try StoredFile(path: first), try StoredFile(path: second))
    guard a.storesByObject != b.storesByObject, a.describesModel || b.describesModel else {
      return try WeightDifferences(between: first, and: second)
    }
    var models = [
      a.describesModel ? try load(from: first) : nil, b.describesModel ? try load(from: second) : nil,
    ]
    for (position, path) in [first, second].enumerated() where models[position] == nil {
      models[position] = try models[1 - position]?.clone()
      try models[position]?.loadWeights(from: path)
    }
    let layers = models.map { $0?.legacyDraft(withArchitecture: false).allLayers ?? [] }
    let architectures = models.map { $0?.getConfig().withoutBookkeeping }
    let areBothDescribed = a.describesModel && b.describesModel
    return WeightDifferences(
      files: [first, second], rows: try WeightDifferences.rows(layers[0], layers[1]),
      haveSameArchitecture: areBothDescribed && architectures[0] == architectures[1] ? true : nil)
  }
}

extension StoredFile {
  fileprivate var describesModel: Bool {
    switch self {
    case .archive: true
    case .legacy(let file): file.isModel
    default: false
    }
  }
}

extension LegacyFileDraft {
  fileprivate var allLayers: [StoredLayer] {
    layers
      + (topLevelWeights.isEmpty
        ? [] : [StoredLayer(name: "top_level_model_weights", weights: topLevelWeights)])
  }
}
