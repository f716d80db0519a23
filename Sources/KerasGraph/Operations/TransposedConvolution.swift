/// The transpose of a convolution: each element of the input adds the kernel, times itself, to a window of the
/// output. Layers call it transposed convolution; it is also the gradient of a convolution's image.
///
/// - Inputs: `[batch, positions…, filters]` and the kernel of the convolution, `[window…, channels / groups,
///   filters]`.
/// - Output: `[batch, lengths…, channels]`, the image whose convolution has those positions.
public struct TransposedConvolutionOperation: OperationRule {
  /// As of the convolution.
  public var window: Window
  public var groups: Int
  /// Of the spatial axes of the output; nil where not known yet.
  public var lengths: [Int?]

  public init(_ window: Window, groups: Int = 1, lengths: [Int?]) {
    self.window = window
    self.groups = groups
    self.lengths = lengths
  }

  public var name: String { "transposedConvolution" }
  public var settings: String {
    window.settings + (groups == 1 ? "" : " groups \(groups)") + " to \(Shape(lengths))"
  }

  public func outputSpecs(for inputs: [TensorSpec]) throws(KerasError) -> [TensorSpec] {
    try expectInputs(2...2, inputs, name)
    try window.check(name)
    let (y, kernel) = (inputs[0], inputs[1])
    let rank = window.rank
    guard y.shape.rank == rank + 2, let kernelShape = kernel.shape.known, kernelShape.count == rank + 2,
      lengths.count == rank, y.dataType == kernel.dataType, y.dataType.isFloatingPoint, groups > 0,
      Array(kernelShape.prefix(rank)) == window.size, kernelShape[rank + 1] % groups == 0,
      y.shape[rank + 1] == nil || y.shape[rank + 1] == kernelShape[rank + 1],
      let channels = checkedElementCount([kernelShape[rank], groups])
    else {
      throw KerasError(
        .shapeMismatch,
        "A transposed convolution over \(rank) axes (\(settings)) does not fit \(y) and the kernel \(kernel)."
      )
    }
    for axis in 0..<rank {
      guard let length = lengths[axis], let positions = y.shape[axis + 1] else { continue }
      guard (0..<1 << 48).contains(length), try window.positions(axis, over: length) == positions else {
        throw KerasError(
          .shapeMismatch, "\(length) elements along spatial axis \(axis) do not give \(positions) positions.")
      }
    }
    return [TensorSpec(Shape([y.shape[0]] + lengths + [channels]), y.dataType)]
  }

  public func worksRowByRow(_ use: BatchUse) -> Bool { use.hasRows == [true, false] }

  public var keepsFloat32: Bool { false }

  public func multiplyAdds(_ inputs: [TensorSpec], _ outputs: [TensorSpec]) -> Int? {
    tapProducts(of: inputs[0], kernel: inputs[1])
  }

  public func gradients(at point: GradientPoint) throws(KerasError) -> [Value?] {
    guard let upstream = point.upstream[0] else { return [nil, nil] }
    let image = try point.ifNeeded(0) { () throws(KerasError) in
      try point.graph.convolution(upstream, kernel: point.input(1), window: window, groups: groups)
    }
    let kernel = try point.ifNeeded(1) { () throws(KerasError) in
      try point.graph.convolutionKernelGradient(
        image: upstream, upstream: point.input(0), window: window, groups: groups)
    }
    return [image, kernel]
  }
}

extension GraphBuilder {
  /// The transpose of a convolution: each element adds the kernel, times itself, to a window of the output.
  ///
  /// - Parameters:
  ///   - x: `[batch, positions…, filters]`.
  ///   - kernel: the convolution's, `[window…, channels / groups, filters]`.
  ///   - lengths: of the output's spatial axes; their convolution must have the positions of `x`.
  /// - Returns: `[batch, lengths…, channels]`.
  /// - Throws: `shapeMismatch` where they do not fit.
  public func transposedConvolution(
    _ x: Value, kernel: Value, window: Window, groups: Int = 1, lengths: [Int?]
  ) throws(KerasError) -> Value {
    try append(
      .transposedConvolution(TransposedConvolutionOperation(window, groups: groups, lengths: lengths)),
      [x, kernel])[0]
  }
}
