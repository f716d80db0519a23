import KerasCore

/// All elements 0.
public struct Zeros: Initializer {
  public init() {}
  public func makeTensor(shape: [Int], from stream: RandomStream) -> Tensor { Tensor(zeros: shape) }
}

/// All elements 1.
public struct Ones: Initializer {
  public init() {}
  public func makeTensor(shape: [Int], from stream: RandomStream) -> Tensor {
    Tensor(repeating: 1 as Float, shape: shape)
  }
}

/// One number for all elements, or an array that is broadcast to the weight's shape.
public struct ConstantInitializer: Initializer {
  @Setting("value") private var array: NumberArray
  public var value: Tensor { array.tensor.converted(to: .float32) }

  public init(_ value: Double = 0) { array = NumberArray(value) }

  /// - Parameter value: broadcast to the weight's shape.
  public init(_ value: Tensor) { array = NumberArray(value.converted(to: .float32)) }

  public var className: String { "Constant" }

  public func check(shape: [Int]) throws(KerasError) {
    try require(
      (try? broadcastShape(Shape(value.shape), Shape(shape))) == Shape(shape), .shapeMismatch,
      "A constant of shape \(Shape(value.shape)) does not fill a weight of shape \(Shape(shape)).")
  }

  public func makeTensor(shape: [Int], from stream: RandomStream) -> Tensor {
    let (value, numbers) = (value, array.tensor.scalars(as: Float.self))
    if numbers.count == 1 { return Tensor(repeating: numbers[0], shape: shape) }
    let lengths = [Int](repeating: 1, count: shape.count - value.rank) + value.shape
    return Tensor(uninitialized: shape, Float.self) { elements in
      for index in elements.indices {
        // The position in the array of the element at the same place, axes of length 1 counting as 0.
        var (rest, stride, position) = (index, 1, 0)
        for axis in shape.indices.reversed() {
          if lengths[axis] != 1 { position += rest % shape[axis] * stride }
          rest /= shape[axis]
          stride *= lengths[axis]
        }
        elements[index] = numbers[position]
      }
    }
  }
}

/// `gain` on the diagonal of a matrix, 0 elsewhere.
public struct IdentityInitializer: Initializer {
  // Keras 3.15 forgets to write the gain; it reads it well.
  @Setting("gain", Double.settingCodec.omitting { $0 == 1 }) public private(set) var gain: Double

  public init(gain: Double = 1) { self.gain = gain }

  public var className: String { "Identity" }

  public func check(shape: [Int]) throws(KerasError) {
    try require(
      shape.count == 2, .shapeMismatch,
      "The identity fills matrices, found a weight of shape \(Shape(shape)).")
  }

  public func makeTensor(shape: [Int], from stream: RandomStream) -> Tensor {
    let (columns, gain) = (shape.last ?? 1, Float(gain))
    return Tensor(uninitialized: shape, Float.self) { elements in
      for index in elements.indices {
        elements[index] = index % (columns + 1) == 0 && index / columns < columns ? gain : 0
      }
    }
  }
}

extension Initializer where Self == Zeros {
  public static var zeros: Zeros { Zeros() }
}

extension Initializer where Self == Ones {
  public static var ones: Ones { Ones() }
}

extension Initializer where Self == ConstantInitializer {
  public static func constant(_ value: Double) -> ConstantInitializer { ConstantInitializer(value) }
}

extension Initializer where Self == IdentityInitializer {
  public static var identity: IdentityInitializer { IdentityInitializer() }
  public static func identity(gain: Double) -> IdentityInitializer { IdentityInitializer(gain: gain) }
}
