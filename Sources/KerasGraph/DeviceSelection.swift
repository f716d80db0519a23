/// Which devices of a kind share the samples of each batch: `.all`, or some by their numbers, as `[0, 2]`.
public enum DeviceSelection: Hashable, Sendable, ExpressibleByArrayLiteral {
  /// All there are.
  case all
  /// Those with these numbers, from 0, each named once.
  case these([Int])

  public init(arrayLiteral numbers: Int...) { self = .these(numbers) }
}
