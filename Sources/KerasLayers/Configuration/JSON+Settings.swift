import KerasCore

/// How settings are written into configurations; nil is null.
extension JSON {
  public init(_ integers: [Int]?) { self = integers.map { .array($0.map(JSON.integer)) } ?? .null }
  public init(_ numbers: [Double]?) { self = numbers.map { .array($0.map(JSON.number)) } ?? .null }
  public init(_ integer: Int?) { self = integer.map(JSON.integer) ?? .null }
  public init(_ number: Double?) { self = number.map(JSON.number) ?? .null }
  public init(_ string: String?) { self = string.map(JSON.string) ?? .null }
  public init(_ shape: Shape?) { self = shape.map { .array($0.map { JSON($0) }) } ?? .null }
  public init(_ regularizer: (any Regularizer)?) { self = regularizer?.json ?? .null }
  public init(_ constraint: (any Constraint)?) { self = constraint?.json ?? .null }
}
