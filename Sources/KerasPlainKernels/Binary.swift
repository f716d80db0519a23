import KerasGraph

/// A function of two numbers; a stretched axis is read with stride 0.
struct BinaryKernel: ElementKernel {
  private let function: BinaryOperation.Function
  /// Over the output, the first operand and the second.
  private let loop: LoopNest
  let dataType: DataType

  init(_ operation: BinaryOperation, _ a: [Int], _ b: [Int], output: TensorSpec) {
    function = operation.function
    let lengths = output.lengths
    loop = LoopNest(
      joining: lengths,
      strides: [rowMajorStrides(lengths), broadcastStrides(a, to: lengths), broadcastStrides(b, to: lengths)])
    dataType = output.dataType
  }

  var summary: String { "\(function.rawValue) in rows of \(loop.rowLength)" }

  func run<E: Element>(_ operands: Operands, _ type: E.Type) {
    @inline(__always) func map(_ function: (E.Number, E.Number) -> E.Number) {
      loop.forEachPair(operands, as: E.self) { a, b, y in
        y.pointee = E(rounding: function(a.number, b.number))
      }
    }
    switch function {
    case .add: map { $0.added(to: $1) }
    case .subtract: map { $0.subtracted(by: $1) }
    case .multiply: map { $0.multiplied(with: $1) }
    case .divide: map { $0.divided(by: $1) }
    case .maximum: map { $0.larger($1) }
    case .minimum: map { $0.smaller($1) }
    case .power: map { $0.raised(to: $1) }
    case .floorDivide: map { $0.floorDivided(by: $1) }
    case .remainder: map { $0.remainder(of: $1) }
    case .arctangent2: map { $0.angle(over: $1) }
    case .logicalAnd: map { $0 != .zero && $1 != .zero ? .one : .zero }
    case .logicalOr: map { $0 != .zero || $1 != .zero ? .one : .zero }
    case .logicalXor: map { ($0 != .zero) != ($1 != .zero) ? .one : .zero }
    }
  }
}

/// The strides with which a dense tensor is read as if it had the lengths `target`: 0 where it is stretched.
package func broadcastStrides(_ lengths: [Int], to target: [Int]) -> [Int] {
  let missing = [Int](repeating: 0, count: target.count - lengths.count)
  return missing + zip(lengths, rowMajorStrides(lengths)).map { $0 == 1 ? 0 : $1 }
}

extension LoopNest {
  /// Calls `body` with each element of the inputs 0 and 1 and the place of the result.
  @inline(__always)
  func forEachPair<E, Result>(
    _ operands: Operands, as type: E.Type, _ body: (E, E, UnsafeMutablePointer<Result>) -> Void
  ) {
    let (a, b) = (operands.input(0, as: E.self), operands.input(1, as: E.self))
    let result = operands.output(as: Result.self)
    let (aStride, bStride) = (rowStrides[1], rowStrides[2])
    forEachRow { offsets in
      let (x, y, z) = (a + offsets[1], b + offsets[2], result + offsets[0])
      for i in 0..<rowLength { body(x[i * aStride], y[i * bStride], z + i) }
    }
  }
}
