import Synchronization

/// A dense array of numbers in row-major order, immutable once made.
///
/// Copies share storage, and so do ``reshaped(to:)`` and ``rows(_:)``; a tensor may also be a view
/// of a mapped file. Image batches are `[batch, height, width, channels]`.
///
/// ```swift
/// let x = Tensor([[1.0, 2], [3, 4]])
/// let y: [Float] = x.scalars()
/// ```
public struct Tensor: Sendable {
  /// The lengths of the axes, outermost first; empty for a scalar.
  public let shape: [Int]
  public let dataType: DataType

  @usableFromInline package let storage: TensorStorage
  /// Where this view starts in the storage, in bytes.
  @usableFromInline package let byteOffset: Int

  @usableFromInline
  package init(shape: [Int], dataType: DataType, storage: TensorStorage, byteOffset: Int = 0) {
    self.shape = shape
    self.dataType = dataType
    self.storage = storage
    self.byteOffset = byteOffset
  }

  /// The number of axes.
  @inlinable public var rank: Int { shape.count }
  @inlinable public var elementCount: Int { elementCountOf(shape) }
  @inlinable public var byteCount: Int { elementCount * dataType.byteCount }
  public var spec: TensorSpec { TensorSpec(shape, dataType) }
}

// MARK: - Making tensors

extension Tensor {
  // Literals come first (TensorLiteral.swift): without the mark, Swift would take `[0.5]` for `[Double]`.

  /// A tensor with the given elements in row-major order, of the array's element type.
  ///
  /// - Parameter dataType: another type to convert them to.
  /// - Throws: `shapeMismatch` when the number of elements is not the product of `shape`.
  @_disfavoredOverload
  public init<Scalar: TensorScalar>(
    _ scalars: [Scalar], shape: [Int], dataType: DataType = Scalar.dataType
  ) throws(KerasError) {
    try Self.check(shape, holds: scalars.count)
    self = Tensor(uninitialized: shape, Scalar.self) { buffer in
      _ = buffer.update(fromContentsOf: scalars)
    }.converted(to: dataType)
  }

  /// A vector.
  @_disfavoredOverload
  public init<Scalar: TensorScalar>(_ scalars: [Scalar], dataType: DataType = Scalar.dataType) {
    self = Tensor(uninitialized: [scalars.count], Scalar.self) { buffer in
      _ = buffer.update(fromContentsOf: scalars)
    }.converted(to: dataType)
  }

  /// A matrix of rows.
  ///
  /// - Throws: `shapeMismatch` for rows of different lengths.
  @_disfavoredOverload
  public init<Scalar: TensorScalar>(
    _ rows: [[Scalar]], dataType: DataType = Scalar.dataType
  ) throws(KerasError) {
    let length = rows.first?.count ?? 0
    if let other = rows.firstIndex(where: { $0.count != length }) {
      throw KerasError(
        .shapeMismatch, "Row 0 has \(length) elements and row \(other) has \(rows[other].count).",
        remedy: "fill up the shorter rows.")
    }
    try self.init(rows.flatMap { $0 }, shape: [rows.count, length], dataType: dataType)
  }

  /// A scalar.
  @_disfavoredOverload
  public init<Scalar: TensorScalar>(scalar: Scalar) {
    self.init(uninitialized: [], Scalar.self) { $0[0] = scalar }
  }

  /// A tensor whose every element is `value`.
  ///
  /// - Precondition: no length is negative.
  @_disfavoredOverload
  public init<Scalar: TensorScalar>(repeating value: Scalar, shape: [Int]) {
    self.init(uninitialized: shape, Scalar.self) { $0.update(repeating: value) }
  }

  static func check(_ shape: [Int], holds count: Int) throws(KerasError) {
    guard checkedElementCount(shape) == count else {
      throw KerasError(
        .shapeMismatch, "Shape \(shape) does not hold \(count) elements.",
        remedy: "pass exactly the product of the shape's lengths.")
    }
  }

  /// A tensor of zeros.
  ///
  /// - Precondition: no length is negative.
  public init(zeros shape: [Int], _ dataType: DataType = .float32) {
    self.init(uninitialized: shape, dataType) { bytes in
      bytes.initializeMemory(as: UInt8.self, repeating: 0)
    }
  }

  /// Allocates memory (aligned to 64 bytes) and lets `body` fill all of it.
  public init<Scalar: TensorScalar, Failure: Error>(
    uninitialized shape: [Int], _ type: Scalar.Type,
    _ body: (UnsafeMutableBufferPointer<Scalar>) throws(Failure) -> Void
  ) throws(Failure) {
    try self.init(uninitialized: shape, Scalar.dataType) { (bytes) throws(Failure) in
      try body(bytes.bindMemory(to: Scalar.self))
    }
  }

  /// Allocates memory (aligned to 64 bytes) and lets `body` fill all of it.
  public init<Failure: Error>(
    uninitialized shape: [Int], _ dataType: DataType,
    _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
  ) throws(Failure) {
    guard let byteCount = checkedElementCount(shape + [dataType.byteCount]) else {
      programmingMistake("A tensor's lengths are not negative and fit into memory, found \(shape).")
    }
    let storage = TensorStorage(byteCount: byteCount)
    try body(storage.bytes)
    self.init(shape: shape, dataType: dataType, storage: storage)
  }

  /// A view of memory that `owner` keeps alive and that nobody writes, such as a mapped file.
  ///
  /// `bytes` must hold exactly the elements and be aligned for them.
  public init(viewing bytes: UnsafeRawBufferPointer, shape: [Int], _ dataType: DataType, owner: AnyObject) {
    precondition(bytes.count == elementCountOf(shape) * dataType.byteCount, "a view of another size")
    self.init(
      shape: shape, dataType: dataType,
      storage: TensorStorage(borrowing: UnsafeMutableRawBufferPointer(mutating: bytes), owner: owner))
  }
}

/// The product of `lengths`, or nil when one is negative or the product overflows.
package func checkedElementCount(_ lengths: [Int]) -> Int? {
  var count = 1
  for length in lengths {
    let (product, overflow) = count.multipliedReportingOverflow(by: length)
    guard length >= 0, !overflow else { return nil }
    count = product
  }
  return count
}

// MARK: - Reading tensors

extension Tensor {
  @inlinable
  public func withUnsafeBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let end = byteOffset + byteCount
    defer { withExtendedLifetime(storage) {} }
    return try body(UnsafeRawBufferPointer(rebasing: storage.bytes[byteOffset..<end]))
  }

  /// The elements in row-major order.
  ///
  /// - Precondition: `Scalar` is the tensor's own element type; ``scalars(as:)`` converts.
  @inlinable
  public func withUnsafeScalars<Scalar: TensorScalar, Result, Failure: Error>(
    of type: Scalar.Type = Scalar.self,
    _ body: (UnsafeBufferPointer<Scalar>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    if Scalar.dataType != dataType {
      programmingMistake(
        "A \(dataType) tensor was read as \(Scalar.dataType): read it as its own type, or use scalars(as:), which "
          + "converts.")
    }
    return try withUnsafeBytes { (bytes) throws(Failure) in
      try body(bytes.bindMemory(to: Scalar.self))
    }
  }

  /// The elements in row-major order, converted to `Scalar` (which may be any numeric type).
  public func scalars<Scalar: TensorScalar>(as type: Scalar.Type = Scalar.self) -> [Scalar] {
    let converted = converted(to: Scalar.dataType)
    return converted.withUnsafeScalars { Array($0) }
  }

  /// The same elements in another shape of the same size, of which one length may be -1; storage is shared.
  ///
  /// - Throws: `shapeMismatch` when the sizes differ.
  public func reshaped(to lengths: [Int]) throws(KerasError) -> Tensor {
    var shape = lengths
    if let open = shape.firstIndex(of: -1) {
      shape[open] = 1
      if let rest = checkedElementCount(shape), rest > 0 { shape[open] = elementCount / rest }
    }
    guard checkedElementCount(shape) == elementCount else {
      throw KerasError(.shapeMismatch, "Shape \(self.shape) cannot become \(lengths): the sizes differ.")
    }
    return Tensor(shape: shape, dataType: dataType, storage: storage, byteOffset: byteOffset)
  }

  /// The rows `range` along the first axis; storage is shared.
  ///
  /// - Throws: `invalidArgument` for a scalar or a range outside the first axis.
  public func rows(_ range: Range<Int>) throws(KerasError) -> Tensor {
    guard let count = shape.first, range.lowerBound >= 0, range.upperBound <= count else {
      throw KerasError(.invalidArgument, "Rows \(range) are not all in a tensor of shape \(shape).")
    }
    let rest = Array(shape.dropFirst())
    let rowBytes = elementCountOf(rest) * dataType.byteCount
    return Tensor(
      shape: [range.count] + rest, dataType: dataType, storage: storage,
      byteOffset: byteOffset + range.lowerBound * rowBytes)
  }

  /// Whether two tensors are the very same memory and shape.
  public func isIdentical(to other: Tensor) -> Bool {
    storage === other.storage && byteOffset == other.byteOffset && shape == other.shape
      && dataType == other.dataType
  }
}

/// The bytes of a tensor, or of several that are views of it.
@usableFromInline
package final class TensorStorage: @unchecked Sendable {
  // Sendable by rule, not by type: bytes are written only while a tensor is being made.
  @usableFromInline let bytes: UnsafeMutableRawBufferPointer
  /// No other storage of this process has had it or will, so it may be remembered longer than the storage lives.
  package let number = TensorStorage.numbers.add(1, ordering: .relaxed).newValue
  private let owner: AnyObject?
  private static let numbers = Atomic<Int>(0)

  @usableFromInline
  init(byteCount: Int) {
    bytes = .allocate(byteCount: byteCount, alignment: 64)
    owner = nil
  }

  init(borrowing bytes: UnsafeMutableRawBufferPointer, owner: AnyObject) {
    self.bytes = bytes
    self.owner = owner
  }

  deinit {
    if owner == nil { bytes.deallocate() }
  }
}
