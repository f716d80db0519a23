import KerasCore

/// What decides an initializer's random numbers: nothing, a number, or one of Keras' seed generators.
public struct RandomSeed: Hashable, Sendable, ExpressibleByIntegerLiteral, ExpressibleByNilLiteral {
  /// nil: every weight gets numbers of its own, which the session's seed decides.
  public let value: Int?
  /// A `SeedGenerator` object of Keras 3: its seed is mixed with the weight's own stream.
  let generator: JSON?

  public init(_ value: Int?) { self.init(value, generator: nil) }

  private init(_ value: Int?, generator: JSON?) {
    self.value = value
    self.generator = generator
  }

  public init(integerLiteral value: Int) { self.init(value) }
  public init(nilLiteral: ()) { self.init(nil) }

  /// The numbers for a weight that would otherwise draw from `stream`.
  func stream(instead stream: RandomStream) -> RandomStream {
    guard let value else { return stream }
    let seeded = RandomStream(seed: value)
    return generator == nil ? seeded : RandomStream(generator: seeded.generator, stream: stream.stream)
  }
}

extension RandomSeed: SettingValue {
  public static var settingCodec: SettingCodec<RandomSeed> {
    SettingCodec(
      reading: { (configuration, key, _) throws(KerasError) in
        guard let json = configuration.value(key), json.object != nil else {
          return try configuration.integer(key).map(RandomSeed.init)
        }
        let object = try SerializedObject(json)
        return RandomSeed(
          try Configuration(object.config, of: object.className).integer("seed"), generator: json)
      },
      writing: { seed, key, config in config[key] = seed.generator ?? JSON(seed.value) })
  }
}
