import KerasGraph

/// The element types of StableHLO that are used here. Keras' types, and unsigned words for random numbers.
enum HLOType: String, Sendable {
  case i1, i8, i16, i32, i64, ui8, ui16, ui32, ui64, f16, bf16, f32, f64

  init(_ type: DataType) {
    self =
      switch type {
      case .bool: .i1
      case .uint8: .ui8
      case .int8: .i8
      case .int16: .i16
      case .int32: .i32
      case .int64: .i64
      case .float16: .f16
      case .bfloat16: .bf16
      case .float32: .f32
      case .float64: .f64
      }
  }

  var isFloatingPoint: Bool {
    switch self {
    case .f16, .bf16, .f32, .f64: true
    case .i1, .i8, .i16, .i32, .i64, .ui8, .ui16, .ui32, .ui64: false
    }
  }

  /// A floating-point type of 16 bits, which is stored so and calculated with as float32.
  var isHalf: Bool { self == .f16 || self == .bf16 }

  var isSignedInteger: Bool {
    switch self {
    case .i8, .i16, .i32, .i64: true
    case .i1, .ui8, .ui16, .ui32, .ui64, .f16, .bf16, .f32, .f64: false
    }
  }

  /// The bits of an integer, and the smallest and largest numbers it holds.
  var integerRange: (lowest: String, highest: String)? {
    switch self {
    case .i1: ("false", "true")
    case .i8: ("\(Int8.min)", "\(Int8.max)")
    case .i16: ("\(Int16.min)", "\(Int16.max)")
    case .i32: ("\(Int32.min)", "\(Int32.max)")
    case .i64: ("\(Int64.min)", "\(Int64.max)")
    case .ui8: ("0", "\(UInt8.max)")
    case .ui16: ("0", "\(UInt16.max)")
    case .ui32: ("0", "\(UInt32.max)")
    case .ui64: ("0", "\(UInt64.max)")
    case .f16, .bf16, .f32, .f64: nil
    }
  }

  /// How the kinds of comparison are called.
  var comparison: String {
    switch self {
    case .f16, .bf16, .f32, .f64: "FLOAT"
    case .i8, .i16, .i32, .i64: "SIGNED"
    case .i1, .ui8, .ui16, .ui32, .ui64: "UNSIGNED"
    }
  }
}

/// A shape and element type, `tensor<2x3xf32>` in the text.
struct HLOSpec: Hashable, Sendable, CustomStringConvertible {
  var lengths: [Int]
  var type: HLOType

  init(_ lengths: [Int], _ type: HLOType) {
    self.lengths = lengths
    self.type = type
  }

  init(_ spec: TensorSpec) throws(KerasError) {
    guard let lengths = spec.shape.known else {
      throw KerasError(.invalidArgument, "A program needs every length; \(spec) has an unknown one.")
    }
    self.init(lengths, HLOType(spec.dataType))
  }

  var rank: Int { lengths.count }
  var elementCount: Int { lengths.reduce(1, *) }

  var description: String { "tensor<" + lengths.map { "\($0)x" }.joined() + type.rawValue + ">" }
}

/// A value of a StableHLO function: `%7`, with its shape and type.
struct HLOValue: Hashable, Sendable {
  let name: String
  let spec: HLOSpec

  var lengths: [Int] { spec.lengths }
  var type: HLOType { spec.type }
  var rank: Int { spec.rank }
}

extension Collection<HLOValue> {
  /// As operands are listed.
  var names: String { map(\.name).joined(separator: ", ") }
  var specs: String { map { "\($0.spec)" }.joined(separator: ", ") }
}
