import KerasGraph

/// Zeros around an image, `[batch, height, width, channels]`.
public final class ZeroPadding2D: Layer, @unchecked Sendable {
  public let vertical: AxisPadding
  public let horizontal: AxisPadding

  /// - Parameters: rows above and below, columns left and right.
  public init(vertical: AxisPadding, horizontal: AxisPadding, name: String? = nil) {
    self.vertical = vertical
    self.horizontal = horizontal
    super.init(name: name)
  }

  /// The same number of rows and columns on all four sides.
  public convenience init(_ amount: Int = 1, name: String? = nil) {
    self.init(vertical: AxisPadding(amount, amount), horizontal: AxisPadding(amount, amount), name: name)
  }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    try expectRank(4, context.graph.spec(of: input))
    let amounts = [vertical.before, vertical.after, horizontal.before, horizontal.after]
    guard amounts.allSatisfy((0...ConvolutionPadding.largest).contains) else {
      throw KerasError(
        .invalidArgument, "Expected padding from 0 to \(ConvolutionPadding.largest), found \(amounts).")
    }
    return try context.graph.pad(input, [.none, vertical, horizontal, .none])
  }
}
