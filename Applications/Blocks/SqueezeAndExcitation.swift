import KerasModels

/// Squeeze-and-excitation: each channel is weighed by a small network that sees the mean of all of them.
///
/// Paper: Hu et al., "Squeeze-and-Excitation Networks" (2017), https://arxiv.org/abs/1709.01507, Figure 2. Layer names
/// are those of `keras.applications.efficientnet`: `<name>se_squeeze`, `se_reshape`, `se_reduce`, `se_expand`,
/// `se_excite`.
///
/// - Parameters:
///   - channels: of `x`.
///   - reducedChannels: in the middle.
func squeezeAndExcitation(
  _ x: SymbolicTensor, channels: Int, reducedChannels: Int, activation: ActivationFunction,
  initializer: any Initializer = .glorotUniform, name: String
) -> SymbolicTensor {
  var weights = GlobalAveragePooling2D(name: "\(name)se_squeeze")(x)
  weights = Reshape([1, 1, channels], name: "\(name)se_reshape")(weights)
  weights = Conv2D(
    filters: reducedChannels, kernelSize: 1, padding: .same, activation: activation,
    kernelInitializer: initializer, name: "\(name)se_reduce")(weights)
  weights = Conv2D(
    filters: channels, kernelSize: 1, padding: .same, activation: .sigmoid, kernelInitializer: initializer,
    name: "\(name)se_expand")(weights)
  return Multiply(name: "\(name)se_excite")([x, weights])
}
