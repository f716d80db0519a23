extension Layers {
  /// The classes of this folder.
  static let preprocessingRows: [Row] = [
    Row("Rescaling", Rescaling.init(_:)),
    Row("Normalization", Normalization.init(_:)),
    Row("Discretization", Discretization.init(_:)),
    Row("CategoryEncoding", CategoryEncoding.init(_:)),
    Row("Hashing", Hashing.init(_:)),
    Row("HashedCrossing", HashedCrossing.init(_:)),
    Row("StringLookup", StringLookup.init(_:)),
    Row("IntegerLookup", IntegerLookup.init(_:)),
    Row("Resizing", Resizing.init(_:)),
    Row("CenterCrop", CenterCrop.init(_:)),
  ]
}
