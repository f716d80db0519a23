extension Layers {
  /// The classes of this folder.
  static let preprocessingRows: [Row] = [
    Row("Rescaling") { Rescaling(scale: 1, name: $0) },
    Row("Normalization") { Normalization(name: $0) },
    Row("Discretization") { Discretization(nil, nil, 0.01, .integer, name: $0) },
    Row("CategoryEncoding") { CategoryEncoding(categories: 0, name: $0) },
    Row("Hashing") { Hashing(bins: 0, name: $0) },
    Row("HashedCrossing") { HashedCrossing(bins: 0, name: $0) },
    Row("StringLookup") { settings in try StringLookup(name: settings.name) },
    Row("IntegerLookup") { settings in try IntegerLookup(name: settings.name) },
    Row("TextVectorization") { settings in try TextVectorization(name: settings.name) },
    Row("STFTSpectrogram") { settings in STFTSpectrogram(name: settings.name) },
    Row("MelSpectrogram") { settings in MelSpectrogram(name: settings.name) },
    Row("Resizing") { Resizing(height: 1, width: 1, name: $0) },
    Row("CenterCrop") { CenterCrop(height: 1, width: 1, name: $0) },
  ]
}
