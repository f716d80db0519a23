import KerasGraph

/// Three straight pieces with learned bends and slopes, S-shaped. Of Keras 1.
///
/// With `right = t_left + |t_right|`: `t_left + a_left · (x − t_left)` up to `t_left`, `x` between, and
/// `right + a_right · (x − right)` from `right` on.
///
/// - Input: `[batch, …]`. Output: the same.
/// - Weights, in file order: `t_left`, `a_left`, `t_right`, `a_right`, each one number for each element of a sample, or
///   one for all along ``sharedAxes``.
///
/// Jin et al., "Deep Learning with S-shaped Rectified Linear Activation Units" (2016).
public final class SReLU: Layer, @unchecked Sendable {
  @Setting("t_left_init", .initializer) public private(set) var leftBendInitializer: any Initializer
  @Setting("a_left_init", .initializer) public private(set) var leftSlopeInitializer: any Initializer
  @Setting("t_right_init", .initializer) public private(set) var rightBendInitializer: any Initializer
  @Setting("a_right_init", .initializer) public private(set) var rightSlopeInitializer: any Initializer
  /// Axes along which the numbers are the same; 1 is the first behind the batch.
  @Setting("shared_axes") public private(set) var sharedAxes: [Int]?

  public init(
    leftBendInitializer: any Initializer = .zeros, leftSlopeInitializer: any Initializer = .glorotUniform,
    rightBendInitializer: any Initializer = .glorotUniform, rightSlopeInitializer: any Initializer = .ones,
    sharedAxes: [Int]? = nil, name: String? = nil
  ) {
    super.init(name: name)
    self.leftBendInitializer = leftBendInitializer
    self.leftSlopeInitializer = leftSlopeInitializer
    self.rightBendInitializer = rightBendInitializer
    self.rightSlopeInitializer = rightSlopeInitializer
    self.sharedAxes = sharedAxes
  }

  public override var supportsMasking: Bool { true }

  public override func build(for inputs: [TensorSpec]) throws(KerasError) {
    let shape = try parameterShape(for: inputs[0], sharedAxes: sharedAxes)
    addWeight("t_left", shape: shape, initializer: leftBendInitializer)
    addWeight("a_left", shape: shape, initializer: leftSlopeInitializer)
    addWeight("t_right", shape: shape, initializer: rightBendInitializer)
    addWeight("a_right", shape: shape, initializer: rightSlopeInitializer)
  }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    let graph = context.graph
    let left = try context.value(of: weight("t_left"))
    let width = try graph.unary(.absolute, context.value(of: weight("t_right")))
    let fromLeft = try graph.binary(.subtract, input, left)
    let below = try graph.unary(.relu, graph.unary(.negate, fromLeft))
    let between = try graph.binary(.minimum, graph.unary(.relu, fromLeft), width)
    let above = try graph.unary(.relu, graph.binary(.subtract, fromLeft, width))
    let middle = try graph.add(left, between)
    let bent = try graph.binary(.subtract, middle, graph.multiply(context.value(of: weight("a_left")), below))
    return try graph.add(bent, graph.multiply(context.value(of: weight("a_right")), above))
  }
}
