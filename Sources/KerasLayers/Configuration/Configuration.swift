import KerasCore

/// Reads an object's settings from a file: names, types and defaults are checked, and what nobody reads is noticed.
///
/// Keys that are missing (as in files of other versions) take the default.
public final class Configuration {
  public let className: String
  public let object: JSONObject
  /// The version of Keras that wrote the file: the same name can mean different numbers.
  public let version: KerasVersion
  private var usedKeys: Set<String> = []

  public init(_ object: JSONObject, of className: String, version: KerasVersion = .current) {
    self.object = object
    self.className = className
    self.version = version
  }

  /// The keys nobody has read.
  package var unusedKeys: [String] { object.keys.filter { !usedKeys.contains($0) } }

  /// Says that keys mean nothing to us: settings of other backends, old names of no consequence.
  public func ignore(_ keys: String...) { ignore(keys) }

  func ignore(_ keys: [String]) { usedKeys.formUnion(keys) }

  /// The value of `key`; nil where it is missing.
  public func json(_ key: String) -> JSON? {
    usedKeys.insert(key)
    return object[key]
  }

  /// The value of `key`; nil where it is missing or null.
  public func value(_ key: String) -> JSON? {
    guard let json = json(key), !json.isNull else { return nil }
    return json
  }

  // MARK: Plain values

  public func integer(_ key: String) throws(KerasError) -> Int? {
    guard let json = value(key) else { return nil }
    guard let integer = json.wholeNumber else { throw wrong(key, "a whole number", json) }
    return integer
  }

  public func integer(_ key: String, default value: Int) throws(KerasError) -> Int {
    try integer(key) ?? value
  }

  public func requiredInteger(_ key: String) throws(KerasError) -> Int {
    guard let integer = try integer(key) else { throw missing(key) }
    return integer
  }

  public func number(_ key: String) throws(KerasError) -> Double? {
    guard let json = value(key) else { return nil }
    if let number = json.number { return number }
    // NumPy scalars: {"class_name": "__numpy__", "config": {"value": 0.5}}, or a list of one.
    if let number = json["config"]?["value"]?.number ?? json["value"]?.number { return number }
    throw wrong(key, "a number", json)
  }

  public func number(_ key: String, default value: Double) throws(KerasError) -> Double {
    try number(key) ?? value
  }

  public func requiredNumber(_ key: String) throws(KerasError) -> Double {
    guard let number = try number(key) else { throw missing(key) }
    return number
  }

  public func boolean(_ key: String) throws(KerasError) -> Bool? {
    guard let json = value(key) else { return nil }
    if let bool = json.bool { return bool }
    guard let integer = json.integer, (0...1).contains(integer) else {
      throw wrong(key, "true or false", json)
    }
    return integer == 1
  }

  public func boolean(_ key: String, default standard: Bool) throws(KerasError) -> Bool {
    try boolean(key) ?? standard
  }

  public func string(_ key: String) throws(KerasError) -> String? {
    guard let json = value(key) else { return nil }
    guard let string = json.string else { throw wrong(key, "a text", json) }
    return string
  }

  public func string(_ key: String, default value: String) throws(KerasError) -> String {
    try string(key) ?? value
  }

  /// One of an enumeration's raw values.
  public func choice<Choice: RawRepresentable & CaseIterable>(
    _ key: String
  ) throws(KerasError) -> Choice? where Choice.RawValue == String {
    guard let text = try string(key) else { return nil }
    guard let choice = Choice(rawValue: text) else {
      let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
      throw wrong(key, "one of \(names)", .string(text))
    }
    return choice
  }

  public func choice<Choice: RawRepresentable & CaseIterable>(
    _ key: String, default standard: Choice
  ) throws(KerasError) -> Choice where Choice.RawValue == String {
    try choice(key) ?? standard
  }

  // MARK: Lists

  /// A list of whole numbers; one alone is a list of one.
  public func integers(_ key: String) throws(KerasError) -> [Int]? {
    try list(key, of: "whole numbers", \.wholeNumber)
  }

  /// A list of numbers; one alone is a list of one.
  public func numbers(_ key: String) throws(KerasError) -> [Double]? {
    try list(key, of: "numbers", \.number)
  }

  private func list<Element>(
    _ key: String, of elements: String, _ element: (JSON) -> Element?
  ) throws(KerasError) -> [Element]? {
    guard let json = value(key) else { return nil }
    let all = json.array ?? [json]
    let list = all.compactMap(element)
    guard list.count == all.count else { throw wrong(key, "a list of \(elements)", json) }
    return list
  }

  /// One length for each of `rank` axes; one alone is meant for all.
  public func lengths(_ key: String, rank: Int, default standard: Int? = nil) throws(KerasError) -> [Int] {
    guard let integers = try integers(key) else {
      guard let standard else { throw missing(key) }
      return [Int](repeating: standard, count: rank)
    }
    if integers.count == 1 { return [Int](repeating: integers[0], count: rank) }
    guard integers.count == rank else { throw wrong(key, "\(rank) whole numbers", value(key) ?? .null) }
    return integers
  }

  /// A shape whose unknown lengths are null.
  public func shape(_ key: String) throws(KerasError) -> Shape? {
    guard let json = value(key) else { return nil }
    guard let array = json.array else {
      if let length = json.integer { return Shape([length]) }
      throw wrong(key, "a shape", json)
    }
    var lengths: [Int?] = []
    for element in array {
      guard element.isNull || element.integer.map({ $0 >= 0 }) == true else {
        throw wrong(key, "a shape", json)
      }
      lengths.append(element.integer)
    }
    return Shape(lengths)
  }

  // MARK: Errors

  public func missing(_ key: String) -> KerasError {
    KerasError(
      .invalidFile, "The setting `\(key)` is missing.", path: [className],
      remedy: "give all that Keras' get_config() returns.")
  }

  public func wrong(_ key: String, _ expected: String, _ found: JSON) -> KerasError {
    KerasError(
      .invalidFile, "The setting `\(key)` must be \(expected), found \(found.excerpt).", path: [className])
  }
}

extension JSON {
  /// Some writers store whole numbers as 3.0.
  var wholeNumber: Int? { integer ?? number.flatMap(Int.init(exactly:)) }
}
