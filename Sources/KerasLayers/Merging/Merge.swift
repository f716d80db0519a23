import KerasGraph

/// What layers that combine tensors element by element have in common: inputs of fewer axes get axes of length 1
/// behind the batch, and lengths of 1 stretch.
///
/// - Inputs: any number of `[batch, …]`. Output: the shape they broadcast to.
public class Merge: Layer, @unchecked Sendable {
  /// By the rule before Keras 3, masks change no number, and a step is something where every masked input says so. (In
  /// Keras 3 masked steps are left out, a step is something where any input says so, and one input without a mask
  /// takes it from the output.)
  let maskRule = MaskRule()

  public override var supportsMasking: Bool { true }
  public override var listParameters: [String] { ["inputs"] }

  /// How many inputs make sense.
  var inputCounts: ClosedRange<Int> { 1...Int.max }
  /// Whether masked steps are left out of the numbers.
  var skipsMaskedSteps: Bool { false }

  public final override func call(_ inputs: [Value], in context: CallContext) throws(KerasError) -> [Value] {
    try require(
      inputCounts.contains(inputs.count), "\(className) takes exactly two inputs, found \(inputs.count).")
    try setMask(for: inputs, in: context)
    return [try merge(inputs, in: context)]
  }

  /// The combination of all inputs.
  func merge(_ inputs: [Value], in context: CallContext) throws(KerasError) -> Value {
    let graph = context.graph
    let rank = inputs.map { graph.shape(of: $0).rank }.max() ?? 0
    var (aligned, masks): ([RecordedValue], [RecordedValue?]) = ([], [])
    for (index, input) in inputs.enumerated() {
      let x = try graph.aligned(input, rank: rank)
      aligned.append(context[x])
      // Axes that are put in take the mask with them, as in Keras.
      let mask = skipsMaskedSteps && !maskRule.state.isOld && x == input ? context.mask(index) : nil
      masks.append(
        try mask.map { (mask) throws(KerasError) in try context[graph.featureMask(mask, like: x)] })
    }
    return try merge(aligned, masks: masks).value
  }

  /// The combination of inputs with the same number of axes and masks of their elements; by default, one after the
  /// other.
  func merge(_ inputs: [RecordedValue], masks: [RecordedValue?]) -> RecordedValue {
    inputs.dropFirst().reduce(inputs[0], combine)
  }

  /// The combination of two tensors.
  func combine(_ a: RecordedValue, _ b: RecordedValue) -> RecordedValue { a }

  /// The output is something where any input is; without a mask if one input has none. By the old rule, where all are
  /// that have a mask.
  func setMask(for inputs: [Value], in context: CallContext) throws(KerasError) {
    maskRule.note(context.masks, in: context)
    let masks = inputs.indices.compactMap { context.mask($0) }.map { context[$0] }
    let isOld = maskRule.state.isOld
    guard let first = masks.first, isOld || masks.count == inputs.count else {
      return context.setOutputMasks([nil])
    }
    let merged = masks.dropFirst().reduce(first) { $0.combined(isOld ? .logicalAnd : .logicalOr, with: $1) }
    context.setOutputMasks([try merged.value])
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
