extension Layers {
  /// The classes of this folder.
  static let reshapingRows: [Row] = [
    Row("Flatten", Flatten.init(_:)),
    Row("Reshape", Reshape.init(_:)),
    Row("Permute", Permute.init(_:)),
    Row("RepeatVector", RepeatVector.init(_:)),
    Row("UpSampling1D", UpSampling1D.init(_:)),
    Row("UpSampling2D", UpSampling2D.init(_:)),
    Row("UpSampling3D", UpSampling3D.init(_:)),
    Row("ZeroPadding1D", ZeroPadding1D.init(_:)),
    Row("ZeroPadding2D", ZeroPadding2D.init(_:)),
    Row("ZeroPadding3D", ZeroPadding3D.init(_:)),
    Row("Cropping1D", Cropping1D.init(_:)),
    Row("Cropping2D", Cropping2D.init(_:)),
    Row("Cropping3D", Cropping3D.init(_:)),
  ]
}
