import KerasGraph

/// What ``TextVectorization`` does to texts before they are split. Raw values are Keras'.
///
/// Letters and punctuation beyond ASCII stay as they are, as in TensorFlow.
public enum TextStandardization: String, Hashable, Sendable, CaseIterable, SettingValue {
  case lowerAndStripPunctuation = "lower_and_strip_punctuation"
  case lower
  case stripPunctuation = "strip_punctuation"

  /// The text in this form.
  public func applied(to text: String) -> String {
    let strips = self != .lower
    let lowers = self != .stripPunctuation
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    for byte in text.utf8 where !(strips && byte.isASCIIPunctuation) {
      bytes.append(lowers && (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// Where ``TextVectorization`` splits texts. Raw values are Keras'.
public enum TextSplitting: String, Hashable, Sendable, CaseIterable, SettingValue {
  /// At ASCII's white space, of which any number counts as one.
  case whitespace
  /// Between Unicode's code points.
  case character

  /// The parts of a text.
  public func parts(of text: String) -> [String] {
    switch self {
    case .whitespace:
      text.utf8.split(whereSeparator: \.isASCIISpace).map { String(Substring($0)) }
    case .character: text.unicodeScalars.map { String($0) }
    }
  }
}

/// Which words that stand together ``TextVectorization`` joins to one, with spaces between them.
public enum NGrams: Hashable, Sendable {
  /// All of 1, 2, … words up to a number.
  case upTo(Int)
  /// Those of these numbers of words, in this order.
  case widths([Int])

  /// In the order in which they follow one another.
  public var widths: [Int] {
    switch self {
    case .upTo(let most): most > 0 ? Array(1...min(most, Self.most)) : []
    case .widths(let widths): widths
    }
  }

  /// More words than this nobody joins; a file may ask for it.
  private static let most = 1 << 16

  /// All n-grams of a text: those of the first width, then those of the next.
  public func joined(_ words: [String]) -> [String] {
    widths.flatMap { width in
      width > words.count
        ? []
        : (0...words.count - width).map { words[$0..<$0 + width].joined(separator: " ") }
    }
  }
}

extension NGrams: SettingValue {
  public static var settingCodec: SettingCodec<NGrams> {
    SettingCodec(
      reading: { (configuration, key, _) throws(KerasError) in
        guard let json = configuration.value(key) else { return nil }
        if json.array == nil, let most = try configuration.integer(key) { return .upTo(most) }
        return try configuration.integers(key).map(NGrams.widths)
      },
      writing: { ngrams, key, config in
        switch ngrams {
        case .upTo(let most): config[key] = .integer(most)
        case .widths(let widths): config[key] = JSON(widths)
        }
      })
  }
}

extension UInt8 {
  fileprivate var isASCIIPunctuation: Bool {
    switch self {
    case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: true
    default: false
    }
  }

  fileprivate var isASCIISpace: Bool { self == 0x20 || (0x09...0x0D).contains(self) }
}
