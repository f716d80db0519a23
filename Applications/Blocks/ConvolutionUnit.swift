import KerasModels

/// A convolution without a bias and batch normalization behind it: what most architectures are made of, each with
/// settings of its own.
struct ConvolutionUnit: Sendable {
  var epsilon = 1e-3
  /// How much of the moving statistics a batch leaves.
  var momentum = 0.99
  /// Whether the normalization has a gamma.
  var scales = true
  var initializer: any Initializer = .glorotUniform

  /// Of the two layers; nil for automatic ones.
  struct Names {
    var convolution: String?
    var normalization: String?

    init(_ convolution: String?, _ normalization: String?) {
      (self.convolution, self.normalization) = (convolution, normalization)
    }

    /// `<name>` and `<name><suffix>`.
    init(_ name: String, suffix: String) { self.init(name, name + suffix) }

    static let automatic = Names(nil, nil)
  }

  func callAsFunction(
    _ x: SymbolicTensor, filters: Int, size: Size2D = 1, stride: Int = 1, padding: ConvolutionPadding = .same,
    groups: Int = 1, names: Names
  ) -> SymbolicTensor {
    let x = Conv2D(
      filters: filters, kernelSize: size, strides: Size2D(stride, stride), padding: padding, groups: groups,
      usesBias: false, kernelInitializer: initializer, name: names.convolution)(x)
    return normalized(x, names.normalization)
  }

  /// The same with filters of each channel's own.
  func depthwise(
    _ x: SymbolicTensor, size: Size2D, stride: Int = 1, padding: ConvolutionPadding = .same, names: Names
  ) -> SymbolicTensor {
    let x = DepthwiseConv2D(
      kernelSize: size, strides: Size2D(stride, stride), padding: padding, usesBias: false,
      depthwiseInitializer: initializer, name: names.convolution)(x)
    return normalized(x, names.normalization)
  }

  /// The same, taken apart into a depthwise convolution and one of 1 × 1.
  func separable(
    _ x: SymbolicTensor, filters: Int, size: Size2D, stride: Int = 1, padding: ConvolutionPadding = .same,
    names: Names
  ) -> SymbolicTensor {
    let x = SeparableConv2D(
      filters: filters, kernelSize: size, strides: Size2D(stride, stride), padding: padding, usesBias: false,
      name: names.convolution)(x)
    return normalized(x, names.normalization)
  }

  func normalized(_ x: SymbolicTensor, _ name: String?) -> SymbolicTensor {
    BatchNormalization(momentum: momentum, epsilon: epsilon, scales: scales, name: name)(x)
  }
}
