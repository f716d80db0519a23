extension Layers {
  /// The classes of this folder.
  static let convolutionRows: [Row] = [
    Row("Conv1D") { Conv1D(filters: 0, kernelSize: 0, name: $0) },
    Row("Conv2D") { Conv2D(filters: 0, kernelSize: 0, name: $0) },
    Row("Conv3D") { Conv3D(filters: 0, kernelSize: 0, name: $0) },
    Row("Conv1DTranspose") { Conv1DTranspose(filters: 0, kernelSize: 0, name: $0) },
    Row("Conv2DTranspose") { Conv2DTranspose(filters: 0, kernelSize: 0, name: $0) },
    Row("Conv3DTranspose") { Conv3DTranspose(filters: 0, kernelSize: 0, name: $0) },
    Row("DepthwiseConv1D") { DepthwiseConv1D(kernelSize: 0, name: $0) },
    Row("DepthwiseConv2D") { DepthwiseConv2D(kernelSize: 0, name: $0) },
    Row("SeparableConv1D") { SeparableConv1D(filters: 0, kernelSize: 0, name: $0) },
    Row("SeparableConv2D") { SeparableConv2D(filters: 0, kernelSize: 0, name: $0) },
  ]
}
