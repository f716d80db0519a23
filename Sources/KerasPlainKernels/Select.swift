import KerasGraph

/// Takes each element from the one tensor or the other; stretched axes are read with stride 0.
struct SelectKernel: MovingKernel {
  /// Over the output, the condition and the two tensors.
  private let loop: LoopNest
  let elementByteCount: Int

  init(_ inputs: [[Int]], output: TensorSpec) {
    let lengths = output.lengths
    loop = LoopNest(
      joining: lengths, strides: [rowMajorStrides(lengths)] + inputs.map { broadcastStrides($0, to: lengths) })
    elementByteCount = output.dataType.byteCount
  }

  var summary: String { "select in rows of \(loop.rowLength)" }

  func run<Bits: FixedWidthInteger & UnsignedInteger>(_ operands: Operands, _ type: Bits.Type) {
    let condition = operands.input(0, as: UInt8.self)
    let (a, b, y) = (
      operands.input(1, as: Bits.self), operands.input(2, as: Bits.self), operands.output(as: Bits.self)
    )
    let strides = loop.rowStrides
    loop.forEachRow { offsets in
      let (condition, a, b, y) = (condition + offsets[1], a + offsets[2], b + offsets[3], y + offsets[0])
      for i in 0..<loop.rowLength {
        y[i] = condition[i * strides[1]] != 0 ? a[i * strides[2]] : b[i * strides[3]]
      }
    }
  }
}
