extension Layers {
  /// The classes of this folder.
  static let convolutionRows: [Row] = [
    Row("Conv1D", Conv1D.init(_:)),
    Row("Conv2D", Conv2D.init(_:)),
    Row("Conv3D", Conv3D.init(_:)),
    Row("Conv1DTranspose", Conv1DTranspose.init(_:)),
    Row("Conv2DTranspose", Conv2DTranspose.init(_:)),
    Row("Conv3DTranspose", Conv3DTranspose.init(_:)),
    Row("DepthwiseConv1D", DepthwiseConv1D.init(_:)),
    Row("DepthwiseConv2D", DepthwiseConv2D.init(_:)),
    Row("SeparableConv1D", SeparableConv1D.init(_:)),
    Row("SeparableConv2D", SeparableConv2D.init(_:)),
  ]
}
