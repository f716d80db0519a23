import KerasCore

/// Makes the first value of a weight.
public protocol Initializer: Serializable {
  func makeTensor(shape: [Int], from stream: RandomStream) -> Tensor
}

/// Random numbers by position, for one weight.
public struct RandomStream: Sendable {
  let generator: CounterRandom
  let stream: UInt64

  /// Uniform in [0, 1).
  func uniform(_ index: Int) -> Double { generator.uniform(stream: stream, at: UInt64(index)) }
}

/// All elements the same.
public struct ConstantInitializer: Initializer {
  public let value: Float

  public var className: String { "Constant" }
  public var config: JSONObject { ["value": .number(Double(value))] }

  public func makeTensor(shape: [Int], from stream: RandomStream) -> Tensor {
    Tensor(repeating: value, shape: shape)
  }
}

/// Uniform in `(−limit, limit)` with `limit = √(6 / (fanIn + fanOut))`.
///
/// Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks" (2010),
/// equation 16.
public struct GlorotUniform: Initializer {
  public var config: JSONObject { ["seed": nil, "input_axes": nil, "output_axes": nil] }

  public func makeTensor(shape: [Int], from stream: RandomStream) -> Tensor {
    let (fanIn, fanOut) = fans(of: shape)
    let limit = (6 / Double(fanIn + fanOut)).squareRoot()
    return Tensor(uninitialized: shape, Float.self) { elements in
      for i in elements.indices { elements[i] = Float((2 * stream.uniform(i) - 1) * limit) }
    }
  }
}

/// How many inputs feed one output and the reverse, as Keras counts them for `[window…, in, out]`.
func fans(of shape: [Int]) -> (in: Int, out: Int) {
  switch shape.count {
  case 0: return (1, 1)
  case 1: return (shape[0], shape[0])
  default:
    let window = elementCountOf(Array(shape.dropLast(2)))
    return (shape[shape.count - 2] * window, shape[shape.count - 1] * window)
  }
}

extension Initializer where Self == ConstantInitializer {
  public static var zeros: ConstantInitializer { ConstantInitializer(value: 0) }
  public static var ones: ConstantInitializer { ConstantInitializer(value: 1) }
  public static func constant(_ value: Float) -> ConstantInitializer { ConstantInitializer(value: value) }
}

extension Initializer where Self == GlorotUniform {
  public static var glorotUniform: GlorotUniform { GlorotUniform() }
}
