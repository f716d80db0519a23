/// The element type of a tensor. Raw values are Keras' spelling, as stored in files.
public enum DataType: String, Hashable, Sendable, CaseIterable {
  case bool
  case uint8
  case int8
  case int16
  case int32
  case int64
  case float16
  case bfloat16
  case float32
  case float64

  /// Bytes one element takes.
  public var byteCount: Int {
    switch self {
    case .bool, .uint8, .int8: 1
    case .int16, .float16, .bfloat16: 2
    case .int32, .float32: 4
    case .int64, .float64: 8
    }
  }

  public var isFloatingPoint: Bool {
    switch self {
    case .float16, .bfloat16, .float32, .float64: true
    default: false
    }
  }
}

extension DataType: CustomStringConvertible {
  public var description: String { rawValue }
}

/// A Swift type that can be the element of a ``Tensor``.
public protocol TensorScalar: Hashable, Sendable, BitwiseCopyable {
  static var dataType: DataType { get }
}

extension Bool: TensorScalar { public static var dataType: DataType { .bool } }
extension UInt8: TensorScalar { public static var dataType: DataType { .uint8 } }
extension Int8: TensorScalar { public static var dataType: DataType { .int8 } }
extension Int16: TensorScalar { public static var dataType: DataType { .int16 } }
extension Int32: TensorScalar { public static var dataType: DataType { .int32 } }
extension Int64: TensorScalar { public static var dataType: DataType { .int64 } }
extension Int: TensorScalar { public static var dataType: DataType { .int64 } }
extension Float: TensorScalar { public static var dataType: DataType { .float32 } }
extension Double: TensorScalar { public static var dataType: DataType { .float64 } }
#if !((os(macOS) || targetEnvironment(macCatalyst)) && arch(x86_64))
  extension Float16: TensorScalar { public static var dataType: DataType { .float16 } }
#endif
extension BFloat16: TensorScalar { public static var dataType: DataType { .bfloat16 } }
