extension Layers {
  /// The classes of this folder.
  static let reshapingRows: [Row] = [
    Row("Flatten") { Flatten(name: $0) },
    Row("Reshape") { Reshape([], name: $0) },
    Row("Permute") { Permute([], name: $0) },
    Row("RepeatVector") { RepeatVector(0, name: $0) },
    Row("UpSampling1D") { UpSampling1D(2, name: $0) },
    Row("UpSampling2D") { UpSampling2D(2, name: $0) },
    Row("UpSampling3D") { UpSampling3D(2, name: $0) },
    Row("ZeroPadding1D") { ZeroPadding1D(1, name: $0) },
    Row("ZeroPadding2D") { ZeroPadding2D(1, name: $0) },
    Row("ZeroPadding3D") { ZeroPadding3D(1, name: $0) },
    Row("Cropping1D") { Cropping1D(1, name: $0) },
    Row("Cropping2D") { Cropping2D(0, name: $0) },
    Row("Cropping3D") { Cropping3D(1, name: $0) },
  ]
}
