extension Layers {
  /// The classes of this folder.
  static let poolingRows: [Row] = [
    Row("MaxPooling1D") { MaxPooling1D(name: $0) },
    Row("MaxPooling2D") { MaxPooling2D(name: $0) },
    Row("MaxPooling3D") { MaxPooling3D(name: $0) },
    Row("AveragePooling1D") { AveragePooling1D(name: $0) },
    Row("AveragePooling2D") { AveragePooling2D(name: $0) },
    Row("AveragePooling3D") { AveragePooling3D(name: $0) },
    Row("GlobalMaxPooling1D") { GlobalMaxPooling1D(name: $0) },
    Row("GlobalMaxPooling2D") { GlobalMaxPooling2D(name: $0) },
    Row("GlobalMaxPooling3D") { GlobalMaxPooling3D(name: $0) },
    Row("GlobalAveragePooling1D") { GlobalAveragePooling1D(name: $0) },
    Row("GlobalAveragePooling2D") { GlobalAveragePooling2D(name: $0) },
    Row("GlobalAveragePooling3D") { GlobalAveragePooling3D(name: $0) },
    Row("AdaptiveMaxPooling1D") { AdaptiveMaxPooling1D(outputSize: 0, name: $0) },
    Row("AdaptiveMaxPooling2D") { AdaptiveMaxPooling2D(outputSize: 0, name: $0) },
    Row("AdaptiveMaxPooling3D") { AdaptiveMaxPooling3D(outputSize: 0, name: $0) },
    Row("AdaptiveAveragePooling1D") { AdaptiveAveragePooling1D(outputSize: 0, name: $0) },
    Row("AdaptiveAveragePooling2D") { AdaptiveAveragePooling2D(outputSize: 0, name: $0) },
    Row("AdaptiveAveragePooling3D") { AdaptiveAveragePooling3D(outputSize: 0, name: $0) },
  ]
}
