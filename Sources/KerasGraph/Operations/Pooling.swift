/// The maximum or average of each window over 1 to 3 spatial axes.
///
/// - Input: `[batch, spatial…, channels]`. Output: `[batch, positions…, channels]`.
///
/// Padding never counts: a maximum ignores it, an average divides by the number of real elements, as
/// TensorFlow does. Every window must hold at least one real element.
public struct PoolingOperation: OperationRule {
  public enum Kind: String, Hashable, Sendable, CaseIterable { case maximum, average }

  public var kind: Kind
  public var window: Window

  public init(_ kind: Kind, _ window: Window) {
    self.kind = kind
    self.window = window
  }

  public var name: String { "pooling" }
  public var settings: String { "\(kind.rawValue) \(window.settings)" }

  public func outputSpecs(for inputs: [TensorSpec]) throws(KerasError) -> [TensorSpec] {
    try expectInputs(1...1, inputs, name)
    try window.check(name)
    let image = inputs[0]
    guard image.shape.rank == window.rank + 2, image.dataType.isFloatingPoint else {
      throw KerasError(
        .shapeMismatch,
        "Pooling over \(window.rank) axes takes a tensor of rank \(window.rank + 2), found \(image).")
    }
    for axis in 0..<window.rank {
      guard window.seesElements(axis, of: image.shape[axis + 1]) else {
        throw KerasError(
          .invalidArgument,
          "Padding \(window.padding[axis]) leaves pooling windows of \(window.size[axis]) empty.")
      }
    }
    var shape = image.shape
    for axis in 0..<window.rank { shape[axis + 1] = try window.positions(axis, over: image.shape[axis + 1]) }
    return [TensorSpec(shape, image.dataType)]
  }

  public func isIdentity(on inputs: [TensorSpec]) -> Bool {
    (window.size + window.strides).allSatisfy { $0 == 1 }
  }

  public var keepsFloat32: Bool { false }

  public func worksRowByRow(_ use: BatchUse) -> Bool { use.allHaveRows }

  public func gradients(at point: GradientPoint) throws(KerasError) -> [Value?] {
    guard let upstream = point.upstream[0] else { return [nil] }
    return [try point.graph.poolingGradient(kind, point.input(0), upstream: upstream, window: window)]
  }
}

extension GraphBuilder {
  /// The maximum or average of each window over 1 to 3 spatial axes; padding never counts.
  ///
  /// - Parameter x: `[batch, spatial…, channels]`.
  /// - Returns: `[batch, positions…, channels]`.
  /// - Throws: `shapeMismatch` for another rank, `invalidArgument` for windows without elements.
  public func pooling(_ kind: PoolingOperation.Kind, _ x: Value, window: Window) throws(KerasError) -> Value {
    try append(.pooling(PoolingOperation(kind, window)), [x])[0]
  }
}
