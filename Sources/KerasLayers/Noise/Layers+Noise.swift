extension Layers {
  /// The classes of this folder.
  static let noiseRows: [Row] = [
    Row("Dropout") { Dropout(0, name: $0) },
    Row("SpatialDropout1D") { SpatialDropout1D(0, name: $0) },
    Row("SpatialDropout2D") { SpatialDropout2D(0, name: $0) },
    Row("SpatialDropout3D") { SpatialDropout3D(0, name: $0) },
    Row("GaussianDropout") { GaussianDropout(0, name: $0) },
    Row("GaussianNoise") { GaussianNoise(0, name: $0) },
    Row("AlphaDropout") { AlphaDropout(0, name: $0) },
    Row("ActivityRegularization") { ActivityRegularization(name: $0) },
  ]
}
