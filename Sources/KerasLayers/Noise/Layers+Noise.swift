extension Layers {
  /// The classes of this folder.
  static let noiseRows: [Row] = [
    Row("Dropout", Dropout.init(_:)),
    Row("SpatialDropout1D", SpatialDropout1D.init(_:)),
    Row("SpatialDropout2D", SpatialDropout2D.init(_:)),
    Row("SpatialDropout3D", SpatialDropout3D.init(_:)),
    Row("GaussianDropout", GaussianDropout.init(_:)),
    Row("GaussianNoise", GaussianNoise.init(_:)),
    Row("AlphaDropout", AlphaDropout.init(_:)),
    Row("ActivityRegularization", ActivityRegularization.init(_:)),
  ]
}
