import KerasModels

/// What stands behind a normalization, under Keras' name `<block>_relu` and the like.
enum BlockActivation {
  case none, relu, relu6

  func callAsFunction(_ x: SymbolicTensor, _ name: String) -> SymbolicTensor {
    switch self {
    case .none: x
    case .relu: Activation(.relu, name: "\(name)_relu")(x)
    case .relu6: ReLU(maximum: 6, name: "\(name)_relu")(x)
    }
  }
}

/// Batch normalization, called `<name>_bn`, and an activation behind it.
func normalized(
  _ x: SymbolicTensor, _ name: String, epsilon: Double = 1e-3, activation: BlockActivation
) -> SymbolicTensor {
  activation(BatchNormalization(epsilon: epsilon, name: "\(name)_bn")(x), name)
}
