import KerasCore

/// How strong an augmentation is: one number, of which the layer makes a range, or a range.
///
/// ```swift
/// let little = RandomRotation(0.05)            // from −0.05 to 0.05 of a turn
/// let right = RandomRotation(.range(0, 0.25))  // up to a quarter of a turn, one way
/// ```
public struct Factor: Hashable, Sendable {
  /// As files have it.
  let json: JSON

  public static func range(_ low: Double, _ high: Double) -> Factor {
    Factor(json: [Self.written(low), Self.written(high)])
  }

  public static func number(_ number: Double) -> Factor { Factor(json: written(number)) }

  /// Whole numbers stay whole, because Keras computes with them as they are.
  private static func written(_ number: Double) -> JSON {
    Int(exactly: number).map { JSON.integer($0) } ?? .number(number)
  }

  /// The range that is drawn from.
  ///
  /// - Parameters:
  ///   - bounds: what is allowed. One number f means −|f| to |f|, or as much of it as is allowed.
  ///   - name: the setting.
  /// - Throws: `invalidArgument` for numbers out of bounds.
  func range(within bounds: ClosedRange<Double>, _ name: String = "factor") throws(KerasError) -> ClosedRange<
    Double
  > {
    if let number = json.number, bounds.contains(number) {
      return max(-abs(number), bounds.lowerBound)...max(abs(number), bounds.lowerBound)
    }
    if let array = json.array, array.count == 2, let first = array[0].number, let second = array[1].number,
      bounds.contains(first), bounds.contains(second)
    {
      return min(first, second)...max(first, second)
    }
    throw KerasError(
      .invalidArgument,
      "`\(name)` must be a number or two from \(bounds.lowerBound) to \(bounds.upperBound), "
        + "found \(json.excerpt).")
  }

  /// The same, where one number means 0 to it.
  func rangeFromZero(to bound: Double, _ name: String = "factor") throws(KerasError) -> ClosedRange<Double> {
    let range = try range(within: 0...bound, name)
    return json.array == nil ? 0...range.upperBound : range
  }
}

extension Factor: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
  public init(floatLiteral value: Double) { self = .number(value) }
  public init(integerLiteral value: Int) { json = .integer(value) }
}

extension Factor: SettingValue {
  public static var settingCodec: SettingCodec<Factor> {
    SettingCodec(
      reading: { (configuration, key, _) throws(KerasError) in
        guard let json = configuration.value(key) else { return nil }
        let isFactor =
          json.number != nil
          || json.array.map { $0.count == 2 && $0.allSatisfy { $0.number != nil } } ?? false
        guard isFactor else { throw configuration.wrong(key, "a number or two", json) }
        return Factor(json: json)
      },
      writing: { factor, key, config in config[key] = factor.json })
  }
}

/// The numbers that pixels can be: two, the smaller one first.
struct ValueRange: SettingValue, Hashable {
  let json: JSON
  let low: Double
  let high: Double

  init(_ range: ClosedRange<Double>) {
    (low, high) = (range.lowerBound, range.upperBound)
    json = Factor.range(low, high).json
  }

  private init(json: JSON, _ first: Double, _ second: Double) {
    self.json = json
    (low, high) = (min(first, second), max(first, second))
  }

  static var settingCodec: SettingCodec<ValueRange> {
    SettingCodec(
      reading: { (configuration, key, _) throws(KerasError) in
        guard let json = configuration.value(key) else { return nil }
        guard let array = json.array, array.count == 2, let first = array[0].number,
          let second = array[1].number,
          first != second
        else { throw configuration.wrong(key, "two numbers", json) }
        return ValueRange(json: json, first, second)
      },
      writing: { range, key, config in config[key] = range.json })
  }

  func clipped(_ x: RecordedValue) -> RecordedValue { x.clipped(low, high) }

  /// Pixels from 0 to 255, or from 0 to `limit`.
  func scaled(_ x: RecordedValue, to limit: Double = 255) -> RecordedValue {
    low == 0 && high == limit ? x : (x - low) / (high - low) * limit
  }

  /// Back from there.
  func restored(_ x: RecordedValue, from limit: Double = 255) -> RecordedValue {
    low == 0 && high == limit ? x : x / limit * (high - low) + low
  }
}
