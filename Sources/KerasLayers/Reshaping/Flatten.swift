import KerasGraph

/// One axis of features from all axes but the batch: `[batch, …]` to `[batch, features]`.
///
/// With channels first the channels are moved behind the others before, so that the order of the features does not
/// depend on that of the axes. A batch of plain numbers becomes `[batch, 1]`.
public final class Flatten: Layer, @unchecked Sendable {
  @Setting("data_format") public private(set) var dataFormat: DataFormat

  public init(dataFormat: DataFormat = .default, name: String? = nil) {
    super.init(name: name)
    self.dataFormat = dataFormat
  }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    let graph = context.graph
    let shape = graph.shape(of: input)
    guard let batch = shape.first else {
      throw KerasError(
        .shapeMismatch, "Expected an input with at least one axis (batch first), found \(shape).")
    }
    let ordered = try graph.channelsLast(input, dataFormat)
    let features = Shape(Array(shape.dropFirst())).elementCount
    return try graph.reshaped(ordered, to: [batch, features])
  }
}
