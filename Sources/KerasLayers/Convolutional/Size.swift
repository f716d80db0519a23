/// A height and a width; a plain number means both: `3`, `[3, 5]`.
public struct Size2D: Hashable, Sendable, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral {
  public let height: Int
  public let width: Int

  public init(_ height: Int, _ width: Int) {
    self.height = height
    self.width = width
  }
  public init(integerLiteral value: Int) { self.init(value, value) }
  public init(arrayLiteral elements: Int...) {
    precondition(elements.count == 2, "a height and a width")
    self.init(elements[0], elements[1])
  }
  package var lengths: [Int] { [height, width] }
}

/// Lengths of the three spatial axes, outermost first; a plain number means all: `3`, `[1, 3, 3]`.
public struct Size3D: Hashable, Sendable, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral {
  public let depth: Int
  public let height: Int
  public let width: Int

  public init(_ depth: Int, _ height: Int, _ width: Int) {
    self.depth = depth
    self.height = height
    self.width = width
  }
  public init(integerLiteral value: Int) { self.init(value, value, value) }
  public init(arrayLiteral elements: Int...) {
    precondition(elements.count == 3, "a depth, a height and a width")
    self.init(elements[0], elements[1], elements[2])
  }
  package var lengths: [Int] { [depth, height, width] }
}
