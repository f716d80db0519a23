extension Layers {
  /// The classes of this folder, which Keras keeps among its applications.
  static let residualRows: [Row] = [
    Row("LayerScale") { LayerScale(channels: 0, name: $0) },
    Row("StochasticDepth") { StochasticDepth(dropRate: 0, name: $0) },
    Row("CustomScaleLayer") { CustomScaleLayer(scale: 1, name: $0) },
  ]

  /// Where Keras keeps them.
  static let modulesOfApplications = [
    "LayerScale": "keras.src.applications.convnext", "StochasticDepth": "keras.src.applications.convnext",
    "CustomScaleLayer": "keras.src.applications.inception_resnet_v2",
  ]
}
