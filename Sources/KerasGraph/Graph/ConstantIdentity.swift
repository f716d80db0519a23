/// What a constant is, for who keeps something made of it but not the constant: equal identities mean equal numbers in
/// an equal shape, also of constants that are gone.
///
/// A model is lowered anew for each batch size. By this its programs find out that they need the same weights.
package struct ConstantIdentity: Hashable, Sendable {
  private enum Origin: Hashable, Sendable {
    /// Of a small one: a number that a layer writes is another tensor each time.
    case bytes([UInt8])
    case memory(storage: Int, byteOffset: Int)
    indirect case computation(ConstantComputation)
  }
  private static let smallByteCount = 256

  private let origin: Origin
  private var shape: [Int]
  private let dataType: DataType

  init(of tensor: Tensor) {
    origin =
      tensor.byteCount <= Self.smallByteCount
      ? .bytes(tensor.withUnsafeBytes { Array($0) })
      : .memory(storage: tensor.storage.number, byteOffset: tensor.byteOffset)
    (shape, dataType) = (tensor.shape, tensor.dataType)
  }

  init(of computation: ConstantComputation) {
    origin = .computation(computation)
    (shape, dataType) = (computation.shape, computation.dataType)
  }

  /// Whether a pass made it of other constants, in memory of its own.
  package var isComputed: Bool { if case .computation = origin { true } else { false } }

  /// The same elements in another shape.
  package func reshaped(to shape: [Int]) -> ConstantIdentity {
    var other = self
    other.shape = shape
    return other
  }
}

/// How a pass comes from constants to another one.
package struct ConstantComputation: Hashable, Sendable {
  /// Whose code computes: another's may round otherwise.
  private let author: ObjectIdentifier
  private let operation: Operation
  private let inputs: [ConstantIdentity]
  /// Which of the things that the author makes of these.
  private let part: Int
  let shape: [Int]
  let dataType: DataType

  init(
    by author: any Any.Type, _ operation: Operation, on inputs: [ConstantIdentity], part: Int = 0, shape: [Int],
    _ dataType: DataType
  ) {
    self.author = ObjectIdentifier(author)
    self.operation = operation
    self.inputs = inputs
    self.part = part
    self.shape = shape
    self.dataType = dataType
  }
}
