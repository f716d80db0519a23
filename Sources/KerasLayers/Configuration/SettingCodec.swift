import KerasCore

/// How files hold the values of a ``Setting``.
public struct SettingCodec<Value>: Sendable {
  /// What the file says under a key, given the value so far; nil where it says nothing, or null.
  let read: @Sendable (Configuration, _ key: String, _ current: Value?) throws(KerasError) -> Value?
  let write: @Sendable (Value, _ key: String, _ config: inout JSONObject) -> Void
  /// What a value must be and is not; nil where it is right.
  let fault: @Sendable (Value) -> String?

  /// A value that is spread over several keys, or that needs more than one method to be read.
  ///
  /// - Parameter read: gets the value so far; nil where the file says nothing.
  public init(
    reading read: @escaping @Sendable (Configuration, String, Value?) throws(KerasError) -> Value?,
    writing write: @escaping @Sendable (Value, String, inout JSONObject) -> Void
  ) {
    self.init(reading: read, writing: write) { _ in nil }
  }

  private init(
    reading read: @escaping @Sendable (Configuration, String, Value?) throws(KerasError) -> Value?,
    writing write: @escaping @Sendable (Value, String, inout JSONObject) -> Void,
    faulting fault: @escaping @Sendable (Value) -> String?
  ) {
    self.read = read
    self.write = write
    self.fault = fault
  }

  /// A value under one key.
  ///
  /// - Parameters:
  ///   - read: a method such as `Configuration.integer(_:)`.
  ///   - json: the value as it is written.
  public init(
    _ read: @escaping @Sendable (Configuration) -> (String) throws(KerasError) -> Value?,
    _ json: @escaping @Sendable (Value) -> JSON
  ) {
    self.init(
      reading: { (configuration, key, _) throws(KerasError) in try read(configuration)(key) },
      writing: { value, key, config in config[key] = json(value) })
  }
}

/// A type that files hold in one way.
public protocol SettingValue: Sendable {
  static var settingCodec: SettingCodec<Self> { get }
}

extension Int: SettingValue {
  public static var settingCodec: SettingCodec<Int> {
    SettingCodec(Configuration.integer(_:), JSON.integer)
  }
}

extension Double: SettingValue {
  public static var settingCodec: SettingCodec<Double> {
    SettingCodec(Configuration.number(_:), JSON.number)
  }
}

extension Bool: SettingValue {
  public static var settingCodec: SettingCodec<Bool> {
    SettingCodec(Configuration.boolean(_:), JSON.bool)
  }
}

extension String: SettingValue {
  public static var settingCodec: SettingCodec<String> {
    SettingCodec(Configuration.string(_:), JSON.string)
  }
}

extension [Int]: SettingValue {
  public static var settingCodec: SettingCodec<[Int]> {
    SettingCodec(Configuration.integers(_:)) { JSON($0) }
  }
}

/// As a file has it.
extension JSON: SettingValue {
  public static var settingCodec: SettingCodec<JSON> { SettingCodec(Configuration.json(_:)) { $0 } }
}

extension Shape: SettingValue {
  public static var settingCodec: SettingCodec<Shape> {
    SettingCodec(Configuration.shape(_:)) { JSON($0) }
  }
}

/// An enumeration whose raw values are Keras' words.
extension SettingValue where Self: RawRepresentable & CaseIterable, RawValue == String {
  public static var settingCodec: SettingCodec<Self> {
    SettingCodec(Configuration.choice(_:)) { .string($0.rawValue) }
  }
}

/// nil is null.
extension Optional: SettingValue where Wrapped: SettingValue {
  public static var settingCodec: SettingCodec<Wrapped?> {
    let codec = Wrapped.settingCodec
    return SettingCodec(
      reading: { (configuration, key, current) throws(KerasError) in
        if let json = configuration.json(key), json.isNull { return .some(nil) }
        // Written out, because nil here is one more setting, and not that nothing is said.
        guard let said = try codec.read(configuration, key, current ?? nil) else { return .none }
        return .some(.some(said))
      },
      writing: { value, key, config in
        if let value { codec.write(value, key, &config) } else { config[key] = JSON.null }
      })
  }
}

extension SettingCodec {
  /// The same, where files may say only what `isRight` accepts. What a program says is checked where
  /// ``Serializable/checkSettings()`` is called.
  public func requiring(_ expected: String, _ isRight: @escaping @Sendable (Value) -> Bool) -> SettingCodec {
    SettingCodec(
      reading: { [read] (configuration, key, current) throws(KerasError) in
        let said = try read(configuration, key, current)
        if let said, !isRight(said) {
          throw configuration.wrong(key, expected, configuration.json(key) ?? .null)
        }
        return said
      },
      writing: write, faulting: { [fault] value in isRight(value) ? fault(value) : expected })
  }

  /// The same, not written where it says nothing new: for settings that some versions of Keras do not know.
  public func omitting(_ isSilent: @escaping @Sendable (Value) -> Bool) -> SettingCodec {
    SettingCodec(
      reading: read,
      writing: { [write] value, key, config in if !isSilent(value) { write(value, key, &config) } },
      faulting: fault)
  }
}

extension SettingCodec where Value == [Int] {
  /// One length for each spatial axis, as many as there are; one alone is meant for all.
  static var lengths: SettingCodec<[Int]> {
    SettingCodec(
      reading: { (configuration, key, current) throws(KerasError) in
        guard configuration.value(key) != nil else { return nil }
        return try configuration.lengths(key, rank: current?.count ?? 1)
      },
      writing: { lengths, key, config in config[key] = JSON(lengths) })
  }
}

extension SettingCodec where Value == [Int]? {
  /// One length for each of `rank` axes, or null.
  static func lengths(rank: Int) -> SettingCodec<[Int]?> {
    SettingCodec(
      reading: { (configuration, key, _) throws(KerasError) in
        configuration.value(key) == nil ? nil : try configuration.lengths(key, rank: rank)
      },
      writing: { lengths, key, config in config[key] = JSON(lengths) })
  }
}

extension SettingCodec where Value == [Double]? {
  static var numbers: SettingCodec<[Double]?> {
    SettingCodec(
      reading: { (configuration, key, _) throws(KerasError) in try configuration.numbers(key) },
      writing: { numbers, key, config in config[key] = JSON(numbers) })
  }
}

extension SettingCodec where Value == any Initializer {
  public static var initializer: SettingCodec<any Initializer> {
    SettingCodec(Configuration.initializer(_:)) { $0.json }
  }
}

extension SettingCodec where Value == (any Regularizer)? {
  public static var regularizer: SettingCodec<(any Regularizer)?> {
    SettingCodec({ settings in { (key) throws(KerasError) in try settings.regularizer(key) } }) { JSON($0) }
  }
}

extension SettingCodec where Value == (any Constraint)? {
  public static var constraint: SettingCodec<(any Constraint)?> {
    SettingCodec({ settings in { (key) throws(KerasError) in try settings.constraint(key) } }) { JSON($0) }
  }
}
