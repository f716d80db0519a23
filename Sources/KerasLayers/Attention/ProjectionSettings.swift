import KerasGraph

/// The weights of the projections inside an attention layer.
struct ProjectionSettings {
  var usesBias = true
  var kernelInitializer: any Initializer = .glorotUniform
  var biasInitializer: any Initializer = .zeros
  var kernelRegularizer: (any Regularizer)?
  var biasRegularizer: (any Regularizer)?
  /// Of what each projection gives.
  var activityRegularizer: (any Regularizer)?
  var kernelConstraint: (any Constraint)?
  var biasConstraint: (any Constraint)?

  init(
    usesBias: Bool, kernelInitializer: any Initializer, biasInitializer: any Initializer,
    kernelRegularizer: (any Regularizer)?, biasRegularizer: (any Regularizer)?,
    activityRegularizer: (any Regularizer)?, kernelConstraint: (any Constraint)?,
    biasConstraint: (any Constraint)?
  ) {
    self.usesBias = usesBias
    self.kernelInitializer = kernelInitializer
    self.biasInitializer = biasInitializer
    self.kernelRegularizer = kernelRegularizer
    self.biasRegularizer = biasRegularizer
    self.activityRegularizer = activityRegularizer
    self.kernelConstraint = kernelConstraint
    self.biasConstraint = biasConstraint
  }

  init(_ settings: Configuration) throws(KerasError) {
    self.init(
      usesBias: try settings.boolean("use_bias", default: true),
      kernelInitializer: try settings.initializer("kernel_initializer", default: .glorotUniform),
      biasInitializer: try settings.initializer("bias_initializer", default: .zeros),
      kernelRegularizer: try settings.regularizer("kernel_regularizer"),
      biasRegularizer: try settings.regularizer("bias_regularizer"),
      activityRegularizer: try settings.regularizer("activity_regularizer"),
      kernelConstraint: try settings.constraint("kernel_constraint"),
      biasConstraint: try settings.constraint("bias_constraint"))
  }

  var config: JSONObject {
    [
      "use_bias": .bool(usesBias), "kernel_initializer": kernelInitializer.json,
      "bias_initializer": biasInitializer.json, "kernel_regularizer": JSON(kernelRegularizer),
      "bias_regularizer": JSON(biasRegularizer), "activity_regularizer": JSON(activityRegularizer),
      "kernel_constraint": JSON(kernelConstraint), "bias_constraint": JSON(biasConstraint),
    ]
  }

  /// A dense layer that takes the last `bound` of the input's axes to axes of the lengths `outputs`.
  func makeDense(
    rank: Int, bound: Int, outputs: [Int], activation: ActivationFunction = .linear, name: String
  ) throws(KerasError) -> EinsumDense {
    let letters = Array("abcdefghijklmnopqrstuvwxyz")
    guard rank >= bound, rank + outputs.count <= letters.count else {
      throw KerasError(.shapeMismatch, "Attention takes tensors of 2 to 20 axes, found one of \(rank).")
    }
    let free = String(letters[..<(rank - bound)])
    let summed = String(letters[(rank - bound)..<rank])
    let made = String(letters[rank..<(rank + outputs.count)])
    let kept = [Int?](repeating: nil, count: max(rank - bound - 1, 0))
    return EinsumDense(
      "\(free)\(summed),\(summed)\(made)->\(free)\(made)", outputShape: Shape(kept + outputs),
      activation: activation, biasAxes: usesBias ? made : nil, kernelInitializer: kernelInitializer,
      biasInitializer: biasInitializer, kernelRegularizer: kernelRegularizer,
      biasRegularizer: biasRegularizer, activityRegularizer: activityRegularizer,
      kernelConstraint: kernelConstraint, biasConstraint: biasConstraint, name: name)
  }
}
