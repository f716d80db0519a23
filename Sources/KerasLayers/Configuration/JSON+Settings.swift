import KerasCore

/// How settings are written into configurations.
extension JSON {
  public init(_ integers: [Int]) { self = .array(integers.map(JSON.integer)) }
  public init(_ numbers: [Double]) { self = .array(numbers.map(JSON.number)) }
  public init(_ integer: Int?) { self = integer.map(JSON.integer) ?? .null }
  public init(_ number: Double?) { self = number.map(JSON.number) ?? .null }
  public init(_ string: String?) { self = string.map(JSON.string) ?? .null }
  public init(_ shape: Shape) { self = .array(shape.map { JSON($0) }) }
  public init(_ regularizer: (any Regularizer)?) { self = regularizer?.json ?? .null }
  public init(_ constraint: (any Constraint)?) { self = constraint?.json ?? .null }
}
