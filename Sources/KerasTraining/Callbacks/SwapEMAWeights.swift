import KerasCore
import KerasModels

/// Puts the moving averages that the optimizer keeps of weights in their places while the model is evaluated, and the
/// weights back afterwards: validation, and with `swapsOnEpoch` what is saved after an epoch, is of the averages.
///
/// Callbacks that save the model come behind it.
///
/// ```swift
/// let averaged = SwapEMAWeights(swapsOnEpoch: true)
/// ```
public final class SwapEMAWeights: Callback {
  public let swapsOnEpoch: Bool
  private var isSwapped = false

  /// - Parameter swapsOnEpoch: whether averages stay in place from the end of an epoch to the beginning of the next.
  public init(swapsOnEpoch: Bool = false) { self.swapsOnEpoch = swapsOnEpoch }

  public override func trainBegan() throws {
    isSwapped = false
    guard (model?.trainer as? Trainer)?.compilation.optimizers.contains(where: \.keepsAverages) == true else {
      throw KerasError(
        .invalidArgument, "SwapEMAWeights needs an optimizer that keeps moving averages of weights.",
        remedy: "make the optimizer with OptimizerOptions(averaging:).")
    }
  }

  public override func epochBegan(_ epoch: Int) throws { if isSwapped { try swap() } }

  public override func epochEnded(_ epoch: Int, _ logs: inout Logs) throws {
    if swapsOnEpoch, !isSwapped { try swap() }
  }

  public override func testBegan() throws { if !isSwapped { try swap() } }
  public override func testEnded(_ logs: Logs) throws { if isSwapped { try swap() } }

  /// `fit` itself puts averages in place at its end.
  override func epochsEnded() throws { if isSwapped { try swap() } }

  public override func savedState() -> [String: Tensor] { ["is_swapped": Tensor(scalar: isSwapped)] }
  public override func restore(_ state: [String: Tensor]) {
    isSwapped = state["is_swapped"]?.scalars(as: Bool.self).first ?? false
  }

  private func swap() throws(KerasError) {
    guard let model, let trainer = model.trainer as? Trainer else { return }
    for optimizer in trainer.compilation.optimizers { try optimizer.swapWithAverages(model.trainableWeights) }
    isSwapped.toggle()
  }
}
