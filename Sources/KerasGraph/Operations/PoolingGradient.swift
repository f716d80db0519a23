/// The gradient of a pooling's input.
///
/// - Inputs: the pooling's input `[batch, spatial…, channels]` and the gradient of its output.
/// - Output: of the pooling's input's shape. A maximum sends everything to the first largest element of the
///   window (row-major), as TensorFlow does; an average shares evenly among real elements.
public struct PoolingGradientOperation: OperationRule {
  public var kind: PoolingOperation.Kind
  public var window: Window

  public init(_ kind: PoolingOperation.Kind, _ window: Window) {
    self.kind = kind
    self.window = window
  }

  public var name: String { "poolingGradient" }
  public var settings: String { "\(kind.rawValue) \(window.settings)" }

  public func outputSpecs(for inputs: [TensorSpec]) throws(KerasError) -> [TensorSpec] {
    try expectInputs(2...2, inputs, name)
    let pooled = try PoolingOperation(kind, window).outputSpecs(for: [inputs[0]])[0]
    guard pooled.dataType == inputs[1].dataType, pooled.shape.rank == inputs[1].shape.rank,
      zip(pooled.shape, inputs[1].shape).allSatisfy({ $0 == nil || $1 == nil || $0 == $1 })
    else {
      throw KerasError(.shapeMismatch, "Expected the gradient of \(pooled), found \(inputs[1]).")
    }
    return [inputs[0]]
  }

  public func worksRowByRow(_ use: BatchUse) -> Bool { use.allHaveRows }

  public func gradients(at point: GradientPoint) throws(KerasError) -> [Value?] {
    guard let upstream = point.upstream[0], point.needed[1] else { return [nil, nil] }
    switch kind {
    case .average: return [nil, try point.graph.pooling(.average, upstream, window: window)]
    case .maximum:
      return [
        nil, try point.graph.poolingSelection(of: upstream, whereLargest: point.input(0), window: window),
      ]
    }
  }
}

/// The elements of one tensor that stand where the maxima of another's windows stand: maximum pooling's
/// directional derivative.
///
/// - Inputs: the tensor whose maxima count, and one of the same shape.
/// - Output: of the pooling's output's shape.
public struct PoolingSelectionOperation: OperationRule {
  public var window: Window

  public init(_ window: Window) { self.window = window }

  public var name: String { "poolingSelection" }
  public var settings: String { window.settings }

  public func outputSpecs(for inputs: [TensorSpec]) throws(KerasError) -> [TensorSpec] {
    try expectInputs(2...2, inputs, name)
    guard inputs[0] == inputs[1] else {
      throw KerasError(.shapeMismatch, "Expected two tensors alike, found \(inputs[0]) and \(inputs[1]).")
    }
    return try PoolingOperation(.maximum, window).outputSpecs(for: [inputs[0]])
  }

  public func worksRowByRow(_ use: BatchUse) -> Bool { use.allHaveRows }

  public func gradients(at point: GradientPoint) throws(KerasError) -> [Value?] {
    guard let upstream = point.upstream[0], point.needed[1] else { return [nil, nil] }
    return [
      nil, try point.graph.poolingGradient(.maximum, point.input(0), upstream: upstream, window: window),
    ]
  }
}

extension GraphBuilder {
  /// The gradient of a pooling's input.
  ///
  /// - Parameters:
  ///   - x: the pooling's input, `[batch, spatial…, channels]`.
  ///   - upstream: the gradient of its output.
  /// - Returns: of the shape of `x`.
  /// - Throws: `shapeMismatch` where `upstream` is not of the pooling's output's shape.
  public func poolingGradient(
    _ kind: PoolingOperation.Kind, _ x: Value, upstream: Value, window: Window
  ) throws(KerasError) -> Value {
    try append(.poolingGradient(PoolingGradientOperation(kind, window)), [x, upstream])[0]
  }

  func poolingSelection(of x: Value, whereLargest judge: Value, window: Window) throws(KerasError) -> Value {
    try append(.poolingSelection(PoolingSelectionOperation(window)), [judge, x])[0]
  }
}
