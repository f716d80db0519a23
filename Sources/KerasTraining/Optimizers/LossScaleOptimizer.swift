import KerasGraph
import KerasLayers

/// Another optimizer, on a loss that is multiplied by a factor so that small gradients do not vanish in half precision:
/// doubled after so many good steps, halved (and the step left out) where a gradient is not finite.
///
/// Micikevicius et al., "Mixed Precision Training" (2017), https://arxiv.org/abs/1710.03740.
public final class LossScaleOptimizer: Optimizer, @unchecked Sendable {
  @Setting("inner_optimizer", .optimizer) public private(set) var inner: Optimizer
  @Setting("initial_scale") public private(set) var initialScale: Double
  @Setting("dynamic_growth_steps") public private(set) var growthSteps: Int

  public init(
    _ inner: Optimizer = SGD(), initialScale: Double = 32768, growthSteps: Int = 2000,
    name: String = "loss_scale_optimizer"
  ) {
    super.init(name: name, learningRate: 0)
    self.inner = inner
    self.initialScale = initialScale
    self.growthSteps = growthSteps
  }

  public override var config: JSONObject {
    [
      "name": .string(name), "inner_optimizer": inner.json, "initial_scale": .number(initialScale),
      "dynamic_growth_steps": .integer(growthSteps),
    ]
  }

  override var parts: [Optimizer] { [inner] }
  override var primary: Optimizer { inner.primary }

  public override var sharedSlots: [OptimizerSlot] {
    [
      OptimizerSlot("step_counter", shape: [], dataType: .int64),
      OptimizerSlot("dynamic_scale", .constant(initialScale), shape: []),
    ]
  }

  private func own(_ recorder: StepRecorder, when condition: RecordedValue?) -> OptimizerStep {
    let zero = recorder.graph.number(0)
    return OptimizerStep(
      recorder: recorder, condition: condition, learningRate: zero, number: zero, prefix: prefix,
      slots: ownSlots)
  }

  override func lossFactor(in recorder: StepRecorder) -> RecordedValue? {
    own(recorder, when: nil)["dynamic_scale"]
  }

  override func record(
    _ gradients: [Value], _ variables: [Variable], in recorder: StepRecorder, when condition: RecordedValue?
  ) throws {
    register(variables)
    // The loss is scaled once.
    inner.lossScale = nil
    let graph = recorder.graph
    let step = own(recorder, when: condition)
    let (scale, count) = (step["dynamic_scale"], step["step_counter"])
    // x − x is 0 of what is finite, and no number of what is not.
    let rests = gradients.map { (graph[$0] - graph[$0]).magnitude.total() }
    let rest = rests.dropFirst().reduce(rests.first ?? graph.number(0)) { $0 + $1 }
    let isFinite = rest .== 0
    var unscaled: [Value] = []
    for gradient in gradients { unscaled.append(try (graph[gradient] / scale).value) }
    try inner.record(unscaled, variables, in: recorder, when: condition.map { $0.and(isFinite) } ?? isFinite)
    let grows = count .== Double(growthSteps - 1)
    let zero = count.number(0)
    step["step_counter"] = zero.kept(where: grows, else: count + 1).kept(where: isFinite, else: zero)
    step["dynamic_scale"] = (scale * 2).kept(where: grows, else: scale).kept(
      where: isFinite, else: scale * 0.5)
    // Its own count and rate are in files, and nothing else.
    _ = (step["iteration"], step["learning_rate"])
    if let failure = step.failure { throw failure }
  }
}

extension SettingCodec where Value == Optimizer {
  static var optimizer: SettingCodec<Optimizer> {
    SettingCodec(
      reading: { (configuration, key, _) throws(KerasError) in
        guard let json = configuration.value(key) else { return nil }
        return try Optimizers.make(json, version: configuration.version)
      },
      writing: { optimizer, key, config in config[key] = optimizer.json })
  }
}
