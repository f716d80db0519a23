import KerasCore

/// A token that can stand in a file: in settings, or one a line.
public protocol VocabularyToken: Hashable, Comparable, SettingValue {
  /// Its element type, where Keras writes one.
  static var dataType: String? { get }
  /// Whether several numbers for unknown tokens are shared by a hash alone.
  static var isAlwaysHashed: Bool { get }
  /// What a list of them is called in errors.
  static var listName: String { get }
  init?(_ json: JSON)
  var json: JSON { get }
  var line: String { get }
  /// nil for a line that is no such token.
  init?(line: String)
}

extension VocabularyToken {
  static func json(_ tokens: [Self]) -> JSON { .array(tokens.map(\.json)) }

  /// A path is not followed: files open no other files.
  static var listCodec: SettingCodec<[Self]?> {
    SettingCodec(
      reading: { (configuration, key, _) throws(KerasError) in
        guard let json = configuration.value(key) else { return nil }
        let tokens = json.array?.compactMap { Self($0) }
        guard let tokens, tokens.count == json.array?.count else {
          throw configuration.wrong(key, listName, json)
        }
        return tokens
      },
      writing: { tokens, key, config in config[key] = tokens.map(json) ?? .null })
  }
}

extension Int64: VocabularyToken {
  public static var dataType: String? { "int64" }
  public static var isAlwaysHashed: Bool { false }
  public static var listName: String { "a list of whole numbers" }
  public static var settingCodec: SettingCodec<Int64> {
    SettingCodec(
      reading: { (configuration, key, _) throws(KerasError) in
        try configuration.integer(key).map { Int64($0) }
      },
      writing: { token, key, config in config[key] = token.json })
  }

  public init?(_ json: JSON) {
    guard let integer = json.wholeNumber else { return nil }
    self.init(integer)
  }
  public var json: JSON { .integer(Int(self)) }
  public var line: String { String(self) }
  public init?(line: String) { self.init(line) }
}

extension ExactText: VocabularyToken {
  public static var dataType: String? { nil }
  public static var isAlwaysHashed: Bool { true }
  public static var listName: String { "a list of texts" }
  public static var settingCodec: SettingCodec<ExactText> {
    SettingCodec(
      reading: { (configuration, key, _) throws(KerasError) in
        try configuration.string(key).map(ExactText.init)
      },
      writing: { token, key, config in config[key] = token.json })
  }

  public init?(_ json: JSON) {
    guard let text = json.string else { return nil }
    self.init(text)
  }
  public var json: JSON { .string(text) }
  public var line: String { text }
  public init?(line: String) { self.init(line) }
}

extension SettingCodec where Value == String? {
  /// Written where there is one, and never read.
  static var writtenAlone: SettingCodec<String?> {
    SettingCodec(
      reading: { _, _, _ in nil }, writing: { text, key, config in config[key] = text.map(JSON.string) })
  }
}
