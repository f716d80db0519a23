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
