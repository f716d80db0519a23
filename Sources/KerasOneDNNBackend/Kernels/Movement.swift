import KerasGraph
import KerasKernels
import KerasPlainKernels

// Transpose, broadcast, pad, concatenate and slice move elements without looking at them: each is one or a few copies
// between strided tensors.

extension GraphCompiler {
  mutating func compile(_ operation: TransposeOperation) throws(KerasError) {
    let y = output
    let x = try operand(0, as: y.type)
    let strides = rowMajorStrides(x.lengths)
    try addCopy(
      "transpose \(x.lengths) \(operation.permutation)", y.lengths, from: x,
      strides: operation.permutation.map { strides[$0] }, to: y, targetStrides: rowMajorStrides(y.lengths))
  }

  mutating func compile(_ operation: BroadcastOperation) throws(KerasError) {
    let y = output
    let x = try operand(0, as: y.type)
    try addCopy(
      "broadcast \(x.lengths) → \(y.lengths)", y.lengths, from: x,
      strides: broadcastStrides(x.lengths, to: y.lengths),
      to: y, targetStrides: rowMajorStrides(y.lengths))
  }

  mutating func compile(_ operation: SliceOperation) throws(KerasError) {
    let y = output
    let x = try operand(0, as: y.type)
    let strides = rowMajorStrides(x.lengths)
    try addCopy(
      "slice \(x.lengths) → \(y.lengths)", y.lengths, from: x,
      strides: zip(strides, operation.strides).map { $0 * $1 },
      start: zip(strides, operation.starts).map { $0 * $1 }.reduce(0, +), to: y,
      targetStrides: rowMajorStrides(y.lengths))
  }

  mutating func compile(_ operation: ConcatenateOperation) throws(KerasError) {
    let y = output
    let strides = rowMajorStrides(graph.lengths(of: growing.whole(of: nodeIndex)))
    var start = 0
    for position in node.inputs.indices {
      if position == 0, growing.isView(nodeIndex) {
        start = lengths(0)[operation.axis]
        continue
      }
      let x = try operand(position, as: y.type)
      try addCopy(
        "concatenate \(x.lengths) → \(y.lengths)", x.lengths, from: x, strides: rowMajorStrides(x.lengths),
        to: y,
        targetStrides: strides, targetStart: start)
      start += x.lengths[operation.axis] * strides[operation.axis]
    }
  }

  mutating func compile(_ operation: PadOperation) throws(KerasError) {
    let y = output
    let x = try operand(0, as: y.type)
    let (element, count) = (try bytes(of: operation.value, as: y.type), y.elementCount)
    let part = Part(byteCount: y.byteCount)
    add("fill \(y.lengths) with \(operation.value)", places: [y.place], part: part) { operands in
      element.withUnsafeBytes { kk_fill(operands[0], $0.baseAddress, $0.count, count) }
    }
    let strides = rowMajorStrides(y.lengths)
    try addCopy(
      "pad \(x.lengths) → \(y.lengths)", x.lengths, from: x, strides: rowMajorStrides(x.lengths), to: y,
      targetStrides: strides, targetStart: zip(strides, operation.padding).map { $0 * $1.before }.reduce(0, +)
    )
  }

  /// The copy of a box of `lengths` elements from `x` to `y`; `start`s count elements from their beginnings.
  mutating func addCopy(
    _ summary: String, _ lengths: [Int], from x: Tensor, strides xStrides: [Int], start xStart: Int = 0,
    to y: Tensor,
    targetStrides yStrides: [Int], targetStart yStart: Int = 0
  ) throws(KerasError) {
    guard !lengths.contains(0) else { return }
    let nest = try LoopNest(lengths: lengths, strides: [xStrides, yStrides])
    var plan = kk_copy_plan()
    plan.rank = Int32(nest.lengths.count)
    plan.element_size = y.type.byteCount
    LoopNest.fill(&plan.lengths, with: nest.lengths)
    LoopNest.fill(&plan.x_strides, with: nest.strides[0])
    LoopNest.fill(&plan.y_strides, with: nest.strides[1])
    let (copy, xOffset, yOffset) = (plan, xStart * y.type.byteCount, yStart * y.type.byteCount)
    let (read, written) = (min(x.elementCount, lengths.reduce(1, *)), lengths.reduce(1, *))
    let part = Part(byteCount: (read + written) * y.type.byteCount)
    add(summary, places: [x.place, y.place], part: part) { operands in
      withUnsafePointer(to: copy) { kk_copy($0, operands[0] + xOffset, operands[1] + yOffset) }
    }
  }

  /// One element with the value `number`.
  private func bytes(of number: Float, as type: DataType) throws(KerasError) -> [UInt8] {
    let element = KerasCore.Tensor(scalar: number).converted(to: type)
    return element.withUnsafeBytes { Array($0) }
  }
}
