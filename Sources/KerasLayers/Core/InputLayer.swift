import KerasGraph

/// Where data enters a model.
public final class InputLayer: Layer, @unchecked Sendable {
  public let spec: TensorSpec

  /// - Parameter shape: with the batch axis first (`nil`: any number).
  public init(batchShape: Shape, dataType: DataType = .float32, name: String? = nil) {
    spec = TensorSpec(batchShape, dataType)
    super.init(name: name)
  }

  /// The tensor that stands for the data.
  package func tensor() -> SymbolicTensor {
    SymbolicTensor(spec: spec, origin: record(inputs: [], outputSpecs: [spec]))
  }

  public override func call(_ inputs: [Value], in context: CallContext) throws(KerasError) -> [Value] {
    inputs
  }
}

/// A symbolic tensor that a model's caller will supply.
///
/// - Parameters:
///   - shape: without the batch axis; nil where any length will do.
///   - batchSize: nil for any.
public func Input(
  shape: Shape, batchSize: Int? = nil, dataType: DataType = .float32, name: String? = nil
) -> SymbolicTensor {
  let batchShape = Shape([batchSize] + shape.dimensions)
  guard checkedElementCount(batchShape.compactMap { $0 }) != nil else {
    return SymbolicTensor(error: KerasError(.invalidArgument, "No tensor has the shape \(batchShape)."))
  }
  let layer = InputLayer(batchShape: batchShape, dataType: dataType, name: name)
  return layer.tensor()
}
