import KerasCore

/// A setting as files hold it: declared once, with its key; read and written from there.
///
/// Its default stands in the initializer, where users see it.
///
/// ```swift
/// final class Scale: Layer, @unchecked Sendable {
///   @Setting("factor") private(set) var factor: Double
///
///   init(factor: Double = 2, name: String? = nil) {
///     super.init(name: name)
///     self.factor = factor
///   }
///   override func call(_ x: Value, in context: CallContext) throws(KerasError) -> Value {
///     try context.graph.unary(.linear(scale: Float(factor), offset: 0), x)
///   }
/// }
/// Layers.register("Scale") { settings in Scale(name: settings.name) }
/// ```
///
/// A layer that is made for a file starts with its defaults, and the file's settings replace them.
@propertyWrapper
public final class Setting<Value>: @unchecked Sendable {
  // Changed only as what it belongs to is: by one thread at a time, while it is made.
  private let key: String
  private let codec: SettingCodec<Value>
  private let isRequired: Bool
  private var value: Value?

  /// - Parameter codec: how files hold the value.
  public init(_ key: String, _ codec: SettingCodec<Value>, _ presence: SettingPresence = .optional) {
    self.key = key
    self.codec = codec
    isRequired = presence == .required
  }

  /// For structures of settings, whose memberwise initializers have the defaults.
  public convenience init(
    wrappedValue: Value, _ key: String, _ codec: SettingCodec<Value>, _ presence: SettingPresence = .optional
  ) {
    self.init(key, codec, presence)
    value = wrappedValue
  }

  public var wrappedValue: Value {
    get {
      guard let value else { programmingMistake("The setting `\(key)` is read before it is given a value.") }
      return value
    }
    set { value = newValue }
  }
}

extension Setting where Value: SettingValue {
  public convenience init(_ key: String, _ presence: SettingPresence = .optional) {
    self.init(key, Value.settingCodec, presence)
  }

  public convenience init(wrappedValue: Value, _ key: String) {
    self.init(wrappedValue: wrappedValue, key, Value.settingCodec)
  }
}

/// Whether files must say what a setting is.
public enum SettingPresence: Sendable {
  case optional, required
}

/// Settings that several classes have in common: a structure whose settings count as those of whatever holds it.
protocol SettingGroup: Sendable {
  /// Whether files have them behind the settings of subclasses.
  static var standsLast: Bool { get }
}

extension SettingGroup {
  static var standsLast: Bool { false }
}

// MARK: - Reading and writing all of them

private protocol AnySetting {
  func read(_ configuration: Configuration) throws(KerasError)
  func write(to config: inout JSONObject)
  func check(in className: String) throws(KerasError)
}

extension Setting: AnySetting {
  fileprivate func read(_ configuration: Configuration) throws(KerasError) {
    if let said = try codec.read(configuration, key, value) {
      value = said
    } else if isRequired {
      throw configuration.missing(key)
    }
  }

  fileprivate func write(to config: inout JSONObject) { codec.write(wrappedValue, key, &config) }

  fileprivate func check(in className: String) throws(KerasError) {
    guard let value, let expected = codec.fault(value) else { return }
    var config = JSONObject()
    codec.write(value, key, &config)
    throw KerasError(
      .invalidArgument, "The setting `\(key)` must be \(expected), found \((config[key] ?? .null).excerpt).",
      path: [className])
  }
}

/// The settings of a value, those of its superclasses first.
private func declaredSettings(of holder: Any) -> [any AnySetting] {
  var levels: [Mirror] = []
  var level: Mirror? = Mirror(reflecting: holder)
  while let mirror = level, mirror.subjectType != Layer.self {
    levels.append(mirror)
    level = mirror.superclassMirror
  }
  let children = levels.reversed().flatMap { $0.children.map(\.value) }
  let standsLast = { (child: Any) in (child as? any SettingGroup).map { type(of: $0).standsLast } == true }
  return (children.filter { !standsLast($0) } + children.filter(standsLast)).flatMap {
    child -> [any AnySetting] in
    switch child {
    case let setting as any AnySetting: [setting]
    case let group as any SettingGroup: declaredSettings(of: group)
    default: []
    }
  }
}

extension Configuration {
  /// Replaces the settings of `holder` by those the file has.
  ///
  /// - Throws: `invalidFile` for one that is missing or makes no sense.
  func fill(_ holder: Any) throws(KerasError) {
    for setting in declaredSettings(of: holder) { try setting.read(self) }
  }
}

/// What the settings of `holder` look like in files.
func writtenSettings(of holder: Any) -> JSONObject {
  var config: JSONObject = [:]
  for setting in declaredSettings(of: holder) { setting.write(to: &config) }
  return config
}

extension Serializable {
  /// Whether every setting is what it may be: a program may have said anything.
  ///
  /// - Throws: `invalidArgument` that names class and setting.
  package func checkSettings() throws(KerasError) {
    for setting in declaredSettings(of: self) { try setting.check(in: className) }
  }
}
