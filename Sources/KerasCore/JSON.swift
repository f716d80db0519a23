/// A JSON value: what Keras describes models, layers and optimizers with.
///
/// Integers and other numbers are told apart and objects keep the order of their keys, because both show in
/// the files Keras writes. NaN and infinities are allowed, as Python spells them.
///
/// ```swift
/// let config: JSON = ["units": 10, "activation": "softmax", "rate": 0.5]
/// let units = config["units"]?.integer
/// let same = try JSON(parsing: config.text())
/// ```
public enum JSON: Hashable, Sendable {
  case null
  case bool(Bool)
  /// A number without point and exponent that fits 64 bits.
  case integer(Int)
  case number(Double)
  case string(String)
  case array([JSON])
  case object(JSONObject)
}

// MARK: - Looking inside

extension JSON {
  /// The value of `key`; nil when there is none, or when this is not an object.
  public subscript(key: String) -> JSON? { object?[key] }

  /// The element at `index`; nil when there is none, or when this is not an array.
  public subscript(index: Int) -> JSON? {
    guard let array, array.indices.contains(index) else { return nil }
    return array[index]
  }

  public var isNull: Bool { self == .null }

  public var bool: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  /// A number written without point and exponent; 1.0 is none.
  public var integer: Int? {
    if case .integer(let value) = self { value } else { nil }
  }

  /// Any number, integers too.
  public var number: Double? {
    switch self {
    case .number(let value): value
    case .integer(let value): Double(value)
    default: nil
    }
  }

  public var string: String? {
    if case .string(let value) = self { value } else { nil }
  }

  public var array: [JSON]? {
    if case .array(let value) = self { value } else { nil }
  }

  public var object: JSONObject? {
    if case .object(let value) = self { value } else { nil }
  }
}

// MARK: - Literals

/// In lists and dictionaries, nil is null; elsewhere ``null`` says so, because an optional's nil says that there is none.
extension JSON: ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByStringLiteral, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral
{
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(integerLiteral value: Int) { self = .integer(value) }
  public init(floatLiteral value: Double) { self = .number(value) }
  public init(stringLiteral value: String) { self = .string(value) }
  public init(arrayLiteral elements: JSON?...) { self = .array(elements.map { $0 ?? .null }) }
  public init(dictionaryLiteral elements: (String, JSON?)...) {
    self = .object(JSONObject(elements.lazy.map { ($0.0, $0.1 ?? .null) }))
  }
}
