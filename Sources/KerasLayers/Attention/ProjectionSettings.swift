import KerasGraph

/// The weights of the projections inside an attention layer.
struct ProjectionSettings: SettingGroup {
  @Setting("use_bias") var usesBias = true
  @Setting("kernel") var kernel = WeightSettings(.glorotUniform)
  @Setting("bias") var bias = WeightSettings(.zeros)
  @Setting("activity_regularizer", .regularizer) var activityRegularizer: (any Regularizer)? = nil

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
      activation: activation, biasAxes: usesBias ? made : nil, kernelInitializer: kernel.initializer,
      biasInitializer: bias.initializer, kernelRegularizer: kernel.regularizer,
      biasRegularizer: bias.regularizer, activityRegularizer: activityRegularizer,
      kernelConstraint: kernel.constraint, biasConstraint: bias.constraint, name: name)
  }
}
