import KerasGraph

/// The axes behind the batch in another order.
///
/// ```swift
/// let y = Permute([2, 1])(x)  // [batch, 10, 64] to [batch, 64, 10]
/// ```
public final class Permute: Layer, @unchecked Sendable {
  /// Which axis stands where now, counted from 1; the batch is not counted.
  @Setting("dims", .required) public private(set) var axes: [Int]

  public init(_ axes: [Int], name: String? = nil) {
    super.init(name: name)
    self.axes = axes
  }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    try require(
      axes.sorted() == Array(1..<axes.count + 1), "Permute takes each axis from 1 on once, found \(axes).")
    try expectRank(axes.count + 1, context.graph.spec(of: input))
    return try context.graph.transpose(input, [0] + axes)
  }
}
