import KerasGraph

/// A densely connected layer: `output = activation(input · kernel + bias)`.
///
/// - Input: `[batch, …, features]`. Output: `[batch, …, units]`.
/// - Weights, in file order: `kernel [features, units]`, `bias [units]`.
///
/// ```swift
/// let scores = Dense(units: 10, activation: .softmax)(features)
/// ```
public final class Dense: Layer, @unchecked Sendable {
  public let units: Int
  public let activation: ActivationFunction
  public let usesBias: Bool
  private let kernelInitializer: any Initializer
  private let biasInitializer: any Initializer

  public init(
    units: Int, activation: ActivationFunction = .linear, usesBias: Bool = true,
    kernelInitializer: any Initializer = .glorotUniform, biasInitializer: any Initializer = .zeros,
    name: String? = nil
  ) {
    self.units = units
    self.activation = activation
    self.usesBias = usesBias
    self.kernelInitializer = kernelInitializer
    self.biasInitializer = biasInitializer
    super.init(name: name)
  }

  public override func build(for inputs: [TensorSpec]) throws(KerasError) {
    guard units > 0 else {
      throw KerasError(.invalidArgument, "Dense needs a positive number of units, found \(units).")
    }
    let features = try knownLength(-1, of: inputs[0])
    addWeight("kernel", shape: [features, units], initializer: kernelInitializer)
    if usesBias { addWeight("bias", shape: [units], initializer: biasInitializer) }
  }

  public override func call(_ input: Value, in context: CallContext) throws(KerasError) -> Value {
    let graph = context.graph
    var output = try graph.matrixMultiply(input, context.value(of: weight("kernel")))
    if usesBias { output = try graph.add(output, context.value(of: weight("bias"))) }
    return try activation.apply(to: output, in: graph)
  }
}
