import KerasGraph

/// One axis of features from all axes but the batch: `[batch, …]` to `[batch, features]`.
public final class Flatten: Layer, @unchecked Sendable {
  public override init(name: String? = nil) { super.init(name: name) }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    let shape = context.graph.shape(of: input)
    if let features = Shape(Array(shape.dropFirst())).elementCount {
      return try context.graph.reshape(input, to: [shape.first.flatMap { $0 } ?? -1, features])
    }
    guard let batch = shape.first ?? nil else {
      throw KerasError(
        .shapeMismatch, "Flatten cannot tell the number of features of \(shape).",
        remedy: "give the model's input a shape without unknown lengths.")
    }
    return try context.graph.reshape(input, to: [batch, -1])
  }
}
