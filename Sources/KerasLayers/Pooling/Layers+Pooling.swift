extension Layers {
  /// The classes of this folder.
  static let poolingRows: [Row] = [
    Row("MaxPooling1D", MaxPooling1D.init(_:)),
    Row("MaxPooling2D", MaxPooling2D.init(_:)),
    Row("MaxPooling3D", MaxPooling3D.init(_:)),
    Row("AveragePooling1D", AveragePooling1D.init(_:)),
    Row("AveragePooling2D", AveragePooling2D.init(_:)),
    Row("AveragePooling3D", AveragePooling3D.init(_:)),
    Row("GlobalMaxPooling1D", GlobalMaxPooling1D.init(_:)),
    Row("GlobalMaxPooling2D", GlobalMaxPooling2D.init(_:)),
    Row("GlobalMaxPooling3D", GlobalMaxPooling3D.init(_:)),
    Row("GlobalAveragePooling1D", GlobalAveragePooling1D.init(_:)),
    Row("GlobalAveragePooling2D", GlobalAveragePooling2D.init(_:)),
    Row("GlobalAveragePooling3D", GlobalAveragePooling3D.init(_:)),
    Row("AdaptiveMaxPooling1D", AdaptiveMaxPooling1D.init(_:)),
    Row("AdaptiveMaxPooling2D", AdaptiveMaxPooling2D.init(_:)),
    Row("AdaptiveMaxPooling3D", AdaptiveMaxPooling3D.init(_:)),
    Row("AdaptiveAveragePooling1D", AdaptiveAveragePooling1D.init(_:)),
    Row("AdaptiveAveragePooling2D", AdaptiveAveragePooling2D.init(_:)),
    Row("AdaptiveAveragePooling3D", AdaptiveAveragePooling3D.init(_:)),
  ]
}
