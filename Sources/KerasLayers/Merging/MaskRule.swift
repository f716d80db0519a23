import KerasGraph

/// Which rule a layer follows for masks: that of Keras 3, or an older one.
struct MaskRule: SettingGroup {
  static var standsLast: Bool { true }

  struct State: Sendable {
    var isOld = false
    /// Whether a mask has come in, so that the rule shows in the results.
    var isSeen = false
  }

  /// Keras 3 does not know it; written where it makes a difference.
  @Setting("mask_rule", .maskRule) var state = State()

  /// Notes the masks of a call.
  func note(_ masks: [Value?], in context: CallContext) {
    if context.isMeasuring, masks.contains(where: { $0 != nil }) { state.isSeen = true }
  }
}

extension SettingCodec where Value == MaskRule.State {
  fileprivate static var maskRule: SettingCodec<MaskRule.State> {
    let oldRule = "keras2"
    return SettingCodec(
      reading: { (configuration, key, _) throws(KerasError) in
        let rule = try configuration.string(key)
        return MaskRule.State(isOld: configuration.version.hasOldMasks || rule == oldRule, isSeen: rule != nil)
      },
      writing: { rule, key, config in if rule.isOld && rule.isSeen { config[key] = .string(oldRule) } })
  }
}
