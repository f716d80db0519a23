import KerasGraph

/// What the global pooling layers over images share.
///
/// - Input: `[batch, height, width, channels]`.
/// - Output: `[batch, channels]`, or `[batch, 1, 1, channels]` where dimensions are kept.
public class GlobalPoolingLayer2D: Layer, @unchecked Sendable {
  public let keepsDimensions: Bool
  private let function: ReductionOperation.Function

  init(_ function: ReductionOperation.Function, keepsDimensions: Bool, name: String?) {
    self.function = function
    self.keepsDimensions = keepsDimensions
    super.init(name: name)
  }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    try expectRank(4, context.graph.spec(of: input))
    return try context.graph.reduce(function, input, axes: [1, 2], keepsDimensions: keepsDimensions)
  }
}

/// The mean of each channel over the whole image.
public final class GlobalAveragePooling2D: GlobalPoolingLayer2D, @unchecked Sendable {
  public init(keepsDimensions: Bool = false, name: String? = nil) {
    super.init(.mean, keepsDimensions: keepsDimensions, name: name)
  }
}

/// The maximum of each channel over the whole image.
public final class GlobalMaxPooling2D: GlobalPoolingLayer2D, @unchecked Sendable {
  public init(keepsDimensions: Bool = false, name: String? = nil) {
    super.init(.maximum, keepsDimensions: keepsDimensions, name: name)
  }
}
