import KerasGraph
import KerasLayers

/// How large an optimizer's steps are: a number, which may be changed while training goes on, or a schedule.
///
/// ```swift
/// let steady: LearningRate = 1e-3
/// let falling: LearningRate = .schedule(.cosineDecay(initialRate: 0.1, steps: 10_000))
/// ```
public enum LearningRate: Sendable {
  case constant(Double)
  case schedule(LearningRateSchedule)
}

extension LearningRate: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
  public init(floatLiteral value: Double) { self = .constant(value) }
  public init(integerLiteral value: Int) { self = .constant(Double(value)) }
}

extension SettingCodec where Value == LearningRate {
  /// A negative one climbs, which some want.
  static var finite: SettingCodec<LearningRate> {
    LearningRate.settingCodec.requiring("a finite number or a schedule") { rate in
      if case .constant(let number) = rate { number.isFinite } else { true }
    }
  }
}

extension LearningRate: SettingValue {
  public static var settingCodec: SettingCodec<LearningRate> {
    SettingCodec(
      reading: { (configuration, key, _) throws(KerasError) in
        guard let json = configuration.value(key) else { return nil }
        if json.number != nil { return .constant(try configuration.requiredNumber(key)) }
        if json["class_name"] != nil, json["class_name"]?.string != "__numpy__" {
          return .schedule(try LearningRateSchedules.make(json, version: configuration.version))
        }
        return .constant(try configuration.requiredNumber(key))
      },
      writing: { rate, key, config in
        config[key] =
          switch rate {
          case .constant(let number): .number(number)
          case .schedule(let schedule): schedule.json
          }
      })
  }
}
