import KerasGraph

/// Marks which of a known number of categories each sample holds.
///
/// - Inputs: integers `[batch, sample]` or `[sample]`; when counting, also a weight for each (`count_weights`).
/// - Output: `[batch, categories]`; `oneHot` gives `[…, categories]` for every integer.
public final class CategoryEncoding: Layer, @unchecked Sendable {
  public let categories: Int
  public let output: CategoricalOutput

  public init(categories: Int, output: CategoricalOutput = .multiHot, name: String? = nil) {
    self.categories = categories
    self.output = output
    super.init(name: name)
  }

  public init(_ settings: Configuration) throws(KerasError) {
    // Sparse results are dense here; Keras does not write the setting either.
    settings.ignore("sparse")
    categories =
      try settings.value("num_tokens") == nil
      ? settings.requiredInteger("max_tokens") : settings.requiredInteger("num_tokens")
    output = try CategoricalOutput(settings, default: .multiHot)
    super.init(name: settings.name)
  }

  public override var config: JSONObject {
    ["num_tokens": .integer(categories), "output_mode": .string(output.rawValue)]
  }

  public override var callParameters: [String] { ["inputs", "count_weights"] }
  public override var castsInputs: Bool { false }

  public override func call(_ inputs: [Value], in context: CallContext) throws(KerasError) -> [Value] {
    let weights = context.input(named: "count_weights") ?? (inputs.count == 2 ? inputs[1] : nil)
    guard let input = inputs.first, inputs.count <= 2, ![.integer, .weightedCount].contains(output),
      weights == nil || output == .count
    else {
      throw KerasError(
        .invalidArgument,
        "CategoryEncoding takes integers, and weights of them only to count, found \(inputs.count) inputs "
          + "for \(output.rawValue).")
    }
    return [
      try context.graph.encoded(
        input, as: output, depth: categories, dataTypePolicy.computeType, weights: weights)
    ]
  }
}
