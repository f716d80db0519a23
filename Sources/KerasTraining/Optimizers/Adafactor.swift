import KerasGraph
import KerasLayers

/// ``Adam`` without momentum whose average of squares is kept by rows and columns alone, for large matrices.
///
/// Shazeer and Stern, "Adafactor: Adaptive Learning Rates with Sublinear Memory Cost" (2018),
/// https://arxiv.org/abs/1804.04235, algorithms 4 and 5.
public final class Adafactor: Optimizer, @unchecked Sendable {
  @Setting("beta_2_decay") public private(set) var beta2Decay: Double
  @Setting("epsilon_1") public private(set) var epsilon1: Double
  @Setting("epsilon_2") public private(set) var epsilon2: Double
  @Setting("clip_threshold") public private(set) var clipThreshold: Double
  /// Written and read; Keras' rule takes the smaller of the rate and `1/√t` either way.
  @Setting("relative_step") public private(set) var usesRelativeStep: Bool

  public init(
    learningRate: LearningRate = 0.001, beta2Decay: Double = -0.8, epsilon1: Double = 1e-30,
    epsilon2: Double = 1e-3, clipThreshold: Double = 1, usesRelativeStep: Bool = true,
    options: OptimizerOptions = OptimizerOptions()
  ) {
    super.init(name: "adafactor", learningRate: learningRate, options: options)
    self.beta2Decay = beta2Decay
    self.epsilon1 = epsilon1
    self.epsilon2 = epsilon2
    self.clipThreshold = clipThreshold
    self.usesRelativeStep = usesRelativeStep
  }

  public override func slots(for weight: Variable) -> [[OptimizerSlot]] {
    let shape = weight.shape
    let isFactored = shape.count >= 2
    // Keras keeps one number each for vectors, and does not use it.
    let rows = isFactored ? Array(shape.dropLast()) : []
    let columns = isFactored ? shape.dropLast(2) + [shape[shape.count - 1]] : []
    return [
      [
        OptimizerSlot("row", shape: rows), OptimizerSlot("column", shape: Array(columns)),
        OptimizerSlot("velocity"),
      ]
    ]
  }

  public override func update(_ weight: WeightUpdate) throws {
    let step = weight.number
    let slowest = weight.learningRate.combined(.minimum, with: step.power(-0.5))
    let rate = rootMeanSquare(weight.value).combined(.maximum, with: epsilon2) * slowest
    let squares = weight.squaredGradient + epsilon1
    let share = step.power(beta2Decay)
    func averaged(_ slot: String, _ new: RecordedValue) -> RecordedValue {
      let average = (1 - share) * weight[slot] + share * new
      weight[slot] = average
      return average
    }
    let velocity: RecordedValue
    if weight.variable.shape.count >= 2 {
      let row = averaged("row", squares.mean(axes: [-1]))
      let column = averaged("column", squares.mean(axes: [-2]))
      velocity =
        (row / row.mean(axes: [-1], keepsDimensions: true)).expanded(axis: -1) * column.expanded(axis: -2)
      weight["velocity"] = velocity
    } else {
      velocity = averaged("velocity", squares)
    }
    let direction = weight.gradient / velocity.root
    let length = (weight.squaredGradient / velocity).mean().root
    let excess = (length / clipThreshold).combined(.maximum, with: 1)
    weight.value = weight.value - direction / excess * rate
  }

  private func rootMeanSquare(_ x: RecordedValue) -> RecordedValue { x.squared.mean().root }
}
