import KerasGraph

/// The same elements in another shape, batch by batch.
public final class Reshape: Layer, @unchecked Sendable {
  /// Without the batch axis; one length may be -1 and follows from the rest.
  public let targetShape: [Int]

  public init(_ targetShape: [Int], name: String? = nil) {
    self.targetShape = targetShape
    super.init(name: name)
  }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    let shape = context.graph.shape(of: input)
    var target = targetShape
    if let free = target.firstIndex(of: -1), let count = Shape(Array(shape.dropFirst())).elementCount {
      guard let given = checkedElementCount(target.filter { $0 != -1 }), given > 0, count % given == 0 else {
        throw KerasError(.shapeMismatch, "The elements of \(shape) do not fill the shape \(targetShape).")
      }
      target[free] = count / given
    }
    return try context.graph.reshape(input, to: [shape.first.flatMap { $0 } ?? -1] + target)
  }
}
