import KerasModels

/// Changes a few places of an architecture: other numbers, other types, missing and doubled keys, layers wired in
/// circles, parts in the wrong place.
struct ArchitectureMutator {
  private let random = CounterRandom(seed: 0)
  private let seed: UInt64
  private var counter: UInt64 = 0

  init(seed: UInt64) { self.seed = seed }

  private mutating func next(below limit: Int) -> Int {
    counter += 1
    return Int(random.bits(stream: seed, at: counter) % UInt64(max(limit, 1)))
  }

  private mutating func choice<Element>(_ elements: [Element]) -> Element {
    elements[next(below: elements.count)]
  }

  mutating func changed(_ whole: JSON) -> JSON {
    var json = whole
    var parts: [JSON] = []
    Self.collect(json, into: &parts)
    for _ in 0...next(below: 3) {
      let change = change(among: parts)
      var position = next(below: parts.count)
      json = Self.replaced(json, &position, change) ?? .null
    }
    return json
  }

  private static let numbers: [JSON] = [
    .integer(-1), .integer(0), .integer(1), .integer(2), .integer(7), .integer(1 << 20), .integer(1 << 31),
    .integer(1 << 40), .integer(.max), .integer(.min), .number(.nan), .number(.infinity), .number(1e308),
    .number(-1e308), .number(0.5),
  ]
  private static let others: [JSON] = [
    .null, .bool(true), .bool(false), [], [:], "", "x", "../../x", "same", "float16", "int32",
    "channels_first",
    [[]], [0], [-1], [1, 1], [3, 3], [nil, nil], [0, 0, 0], [nil],
    .string(String(repeating: "y", count: 300)),
  ]

  /// What becomes of one part; nil drops it.
  private mutating func change(among parts: [JSON]) -> (JSON) -> JSON? {
    let (number, other, part) = (choice(Self.numbers), choice(Self.others), choice(parts))
    let className = JSON.string(choice(Layers.registry.names))
    switch next(below: 6) {
    case 0, 1:
      return { $0.number != nil ? number : $0.array.map { .array($0.map { _ in number }) } ?? number }
    case 2: return { _ in other }
    case 3: return { _ in nil }
    case 4: return { $0.string != nil ? className : part }
    default: return { _ in part }
    }
  }

  private static func collect(_ json: JSON, into parts: inout [JSON]) {
    parts.append(json)
    for element in json.array ?? [] { collect(element, into: &parts) }
    for (_, element) in json.object ?? [:] { collect(element, into: &parts) }
  }

  /// The same with the part number `position` (counted from the root, each before what it holds) changed.
  private static func replaced(_ json: JSON, _ position: inout Int, _ change: (JSON) -> JSON?) -> JSON? {
    if position == 0 {
      position = -1
      return change(json)
    }
    position -= 1
    if let array = json.array {
      return .array(
        array.compactMap { element -> JSON? in
          position < 0 ? element : replaced(element, &position, change)
        })
    }
    if let object = json.object {
      var result = JSONObject()
      for (key, element) in object {
        let changed: JSON? = position < 0 ? element : replaced(element, &position, change)
        if let changed { result[key] = changed }
      }
      return .object(result)
    }
    return json
  }

}
