import KerasGraph

/// Marks which of a known number of categories each sample holds.
///
/// - Inputs: integers `[batch, sample]` or `[sample]`; when counting, also a weight for each (`count_weights`).
/// - Output: `[batch, categories]`; `oneHot` gives `[…, categories]` for every integer.
public final class CategoryEncoding: Layer, @unchecked Sendable {
  @Setting("num_tokens", .required) public private(set) var categories: Int
  @Setting("output_mode") public private(set) var output: CategoricalOutput

  public init(categories: Int, output: CategoricalOutput = .multiHot, name: String? = nil) {
    super.init(name: name)
    self.categories = categories
    self.output = output
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
