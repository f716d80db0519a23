import KerasGraph

/// The same elements in another shape, batch by batch.
///
/// ```swift
/// let x = Reshape([7, 7, -1])(features)
/// ```
public final class Reshape: Layer, @unchecked Sendable {
  /// Without the batch axis; one length may be -1 and follows from the rest.
  @Setting("target_shape", .required) public private(set) var targetShape: [Int]

  public init(_ targetShape: [Int], name: String? = nil) {
    super.init(name: name)
    self.targetShape = targetShape
  }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    let shape = context.graph.shape(of: input)
    guard let batch = shape.first else {
      throw KerasError(
        .shapeMismatch, "Expected an input with at least one axis (batch first), found \(shape).")
    }
    var target = targetShape.map { $0 == -1 ? nil : $0 } as [Int?]
    guard target.filter({ $0 == nil }).count <= 1, target.allSatisfy({ $0 ?? 0 >= 0 }) else {
      throw KerasError(
        .invalidArgument,
        "A shape to reshape to has at most one -1 and no other negative length, found \(targetShape).")
    }
    if let count = Shape(Array(shape.dropFirst())).elementCount {
      let given = checkedElementCount(target.compactMap { $0 })
      let free = target.firstIndex(of: nil)
      guard let given, free == nil ? given == count : given > 0 && count % given == 0 else {
        throw KerasError(.shapeMismatch, "The elements of \(shape) do not fill the shape \(targetShape).")
      }
      if let free { target[free] = count / given }
    }
    return try context.graph.reshaped(input, to: Shape([batch] + target))
  }
}
