/// A dense array of texts in row-major order.
///
/// Tensors hold numbers; layers that read or write texts (`TextVectorization`, `StringLookup`) take and give these.
///
/// ```swift
/// let words = try StringTensor([["the", "fox"], ["a", "dog"]])
/// ```
public struct StringTensor: Hashable, Sendable {
  public let shape: [Int]
  public let elements: [String]

  /// - Throws: `shapeMismatch` when the number of elements is not the product of `shape`.
  public init(_ elements: [String], shape: [Int]) throws(KerasError) {
    guard checkedElementCount(shape) == elements.count else {
      throw KerasError(.shapeMismatch, "Shape \(Shape(shape)) does not hold \(elements.count) texts.")
    }
    self.shape = shape
    self.elements = elements
  }

  /// A vector.
  public init(_ elements: [String]) {
    shape = [elements.count]
    self.elements = elements
  }

  /// Rows of one length.
  ///
  /// - Throws: `shapeMismatch` when the lengths differ.
  public init(_ rows: [[String]]) throws(KerasError) {
    let length = rows.first?.count ?? 0
    guard rows.allSatisfy({ $0.count == length }) else {
      throw KerasError(.shapeMismatch, "Rows of texts must have one length, found \(rows.map(\.count)).")
    }
    shape = [rows.count, length]
    elements = rows.flatMap { $0 }
  }

  /// A number for each text, in the same shape.
  package func map<Scalar: TensorScalar>(
    _ transform: (String) throws(KerasError) -> Scalar
  ) throws(KerasError) -> Tensor {
    try Tensor(uninitialized: shape, Scalar.self) { (numbers) throws(KerasError) in
      for index in numbers.indices { numbers[index] = try transform(elements[index]) }
    }
  }
}
