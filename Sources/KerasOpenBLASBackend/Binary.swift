import Glibc
import KerasGraph

/// A function of two numbers; a stretched axis is read with stride 0.
struct BinaryKernel: Kernel {
  private let function: BinaryOperation.Function
  /// Over the output, the first operand and the second.
  private let loop: StridedLoop

  init(_ operation: BinaryOperation, _ a: [Int], _ b: [Int], output: [Int]) {
    function = operation.function
    func strides(_ lengths: [Int]) -> [Int] {
      let missing = [Int](repeating: 0, count: output.count - lengths.count)
      return missing + zip(lengths, rowMajorStrides(lengths)).map { $0 == 1 ? 0 : $1 }
    }
    loop = StridedLoop(output, strides: [rowMajorStrides(output), strides(a), strides(b)])
  }

  var summary: String { "\(function.rawValue) in rows of \(loop.rowLength)" }

  func run(_ operands: Operands) {
    let (a, b) = (operands.input(0), operands.input(1))
    let result = operands.result
    let (aStride, bStride) = (loop.rowStrides[1], loop.rowStrides[2])
    @inline(__always) func map(_ function: (Float, Float) -> Float) {
      loop.forEachRow { offsets in
        let (x, y, z) = (a + offsets[1], b + offsets[2], result + offsets[0])
        for i in 0..<loop.rowLength { z[i] = function(x[i * aStride], y[i * bStride]) }
      }
    }
    switch function {
    case .add: map { $0 + $1 }
    case .subtract: map { $0 - $1 }
    case .multiply: map { $0 * $1 }
    case .divide: map { $0 / $1 }
    case .maximum: map(larger)
    case .minimum: map(smaller)
    case .power: map { pow($0, $1) }
    }
  }
}

/// The larger of two numbers, or the NaN among them.
@inline(__always) func larger(_ a: Float, _ b: Float) -> Float { a > b || a.isNaN ? a : b }

/// The smaller of two numbers, or the NaN among them.
@inline(__always) func smaller(_ a: Float, _ b: Float) -> Float { a < b || a.isNaN ? a : b }
