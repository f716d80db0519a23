/// The lengths of a tensor's axes, some of which may be unknown until data arrives.
///
/// An unknown axis is `nil` and prints as Keras prints it: `(None, 224, 224, 3)`.
public struct Shape: Hashable, Sendable {
  public var dimensions: [Int?]

  @inlinable public init(_ dimensions: [Int?]) { self.dimensions = dimensions }
  @inlinable public init(_ dimensions: [Int]) { self.dimensions = dimensions }

  /// The number of axes.
  @inlinable public var rank: Int { dimensions.count }

  /// The lengths when all are known.
  public var known: [Int]? {
    var lengths: [Int] = []
    for dimension in dimensions {
      guard let dimension else { return nil }
      lengths.append(dimension)
    }
    return lengths
  }

  /// The product of all lengths; nil when one is unknown or the product is too large for an Int.
  public var elementCount: Int? { known.flatMap(checkedElementCount) }

  /// Whether a tensor of `lengths` may stand where this shape is expected.
  public func accepts(_ lengths: [Int]) -> Bool {
    lengths.count == rank && zip(dimensions, lengths).allSatisfy { $0 == nil || $0 == $1 }
  }
}

extension Shape: ExpressibleByArrayLiteral {
  public init(arrayLiteral elements: Int?...) { self.init(elements) }
}

extension Shape: RandomAccessCollection, MutableCollection {
  public var startIndex: Int { 0 }
  public var endIndex: Int { dimensions.count }
  public subscript(axis: Int) -> Int? {
    get { dimensions[axis] }
    set { dimensions[axis] = newValue }
  }
}

extension Shape: CustomStringConvertible {
  /// A Python tuple, as Keras prints shapes: `(None, 7, 7, 512)`, `(3,)`, `()`.
  public var description: String {
    let lengths = dimensions.map { $0.map(String.init) ?? "None" }
    return lengths.count == 1 ? "(\(lengths[0]),)" : "(" + lengths.joined(separator: ", ") + ")"
  }
}

/// The product of `lengths`; 1 for a scalar.
@usableFromInline package func elementCountOf(_ lengths: [Int]) -> Int {
  lengths.reduce(1, *)
}

/// The shape and element type of a tensor that need not exist yet.
public struct TensorSpec: Hashable, Sendable {
  public var shape: Shape
  public var dataType: DataType

  public init(_ shape: Shape, _ dataType: DataType = .float32) {
    self.shape = shape
    self.dataType = dataType
  }

  public init(_ lengths: [Int], _ dataType: DataType = .float32) {
    self.init(Shape(lengths), dataType)
  }
}

extension TensorSpec: CustomStringConvertible {
  public var description: String { "\(dataType)\(shape)" }
}
