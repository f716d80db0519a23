import KerasGraph

/// Applies a layer to every step of sequences, with the same weights.
///
/// - Input: `[batch, time, …]`. Output: `[batch, time, …]` with what the layer makes of `[batch, …]`.
///
/// ```swift
/// let features = TimeDistributed(Conv2D(filters: 8, kernelSize: 3))(clips)
/// ```
///
/// All steps run at once, as one large batch, where the layer treats samples one by one. What changes weights while
/// training (batch normalization) and layers not of Keras itself see one step after the other.
public final class TimeDistributed: Wrapper, @unchecked Sendable {
  public convenience init(_ settings: Configuration) throws(KerasError) {
    self.init(try settings.layer("layer"), name: settings.name)
  }

  /// By the rule before Keras 3 the output's mask is what the layer inside makes of it, and if that makes none, whether
  /// any part of a step is something. In Keras 3 the mask is passed on.
  private let maskRule = MaskRule()

  public override var supportsMasking: Bool { true }

  public override func build(for inputs: [TensorSpec]) throws(KerasError) {
    try buildChild(layer, for: [try step(of: inputs[0])])
  }

  private func step(of sequences: TensorSpec) throws(KerasError) -> TensorSpec {
    try require(
      sequences.shape.rank >= 3, .shapeMismatch,
      "TimeDistributed takes sequences with a batch axis, a time axis and more, found \(sequences).")
    return TensorSpec(Shape([sequences.shape[0]] + Array(sequences.shape.dropFirst(2))), sequences.dataType)
  }

  public override var callParameters: [String] { ["inputs", "mask"] }

  public override func call(_ inputs: [Value], in context: CallContext) throws -> [Value] {
    [try call(inputs[0], in: context)]
  }

  public override func call(_ input: Value, in context: CallContext) throws -> Value {
    let shape = context.graph.shape(of: input)
    let mask = context.input(named: "mask") ?? context.mask()
    if let mask {
      let lengths = context.graph.shape(of: mask)
      let isFitting = zip(lengths, shape.prefix(2)).allSatisfy { $0 == nil || $1 == nil || $0 == $1 }
      try require(
        lengths.rank >= 2 && isFitting, .shapeMismatch,
        "Expected a mask for the steps of \(shape), found one of \(lengths).")
    }
    if let steps = shape[1], !(treatsSamplesAlone(in: context)) {
      return try stepByStep(input, mask, steps, in: context)
    }
    return try allAtOnce(input, mask, in: context)
  }

  /// Whether a sample's output depends on that sample alone, so that steps may be samples.
  private func treatsSamplesAlone(in context: CallContext) -> Bool {
    func isPlain(_ layer: Layer) -> Bool {
      Layers.isKeras(layer.className) && layer.className != "Lambda"
        && layer.children.allSatisfy { isPlain($0.layer) }
    }
    let changesWeights = context.isTraining && layer.weights.contains { !$0.isMadeForTraining }
    return isPlain(layer) && layer.states.isEmpty && !changesWeights
  }

  private func allAtOnce(_ input: Value, _ mask: Value?, in context: CallContext) throws -> Value {
    let graph = context.graph
    func folded(_ x: Value) throws(KerasError) -> Value {
      let shape = graph.shape(of: x)
      let samples = Shape(Array(shape.prefix(2))).elementCount
      return try graph.reshaped(x, to: Shape([samples] + Array(shape.dropFirst(2))))
    }
    let (output, outputMask) = try inner(folded(input), mask.map(folded), in: context)
    func unfolded(_ x: Value) throws(KerasError) -> Value {
      try graph.reshaped(
        x, to: Shape(Array(graph.shape(of: input).prefix(2)) + Array(graph.shape(of: x).dropFirst())))
    }
    if maskRule.state.isOld {
      try setOldMask(outputMask.map(unfolded), else: mask, in: context)
    }
    return try unfolded(output)
  }

  private func setOldMask(_ made: Value?, else given: Value?, in context: CallContext) throws(KerasError) {
    var mask = made
    if mask == nil, let given {
      let axes = Array(context.graph.shape(of: given).indices.dropFirst(2))
      mask = axes.isEmpty ? given : try context.graph.any(given, axes: axes)
    }
    maskRule.note([mask], in: context)
    context.setOutputMasks([mask])
  }

  private func stepByStep(_ input: Value, _ mask: Value?, _ steps: Int, in context: CallContext) throws
    -> Value
  {
    let graph = context.graph
    try require(steps > 0, .shapeMismatch, "TimeDistributed needs at least one step, found none.")
    func element(_ x: Value, _ step: Int) throws(KerasError) -> Value {
      var shape = graph.shape(of: x)
      shape.dimensions.remove(at: 1)
      return try graph.reshaped(graph.slice(x, axis: 1, from: step, count: 1), to: shape)
    }
    var outputs: [Value] = []
    var outputMasks: [Value] = []
    func along(_ x: Value) throws(KerasError) -> Value {
      let shape = graph.shape(of: x)
      return try graph.reshaped(x, to: Shape([shape[0], 1] + Array(shape.dropFirst())))
    }
    for step in 0..<steps {
      let (output, outputMask) = try inner(
        element(input, step), mask.map { try element($0, step) }, in: context)
      outputs.append(try along(output))
      if let outputMask { outputMasks.append(try along(outputMask)) }
    }
    if maskRule.state.isOld {
      let made = outputMasks.count == steps ? try graph.concatenate(outputMasks, axis: 1) : nil
      try setOldMask(made, else: mask, in: context)
    }
    return try graph.concatenate(outputs, axis: 1)
  }

  /// As in Keras 3, the layer's activity regularizer is not asked.
  private func inner(
    _ x: Value, _ mask: Value?, in context: CallContext
  ) throws(KerasError) -> (output: Value, mask: Value?) {
    let (outputs, masks) = try context.enter(layer, with: [x], masks: [mask]) { (inputs) throws(KerasError) in
      let outputs = try wrappingErrors { try layer.call(inputs, in: context) }
      return (outputs, try context.outputMasks(of: layer, for: outputs))
    }
    try require(
      outputs.count == 1 && context.graph.shape(of: outputs[0]).rank >= 1, .unsupported,
      "TimeDistributed takes a layer with one output, found \(outputs.count).", path: [layer.name])
    return (outputs[0], masks.first ?? nil)
  }
}
