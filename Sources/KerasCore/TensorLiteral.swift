/// Numbers written in the source, lists of them, lists of lists …: what `Tensor([[1, 2], [3, 4]])` is given.
///
/// As in Keras, whole numbers alone are `int32` (`int64` where one needs it), truth values alone are `bool`, and
/// everything else is `float32`; Swift's own habit of taking `0.5` for a `Double` does not count.
public struct TensorLiteral: Sendable {
  fileprivate enum Number: Hashable, Sendable {
    case truth(Bool)
    case whole(Int)
    case real(Double)
  }
  /// nil where lists of different lengths stand side by side.
  fileprivate let shape: [Int]?
  fileprivate let numbers: [Number]

  fileprivate init(shape: [Int]?, numbers: [Number]) {
    self.shape = shape
    self.numbers = numbers
  }

  fileprivate var naturalType: DataType {
    var (isTruth, isWhole, isSmall) = (!numbers.isEmpty, !numbers.isEmpty, true)
    for number in numbers {
      switch number {
      case .truth: isWhole = false
      case .whole(let whole):
        isTruth = false
        isSmall = isSmall && Int32(exactly: whole) != nil
      case .real: (isTruth, isWhole) = (false, false)
      }
    }
    return isTruth ? .bool : isWhole ? (isSmall ? .int32 : .int64) : .float32
  }

  fileprivate func tensor(shape: [Int], _ dataType: DataType?) -> Tensor {
    let type = dataType ?? naturalType
    if type == .int64 {
      return Tensor(uninitialized: shape, Int64.self) { elements in
        for (position, number) in numbers.enumerated() { elements[position] = number.whole }
      }
    }
    return Tensor(uninitialized: shape, Double.self) { elements in
      for (position, number) in numbers.enumerated() { elements[position] = number.real }
    }.converted(to: type)
  }
}

extension TensorLiteral.Number {
  fileprivate var real: Double {
    switch self {
    case .truth(let truth): truth ? 1 : 0
    case .whole(let whole): Double(whole)
    case .real(let real): real
    }
  }

  fileprivate var whole: Int64 {
    switch self {
    case .truth(let truth): truth ? 1 : 0
    case .whole(let whole): Int64(whole)
    case .real(let real): Int64(exactly: real.rounded(.towardZero)) ?? (real < 0 ? .min : real > 0 ? .max : 0)
    }
  }
}

extension TensorLiteral: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByArrayLiteral
{
  public init(integerLiteral value: Int) { self.init(shape: [], numbers: [.whole(value)]) }
  public init(floatLiteral value: Double) { self.init(shape: [], numbers: [.real(value)]) }
  public init(booleanLiteral value: Bool) { self.init(shape: [], numbers: [.truth(value)]) }
  public init(arrayLiteral elements: TensorLiteral...) {
    let inner = elements.first?.shape ?? []
    let fits = elements.allSatisfy { $0.shape != nil && $0.shape == inner }
    self.init(shape: fits ? [elements.count] + inner : nil, numbers: elements.flatMap(\.numbers))
  }

  public static var infinity: TensorLiteral { TensorLiteral(floatLiteral: .infinity) }
  public static var nan: TensorLiteral { TensorLiteral(floatLiteral: .nan) }
  public static var pi: TensorLiteral { TensorLiteral(floatLiteral: .pi) }
  public static prefix func - (x: TensorLiteral) -> TensorLiteral {
    TensorLiteral(shape: x.shape, numbers: x.numbers.map { .real(-$0.real) })
  }
}

extension Tensor {
  /// The numbers as they are written, nested as deeply as the tensor has axes.
  ///
  /// ```swift
  /// let x = Tensor([[0.5, 1], [2, 3]])            // float32, [2, 2]
  /// let tokens = Tensor([[7, 1, 4]])              // int32, [1, 3]
  /// let exact = Tensor([0.1, 0.2], dataType: .float64)
  /// ```
  /// - Precondition: lists side by side have the same length.
  /// - Parameter dataType: nil for `float32`, or, of whole numbers alone, `int32`, of truth values `bool`.
  public init(_ literal: TensorLiteral, dataType: DataType? = nil) {
    guard let shape = literal.shape else {
      programmingMistake("A tensor's rows must be of one length; the lists of this literal are not.")
    }
    self = literal.tensor(shape: shape, dataType)
  }

  /// The numbers as they are written, in row-major order, in another shape.
  ///
  /// ```swift
  /// let x = try Tensor([0.1, 0.2, 0.3], shape: [1, 3])   // float32
  /// ```
  /// - Parameter dataType: nil for `float32`, or, of whole numbers alone, `int32`, of truth values `bool`.
  /// - Throws: `shapeMismatch` when the number of elements is not the product of `shape`.
  public init(_ literal: TensorLiteral, shape: [Int], dataType: DataType? = nil) throws(KerasError) {
    try Tensor.check(shape, holds: literal.numbers.count)
    self = literal.tensor(shape: shape, dataType)
  }

  /// A scalar, of the type a literal has: `Tensor(scalar: 0.5)` is float32.
  public init(scalar literal: TensorLiteral) { self.init(literal) }

  /// A tensor whose every element is the number written: `Tensor(repeating: 0.5, shape: [2, 3])` is float32.
  ///
  /// - Precondition: no length is negative.
  public init(repeating literal: TensorLiteral, shape: [Int]) {
    if literal.numbers.count != 1 { programmingMistake("A tensor repeats one number, not a list.") }
    let value = Tensor(literal)
    self.init(uninitialized: shape, value.dataType) { bytes in
      value.withUnsafeBytes { element in
        for start in stride(from: 0, to: bytes.count, by: max(element.count, 1)) {
          UnsafeMutableRawBufferPointer(rebasing: bytes[start..<(start + element.count)]).copyMemory(from: element)
        }
      }
    }
  }
}
