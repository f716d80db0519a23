import KerasGraph
import KerasLayers

/// "Follow the regularized leader": for shallow models with many sparse features.
///
/// McMahan et al., "Ad Click Prediction: a View from the Trenches" (2013), algorithm 1, with shrinkage.
public final class Ftrl: Optimizer, @unchecked Sendable {
  @Setting("learning_rate_power", Double.settingCodec.requiring("a number up to 0") { $0 <= 0 })
  public private(set) var learningRatePower: Double
  @Setting("initial_accumulator_value", .fromZero) public private(set) var initialAccumulator: Double
  @Setting("l1_regularization_strength", .fromZero) public private(set) var l1: Double
  @Setting("l2_regularization_strength", .fromZero) public private(set) var l2: Double
  @Setting("l2_shrinkage_regularization_strength", .fromZero) public private(set) var l2Shrinkage: Double
  @Setting("beta") public private(set) var beta: Double

  public init(
    learningRate: LearningRate = 0.001, learningRatePower: Double = -0.5, initialAccumulator: Double = 0.1,
    l1: Double = 0, l2: Double = 0, l2Shrinkage: Double = 0, beta: Double = 0,
    options: OptimizerOptions = OptimizerOptions()
  ) {
    super.init(name: "ftrl", learningRate: learningRate, options: options)
    self.learningRatePower = learningRatePower
    self.initialAccumulator = initialAccumulator
    self.l1 = l1
    self.l2 = l2
    self.l2Shrinkage = l2Shrinkage
    self.beta = beta
  }

  public override func slots(for weight: Variable) -> [[OptimizerSlot]] {
    [[OptimizerSlot("accumulator", .constant(initialAccumulator)), OptimizerSlot("linear")]]
  }

  public override func update(_ weight: WeightUpdate) {
    let (rate, old) = (weight.learningRate, weight["accumulator"])
    let g = l2Shrinkage == 0 ? weight.gradient : weight.gradient + weight.value * (2 * l2Shrinkage)
    let sum = old + weight.squaredGradient
    let (power, before) = (sum.power(-learningRatePower), old.power(-learningRatePower))
    let linear = weight["linear"] + g - (power - before) / rate * weight.value
    let quadratic = power / rate + (beta / (rate * 2) + l2) * 2
    weight["accumulator"] = sum
    weight["linear"] = linear
    weight.value = (linear.clipped(-l1, l1) - linear) / quadratic
  }
}

extension SettingCodec where Value == Double {
  static var fromZero: SettingCodec<Double> {
    Double.settingCodec.requiring("a number from 0 up") { $0 >= 0 }
  }
  /// How much of something old is kept.
  static var share: SettingCodec<Double> {
    Double.settingCodec.requiring("between 0 and 1") { (0...1).contains($0) }
  }
}

extension SettingCodec where Value == Double? {
  static var fromZero: SettingCodec<Double?> {
    Double?.settingCodec.requiring("a number from 0 up") { $0 ?? 0 >= 0 }
  }
}

extension SettingCodec where Value == Int? {
  static func from(_ least: Int) -> SettingCodec<Int?> {
    Int?.settingCodec.requiring("a number from \(least) up") { $0 ?? least >= least }
  }
}
