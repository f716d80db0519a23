import KerasModels

/// What stands behind the backbone when the classifier does not: Keras' `pooling` argument.
///
/// - Parameter names: the layers' names; nil for automatic ones.
func pooledFeatures(
  _ features: SymbolicTensor, _ pooling: FeaturePooling?, names: (average: String, maximum: String)? = nil
) -> SymbolicTensor {
  switch pooling {
  case nil: features
  case .average: GlobalAveragePooling2D(name: names?.average)(features)
  case .maximum: GlobalMaxPooling2D(name: names?.maximum)(features)
  }
}

/// The classifier that most families have (the mean over the picture, perhaps dropout, one dense layer), or what
/// stands in its place.
struct Head: Sendable {
  /// Of the layer that takes the mean before the classifier; nil for an automatic one.
  var poolName: String? = "avg_pool"
  /// Of the pooling in the classifier's place; nil for automatic ones.
  var featureNames: (average: String, maximum: String)? = ("avg_pool", "max_pool")
  /// The rate of the layer `top_dropout`; 0 for none.
  var dropout = 0.0
  var initializer: any Initializer = .glorotUniform

  /// All names as in ResNet.
  static let named = Head()
  /// The classifier's names as in ResNet, automatic ones without it.
  static let namedOnTop = Head(featureNames: nil)
  /// Automatic names but for the classifier itself.
  static let automatic = Head(poolName: nil, featureNames: nil)

  func callAsFunction(_ features: SymbolicTensor, _ settings: ApplicationSettings) -> SymbolicTensor {
    guard settings.includeTop else { return pooledFeatures(features, settings.pooling, names: featureNames) }
    var x = GlobalAveragePooling2D(name: poolName)(features)
    if dropout > 0 { x = Dropout(dropout, name: "top_dropout")(x) }
    return Dense(
      units: settings.classCount, activation: settings.classifierActivation, kernelInitializer: initializer,
      name: "predictions")(x)
  }
}
