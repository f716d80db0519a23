/// One length for each spatial axis: a plain number for sequences, ``Size2D`` for images, ``Size3D`` for volumes.
///
/// Layers of one family are one class that is generic in it: ``Conv2D`` is `Convolution<Size2D>`.
public protocol SpatialSize: Hashable, Sendable, ExpressibleByIntegerLiteral
where IntegerLiteralType == Int {
  static func lengths(of size: Self) -> [Int]
}

extension SpatialSize {
  package var lengths: [Int] { Self.lengths(of: self) }
  /// The number of spatial axes.
  static var rank: Int { lengths(of: 1).count }
}

extension Int: SpatialSize {
  public static func lengths(of size: Int) -> [Int] { [size] }
}

/// A height and a width; a plain number means both: `3`, `[3, 5]`.
///
/// - Precondition: a list has two numbers.
public struct Size2D: SpatialSize, ExpressibleByArrayLiteral {
  public let height: Int
  public let width: Int

  public init(_ height: Int, _ width: Int) {
    self.height = height
    self.width = width
  }
  public init(integerLiteral value: Int) { self.init(value, value) }
  public init(arrayLiteral elements: Int...) {
    if elements.count != 2 {
      programmingMistake("A size of images is one number, or a height and a width, found \(elements).")
    }
    self.init(elements[0], elements[1])
  }
  public static func lengths(of size: Size2D) -> [Int] { [size.height, size.width] }
}

/// Lengths of the three spatial axes, outermost first; a plain number means all: `3`, `[1, 3, 3]`.
///
/// - Precondition: a list has three numbers.
public struct Size3D: SpatialSize, ExpressibleByArrayLiteral {
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
    if elements.count != 3 {
      programmingMistake("A size of volumes is one number, or a depth, a height and a width, found \(elements).")
    }
    self.init(elements[0], elements[1], elements[2])
  }
  public static func lengths(of size: Size3D) -> [Int] { [size.depth, size.height, size.width] }
}
