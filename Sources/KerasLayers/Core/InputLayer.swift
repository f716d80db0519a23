import KerasGraph

/// Where data enters a model.
public final class InputLayer: Layer, @unchecked Sendable {
  public let spec: TensorSpec
  /// Whether a model may be called without this input.
  public let isOptional: Bool

  /// - Parameter batchShape: with the batch axis first (`nil`: any number).
  public init(
    batchShape: Shape, dataType: DataType = .float32, isOptional: Bool = false, name: String? = nil
  ) {
    spec = TensorSpec(batchShape, dataType)
    self.isOptional = isOptional
    super.init(name: name)
    dataTypePolicy = DataTypePolicy(dataType)
  }

  /// - Throws: `unsupported` for sparse and ragged inputs, and for texts.
  public convenience init(_ settings: Configuration) throws(KerasError) {
    for key in ["sparse", "ragged"] where try settings.boolean(key, default: false) {
      throw KerasError(
        .unsupported, "The input is \(key), and tensors here are dense.",
        remedy: "make the model with `\(key)=False`; a ragged batch can be padded and masked.")
    }
    guard settings.value("dtype")?.string != "string" else {
      throw KerasError(
        .unsupported, "The model takes texts, and what models compute with are numbers.",
        remedy:
          "store what stands behind its text layer, keras.Model(text_layer.output, model.output) in Python; here, "
          + "call TextVectorization or StringLookup with the texts, and the model with what it returns.")
    }
    self.init(
      batchShape: try settings.batchShape(), dataType: try settings.elementType("dtype") ?? .float32,
      isOptional: try settings.boolean("optional", default: false), name: settings.name)
  }

  public override var config: JSONObject {
    [
      "batch_shape": JSON(spec.shape), "dtype": .string(spec.dataType.rawValue), "sparse": false,
      "ragged": false, "name": .string(name), "optional": .bool(isOptional),
    ]
  }

  /// Keras' input layers know neither whether they train nor a policy.
  public override var commonSettings: CommonSettings { .none }

  /// The tensor that stands for the data.
  package func tensor() -> SymbolicTensor {
    SymbolicTensor(spec: spec, origin: record(inputs: [], outputSpecs: [spec]))
  }

  public override func call(_ inputs: [Value], in context: CallContext) throws(KerasError) -> [Value] {
    inputs
  }

  public override var castsInputs: Bool { false }
}

extension Configuration {
  /// The shape with the batch axis first, under any of the names it has had.
  fileprivate func batchShape() throws(KerasError) -> Shape {
    let batchSize = try integer("batch_size")
    for key in ["batch_shape", "batch_input_shape"] {
      if let shape = try shape(key) { return try checked(shape) }
    }
    for key in ["shape", "input_shape"] {
      if let shape = try shape(key) { return try checked(Shape([batchSize] + shape.dimensions)) }
    }
    if let length = try integer("input_dim") { return try checked(Shape([batchSize, length])) }
    throw missing("batch_shape")
  }

  private func checked(_ shape: Shape) throws(KerasError) -> Shape {
    guard checkedElementCount(shape.compactMap { $0 }) != nil else {
      throw KerasError(.invalidFile, "No tensor has the shape \(shape).", path: [className])
    }
    return shape
  }
}

/// A symbolic tensor that a model's caller will supply.
///
/// - Parameters:
///   - shape: without the batch axis; nil where any length will do.
///   - batchSize: nil for any.
///   - isOptional: whether a model may be called without it.
public func Input(
  shape: Shape, batchSize: Int? = nil, dataType: DataType = .float32, isOptional: Bool = false,
  name: String? = nil
) -> SymbolicTensor {
  Input(
    batchShape: Shape([batchSize] + shape.dimensions), dataType: dataType, isOptional: isOptional, name: name)
}

/// The same with the batch axis first in the shape.
public func Input(
  batchShape: Shape, dataType: DataType = .float32, isOptional: Bool = false, name: String? = nil
) -> SymbolicTensor {
  guard checkedElementCount(batchShape.compactMap { $0 }) != nil else {
    return SymbolicTensor(error: KerasError(.invalidArgument, "No tensor has the shape \(batchShape)."))
  }
  return InputLayer(batchShape: batchShape, dataType: dataType, isOptional: isOptional, name: name).tensor()
}
