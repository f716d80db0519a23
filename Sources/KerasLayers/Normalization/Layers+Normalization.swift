extension Layers {
  /// The classes of this folder.
  static let normalizationRows: [Row] = [
    Row("BatchNormalization") { BatchNormalization(name: $0) },
    Row("LayerNormalization") { LayerNormalization(name: $0) },
    Row("GroupNormalization") { GroupNormalization(name: $0) },
    Row("RMSNormalization") { RMSNormalization(name: $0) },
    Row("UnitNormalization") { UnitNormalization(name: $0) },
    Row("SpectralNormalization", SpectralNormalization.init(_:)),
  ]
}
