/// The gradient of a convolution's kernel: each tap's product of the pixels under it with what came back.
///
/// - Inputs: the image `[batch, spatial…, channels]` and the gradient of the convolution's output,
///   `[batch, positions…, filters]`.
/// - Output: `[window…, channels / groups, filters]`.
public struct ConvolutionKernelGradientOperation: OperationRule {
  public var window: Window
  public var groups: Int

  public init(_ window: Window, groups: Int = 1) {
    self.window = window
    self.groups = groups
  }

  public var name: String { "convolutionKernelGradient" }
  public var settings: String { window.settings + (groups == 1 ? "" : " groups \(groups)") }

  public func multiplyAdds(_ inputs: [TensorSpec], _ outputs: [TensorSpec]) -> Int? {
    tapProducts(of: inputs[1], kernel: outputs[0])
  }

  public func outputSpecs(for inputs: [TensorSpec]) throws(KerasError) -> [TensorSpec] {
    try expectInputs(2...2, inputs, name)
    try window.check(name)
    let (image, upstream) = (inputs[0], inputs[1])
    let rank = window.rank
    guard image.shape.rank == rank + 2, upstream.shape.rank == rank + 2, image.dataType == upstream.dataType,
      image.dataType.isFloatingPoint, groups > 0, let channels = image.shape[rank + 1],
      let filters = upstream.shape[rank + 1], channels % groups == 0, filters % groups == 0,
      image.shape[0] == nil || upstream.shape[0] == nil || image.shape[0] == upstream.shape[0]
    else {
      throw KerasError(
        .shapeMismatch, "The kernel's gradient (\(settings)) does not fit \(image) and \(upstream).")
    }
    for axis in 0..<rank {
      let positions = try window.positions(axis, over: image.shape[axis + 1])
      guard positions == nil || upstream.shape[axis + 1] == nil || positions == upstream.shape[axis + 1]
      else {
        throw KerasError(
          .shapeMismatch, "The kernel's gradient (\(settings)) does not fit \(image) and \(upstream).")
      }
    }
    return [TensorSpec(window.size + [channels / groups, filters], image.dataType)]
  }

  public func gradients(at point: GradientPoint) throws(KerasError) -> [Value?] {
    guard let upstream = point.upstream[0] else { return [nil, nil] }
    let graph = point.graph
    let image = try point.ifNeeded(0) { () throws(KerasError) in
      try graph.transposedConvolution(
        point.input(1), kernel: upstream, window: window, groups: groups,
        lengths: Array(graph.shape(of: point.input(0)).dropFirst().dropLast()))
    }
    let output = try point.ifNeeded(1) { () throws(KerasError) in
      try graph.convolution(point.input(0), kernel: upstream, window: window, groups: groups)
    }
    return [image, output]
  }
}

extension GraphBuilder {
  /// The gradient of a convolution's kernel.
  ///
  /// - Parameters:
  ///   - image: the convolution's input, `[batch, spatial…, channels]`.
  ///   - upstream: the gradient of its output, `[batch, positions…, filters]`.
  /// - Returns: `[window…, channels / groups, filters]`.
  /// - Throws: `shapeMismatch` where the two do not fit the window.
  public func convolutionKernelGradient(
    image: Value, upstream: Value, window: Window, groups: Int = 1
  ) throws(KerasError) -> Value {
    try append(
      .convolutionKernelGradient(ConvolutionKernelGradientOperation(window, groups: groups)),
      [image, upstream])[0]
  }
}
