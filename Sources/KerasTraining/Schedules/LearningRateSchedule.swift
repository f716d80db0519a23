import KerasGraph
import KerasLayers

/// A learning rate that follows from how many steps have been done, computed inside the step.
///
/// ```swift
/// final class Halving: LearningRateSchedule, @unchecked Sendable {
///   override func rate(at step: RecordedValue) -> RecordedValue { (step * -0.01).applying(.exponential) * 0.1 }
/// }
/// ```
open class LearningRateSchedule: Serializable, @unchecked Sendable {
  @Setting("name") public private(set) final var name: String

  public init(name: String) { self.name = name }

  open var className: String { "\(Self.self)" }
  open var config: JSONObject { declaredConfig }

  /// Records the rate of one step.
  ///
  /// - Parameter step: how many were done before, `float32`, one number.
  open func rate(at step: RecordedValue) throws -> RecordedValue {
    throw KerasError(.unsupported, "The schedule \(className) does not say what rate it gives.")
  }

  /// As Keras writes it into configurations.
  public final var json: JSON { LearningRateSchedules.registry.json(of: self) }
}

/// The schedules that names in files stand for; users register their own.
public enum LearningRateSchedules {
  public static let registry = ClassRegistry<LearningRateSchedule>(
    "learning rate schedule", module: "keras.optimizers.schedules",
    of: [
      { ExponentialDecay() }, { InverseTimeDecay() }, { PolynomialDecay() }, { PiecewiseConstantDecay() },
      { CosineDecay() }, { CosineDecayRestarts() },
    ],
    aliases: [:], modernizing: { _, _, _, _ in })

  /// - Throws: `unknownName` and what is wrong with the settings.
  public static func make(
    _ json: JSON, version: KerasVersion = .current
  ) throws(KerasError) -> LearningRateSchedule {
    try registry.make(json, version: version)
  }
}

extension SettingCodec where Value == Int {
  /// Steps, which some files hold as 100.0.
  static var stepCount: SettingCodec<Int> {
    Int.settingCodec.requiring("a number from 1 up") { $0 > 0 }
  }
}
