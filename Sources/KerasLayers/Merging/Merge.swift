import KerasGraph

/// What layers that combine tensors element by element have in common: inputs of fewer axes get axes of length 1
/// behind the batch, and lengths of 1 stretch.
///
/// - Inputs: any number of `[batch, …]`. Output: the shape they broadcast to.
public class Merge: Layer, @unchecked Sendable {
  /// Whether masks mean what they did before Keras 3: none changes a number, and a step is something where every
  /// masked input says so. (In Keras 3 masked steps are left out, a step is something where any input says so, and one
  /// input without a mask takes it from the output.)
  package final var hasOldMasks = false
  /// Whether a mask has come in, so that the rule shows in the results.
  private var hasSeenMasks = false

  public override init(name: String? = nil) { super.init(name: name) }

  public init(_ settings: Configuration) throws(KerasError) {
    super.init(name: settings.name)
    try readMaskRule(settings)
  }

  final func readMaskRule(_ settings: Configuration) throws(KerasError) {
    let rule = try settings.string("mask_rule")
    hasOldMasks = settings.version < .keras3 || rule == Self.oldRule
    hasSeenMasks = rule != nil
  }

  private static let oldRule = "keras2"

  open override var config: JSONObject { hasOldMasks && hasSeenMasks ? ["mask_rule": .string(Self.oldRule)] : [:] }

  public override var supportsMasking: Bool { true }
  public override var listParameters: [String] { ["inputs"] }

  /// How many inputs make sense.
  var inputCounts: ClosedRange<Int> { 1...Int.max }

  public final override func call(_ inputs: [Value], in context: CallContext) throws(KerasError) -> [Value] {
    try require(
      inputCounts.contains(inputs.count), "\(className) takes exactly two inputs, found \(inputs.count).")
    if context.isMeasuring, context.masks.contains(where: { $0 != nil }) { hasSeenMasks = true }
    try setMask(for: inputs, in: context)
    return [try merge(inputs, in: context)]
  }

  /// The combination of all inputs.
  func merge(_ inputs: [Value], in context: CallContext) throws(KerasError) -> Value {
    var aligned: [Value] = []
    let rank = inputs.map { context.graph.shape(of: $0).rank }.max() ?? 0
    for input in inputs { aligned.append(try context.graph.aligned(input, rank: rank)) }
    // Axes that are put in take the mask with them, as in Keras.
    let masks = zip(aligned, inputs).enumerated().map {
      !hasOldMasks && $1.0 == $1.1 ? context.mask($0) : nil
    }
    return try merge(aligned, masks: masks, in: context)
  }

  /// The combination of inputs with the same number of axes; by default, one after the other.
  func merge(_ inputs: [Value], masks: [Value?], in context: CallContext) throws(KerasError) -> Value {
    var result = inputs[0]
    for input in inputs.dropFirst() { result = try combine(result, input, in: context.graph) }
    return result
  }

  /// The combination of two tensors.
  func combine(_ a: Value, _ b: Value, in graph: GraphBuilder) throws(KerasError) -> Value { a }

  /// The output is something where any input is; without a mask if one input has none. By the old rule, where all are
  /// that have a mask.
  func setMask(for inputs: [Value], in context: CallContext) throws(KerasError) {
    var merged: Value?
    for index in inputs.indices {
      guard let mask = context.mask(index) else {
        if hasOldMasks { continue }
        return context.setOutputMasks([nil])
      }
      merged =
        try merged.map { (others) throws(KerasError) in
          try context.graph.binary(hasOldMasks ? .logicalAnd : .logicalOr, others, mask)
        } ?? mask
    }
    context.setOutputMasks([merged])
  }
}

extension GraphBuilder {
  /// With axes of length 1 behind the batch up to `rank`.
  func aligned(_ x: Value, rank: Int) throws(KerasError) -> Value {
    let shape = shape(of: x)
    guard shape.rank < rank else { return x }
    let ones = [Int?](repeating: 1, count: rank - shape.rank)
    return try reshaped(x, to: Shape(shape.prefix(1) + ones + shape.dropFirst()))
  }

  /// A mask of steps for each feature: stretched to the shape of `x` along the axes that it lacks.
  func featureMask(_ mask: Value, like x: Value) throws(KerasError) -> Value {
    let shape = shape(of: x)
    var mask = mask
    for _ in self.shape(of: mask).rank..<shape.rank { mask = try expandDimensions(mask, axis: -1) }
    return try broadcast(mask, to: shape)
  }
}
