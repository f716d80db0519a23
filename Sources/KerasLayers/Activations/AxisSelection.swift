import KerasCore

/// One axis, several, or all of them, as settings name them. Negative ones count from the back.
public enum AxisSelection: Hashable, Sendable {
  case one(Int)
  case several([Int])
  case all

  public var json: JSON {
    switch self {
    case .one(let axis): .integer(axis)
    case .several(let axes): .array(axes.map(JSON.integer))
    case .all: .null
    }
  }

  /// Counted from the front, ascending.
  ///
  /// - Throws: `invalidArgument` for an axis that is not there or is named twice.
  func resolved(rank: Int) throws(KerasError) -> [Int] {
    switch self {
    case .one(let axis): return [try resolvedAxis(axis, rank: rank)]
    case .all: return Array(0..<rank)
    case .several(let axes):
      var resolved: [Int] = []
      for axis in axes { resolved.append(try resolvedAxis(axis, rank: rank)) }
      try require(Set(resolved).count == resolved.count, "Axes \(axes) name one axis twice.")
      return resolved.sorted()
    }
  }

  /// In the order in which weights have lengths along them: sorted as they were named, negative axes first, or not
  /// (``KerasVersion/sortsAxes``).
  ///
  /// - Throws: as ``resolved(rank:)``.
  func storedOrder(rank: Int, isSorted: Bool) throws(KerasError) -> [Int] {
    let ascending = try resolved(rank: rank)
    guard case .several(let axes) = self else { return ascending }
    let named = isSorted ? axes.sorted() : axes
    return try named.map { (axis) throws(KerasError) in try resolvedAxis(axis, rank: rank) }
  }
}

extension AxisSelection: ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral {
  public init(integerLiteral axis: Int) { self = .one(axis) }
  public init(arrayLiteral axes: Int...) { self = .several(axes) }
}

/// Null is ``all``.
extension AxisSelection: SettingValue {
  public static var settingCodec: SettingCodec<AxisSelection> {
    SettingCodec(Configuration.axes(_:), \.json)
  }
}

extension Configuration {
  /// An axis or a list of them; null is ``AxisSelection/all``, nil where there is none.
  public func axes(_ key: String) throws(KerasError) -> AxisSelection? {
    guard let json = json(key) else { return nil }
    if json.isNull { return .all }
    let list = try integers(key) ?? []
    return json.array == nil && list.count == 1 ? .one(list[0]) : .several(list)
  }

  public func axes(_ key: String, default standard: AxisSelection) throws(KerasError) -> AxisSelection {
    try axes(key) ?? standard
  }
}
