extension Layers {
  /// The classes of this folder.
  static let normalizationRows: [Row] = [
    Row("BatchNormalization", BatchNormalization.init(_:)),
    Row("LayerNormalization", LayerNormalization.init(_:)),
    Row("GroupNormalization", GroupNormalization.init(_:)),
    Row("RMSNormalization", RMSNormalization.init(_:)),
    Row("UnitNormalization", UnitNormalization.init(_:)),
    Row("SpectralNormalization", SpectralNormalization.init(_:)),
  ]
}
