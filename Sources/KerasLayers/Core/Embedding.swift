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
  public let inputDimension: Int
  /// The length of each.
  public let outputDimension: Int
  public let embeddingsInitializer: any Initializer
  public let embeddingsRegularizer: (any Regularizer)?
  public let embeddingsConstraint: (any Constraint)?
  /// Whether 0 stands for nothing: the output's mask is false there.
  public let masksZero: Bool
  public let adaptation: LowRankAdaptation
  private let initialWeights: Tensor?

  /// - Parameter weights: the first value of the table, in place of the initializer's.
  public init(
    inputDimension: Int, outputDimension: Int, embeddingsInitializer: any Initializer = .randomUniform,
    embeddingsRegularizer: (any Regularizer)? = nil, activityRegularizer: (any Regularizer)? = nil,
    embeddingsConstraint: (any Constraint)? = nil, masksZero: Bool = false, weights: Tensor? = nil,
    loraRank: Int? = nil, loraAlpha: Double? = nil, name: String? = nil
  ) {
    self.inputDimension = inputDimension
    self.outputDimension = outputDimension
    self.embeddingsInitializer = embeddingsInitializer
    self.embeddingsRegularizer = embeddingsRegularizer
    self.embeddingsConstraint = embeddingsConstraint
    self.masksZero = masksZero
    initialWeights = weights
    adaptation = LowRankAdaptation(of: "embeddings", rank: loraRank, alpha: loraAlpha)
    super.init(name: name)
    self.activityRegularizer = activityRegularizer
  }

  public convenience init(_ settings: Configuration) throws(KerasError) {
    settings.ignore("input_length", "weights", "rate", "dropout", "sparse")
    self.init(
      inputDimension: try settings.requiredInteger("input_dim"),
      outputDimension: try settings.requiredInteger("output_dim"),
      embeddingsInitializer: try settings.initializer("embeddings_initializer", default: .randomUniform),
      embeddingsRegularizer: try settings.regularizer("embeddings_regularizer"),
      embeddingsConstraint: try settings.constraint("embeddings_constraint"),
      masksZero: try settings.boolean("mask_zero", default: false),
      loraRank: try settings.integer("lora_rank"), loraAlpha: try settings.number("lora_alpha"),
      name: settings.name)
  }

  public override var config: JSONObject {
    var config: JSONObject = [
      "input_dim": .integer(inputDimension), "output_dim": .integer(outputDimension),
      "embeddings_initializer": embeddingsInitializer.json,
      "embeddings_regularizer": JSON(embeddingsRegularizer),
      "activity_regularizer": JSON(activityRegularizer), "embeddings_constraint": JSON(embeddingsConstraint),
      "mask_zero": .bool(masksZero), "quantization_config": nil,
    ]
    adaptation.write(to: &config)
    return config
  }

  public override var supportsMasking: Bool { masksZero }

  public override func build(for inputs: [TensorSpec]) throws(KerasError) {
    guard inputDimension > 0, outputDimension > 0 else {
      throw KerasError(
        .invalidArgument,
        "\(className) needs a table with rows and columns, found \(inputDimension) × \(outputDimension).")
    }
    let table = addWeight(
      "embeddings", shape: [inputDimension, outputDimension], initializer: embeddingsInitializer,
      regularizer: embeddingsRegularizer, constraint: embeddingsConstraint)
    if let initialWeights { try table.assign(initialWeights.converted(to: table.dataType)) }
    try buildAdaptation()
  }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    let graph = context.graph
    if masksZero { context.setOutputMasks([try graph.compare(.notEqual, input, 0)]) }
    return try graph.gather(adaptedWeight(in: context), at: input, axis: 0)
  }
}
