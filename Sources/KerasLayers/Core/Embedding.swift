import KerasGraph

/// Rows of a table, looked up by whole numbers: words become vectors.
///
/// - Input: whole numbers from 0 up to `inputDimension`, in any shape. Output: `[…, outputDimension]`.
/// - Weights: `embeddings [inputDimension, outputDimension]`.
///
/// A number outside the table is an error of the prediction.
///
/// ```swift
/// let vectors = Embedding(inputDimension: 10_000, outputDimension: 64, masksZero: true)(words)
/// ```
public class Embedding: Layer, LowRankAdaptable, @unchecked Sendable {
  /// The number of rows.
  @Setting("input_dim", .required) public private(set) var inputDimension: Int
  /// The length of each.
  @Setting("output_dim", .required) public private(set) var outputDimension: Int
  @Setting("embeddings") public private(set) var embeddings: WeightSettings
  /// Whether 0 stands for nothing: the output's mask is false there.
  @Setting("mask_zero") public private(set) var masksZero: Bool
  @Setting("lora") public private(set) var adaptation: LowRankAdaptation
  private let initialWeights: Tensor?

  /// - Parameter weights: the first value of the table, in place of the initializer's.
  public init(
    inputDimension: Int, outputDimension: Int, embeddingsInitializer: any Initializer = .randomUniform,
    embeddingsRegularizer: (any Regularizer)? = nil, activityRegularizer: (any Regularizer)? = nil,
    embeddingsConstraint: (any Constraint)? = nil, masksZero: Bool = false, weights: Tensor? = nil,
    loraRank: Int? = nil, loraAlpha: Double? = nil, name: String? = nil
  ) {
    initialWeights = weights
    super.init(name: name)
    self.inputDimension = inputDimension
    self.outputDimension = outputDimension
    embeddings = WeightSettings(embeddingsInitializer, embeddingsRegularizer, embeddingsConstraint)
    self.masksZero = masksZero
    adaptation = LowRankAdaptation(of: "embeddings", rank: loraRank, alpha: loraAlpha)
    self.activityRegularizer = activityRegularizer
  }

  package override var nullSettings: [String] { ["activity_regularizer", "quantization_config"] }

  public override var supportsMasking: Bool { masksZero }

  public override func build(for inputs: [TensorSpec]) throws(KerasError) {
    try require(
      inputDimension > 0 && outputDimension > 0,
      "\(className) needs a table with rows and columns, found \(inputDimension) × \(outputDimension).")
    let table = addWeight("embeddings", shape: [inputDimension, outputDimension], embeddings)
    if let initialWeights { try table.assign(initialWeights.converted(to: table.dataType)) }
    try buildAdaptation()
  }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    let graph = context.graph
    if masksZero { context.setOutputMasks([try graph.compare(.notEqual, input, 0)]) }
    if isLoRAEnabled { return try graph.gather(adaptedWeight(in: context), at: input, axis: 0) }
    // Rows are converted rather than the table, which is longer; and their gradients are summed as the table is stored.
    let table = try weight("embeddings")
    let rows = try graph.gather(context.value(of: table, as: table.dataType), at: input, axis: 0)
    return try graph.cast(rows, to: dataTypePolicy.computeType)
  }
}
