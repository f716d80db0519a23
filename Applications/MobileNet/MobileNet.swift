import KerasModels

/// MobileNet: each convolution is taken apart into a depthwise 3 × 3 and a pointwise 1 × 1.
///
/// Paper: Howard et al., "MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications"
/// (2017), https://arxiv.org/abs/1704.04861, Table 1. Layer names follow `keras.applications.mobilenet`, so
/// its weight files load.
struct MobileNetFamily: ApplicationFamily {
  /// Multiplies the number of filters.
  var alpha = 1.0
  /// Filters of a depthwise convolution for each channel.
  var depthMultiplier = 1
  /// The rate of the dropout before the classifier.
  var dropout = 1e-3

  struct Block {
    let filters: Int
    let stride: Int
  }

  // swift-format-ignore
  static let blocks = [
    Block(filters:   64, stride: 1),
    Block(filters:  128, stride: 2),
    Block(filters:  128, stride: 1),
    Block(filters:  256, stride: 2),
    Block(filters:  256, stride: 1),
    Block(filters:  512, stride: 2),
    Block(filters:  512, stride: 1),
    Block(filters:  512, stride: 1),
    Block(filters:  512, stride: 1),
    Block(filters:  512, stride: 1),
    Block(filters:  512, stride: 1),
    Block(filters: 1024, stride: 2),
    Block(filters: 1024, stride: 1),
  ]

  func network(_ image: SymbolicTensor, _ settings: ApplicationSettings) -> SymbolicTensor {
    var x = Conv2D(
      filters: Int(32 * alpha), kernelSize: 3, strides: 2, padding: .same, usesBias: false,
      name: "conv1")(
        image)
    x = normalized(x, "conv1", activation: .relu6)
    for (index, block) in Self.blocks.enumerated() {
      x = separable(
        x, filters: Int(Double(block.filters) * alpha), stride: block.stride,
        number: index + 1)
    }
    guard settings.includeTop else { return pooledFeatures(x, settings.pooling) }
    x = GlobalAveragePooling2D(keepsDimensions: true)(x)
    x = Dropout(dropout, name: "dropout")(x)
    x = Conv2D(filters: settings.classCount, kernelSize: 1, padding: .same, name: "conv_preds")(x)
    x = Reshape([settings.classCount], name: "reshape_2")(x)
    return Activation(settings.classifierActivation, name: "predictions")(x)
  }

  private func separable(
    _ input: SymbolicTensor, filters: Int, stride: Int, number: Int
  ) -> SymbolicTensor {
    var x = input
    if stride > 1 {
      // TensorFlow's `same` for even sizes, written out: the odd row and column at the end.
      x = ZeroPadding2D(
        vertical: AxisPadding(0, 1), horizontal: AxisPadding(0, 1), name: "conv_pad_\(number)")(x)
    }
    x = DepthwiseConv2D(
      kernelSize: 3, strides: Size2D(stride, stride), padding: stride == 1 ? .same : .valid,
      depthMultiplier: depthMultiplier, usesBias: false, name: "conv_dw_\(number)")(x)
    x = normalized(x, "conv_dw_\(number)", activation: .relu6)
    x = Conv2D(filters: filters, kernelSize: 1, padding: .same, usesBias: false, name: "conv_pw_\(number)")(x)
    return normalized(x, "conv_pw_\(number)", activation: .relu6)
  }
}
