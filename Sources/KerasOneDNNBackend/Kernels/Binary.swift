import KerasGraph
import KerasKernels
import KerasPlainKernels

extension GraphCompiler {
  mutating func compile(_ operation: BinaryOperation) throws(KerasError) {
    try addBinary(operation.function, number(0), number(1), to: output)
  }

  mutating func addBinary(_ function: BinaryOperation.Function, _ a: Tensor, _ b: Tensor, to y: Tensor)
    throws(KerasError)
  {
    let nest = try LoopNest(
      lengths: y.lengths,
      strides: [
        broadcastStrides(a.lengths, to: y.lengths), broadcastStrides(b.lengths, to: y.lengths),
        rowMajorStrides(y.lengths),
      ])
    var plan = kk_binary_plan()
    plan.op = kk_operator(function)
    plan.rank = Int32(nest.lengths.count)
    LoopNest.fill(&plan.lengths, with: nest.lengths)
    LoopNest.fill(&plan.a_strides, with: nest.strides[0])
    LoopNest.fill(&plan.b_strides, with: nest.strides[1])
    (plan.a_type, plan.b_type, plan.y_type) = (kernelType(a.type), kernelType(b.type), kernelType(y.type))
    let kernel = plan
    let part = Part(operation: "binary", byteCount: a.byteCount + b.byteCount + y.byteCount)
    add("\(function) \(a.lengths), \(b.lengths)", places: [a.place, b.place, y.place], part: part) {
      operands in
      withUnsafePointer(to: kernel) { kk_binary($0, operands[0], operands[1], operands[2]) }
    }
  }
}

extension kk_operator {
  init(_ function: BinaryOperation.Function) {
    self =
      switch function {
      case .add: KK_ADD
      case .subtract: KK_SUBTRACT
      case .multiply: KK_MULTIPLY
      case .divide: KK_DIVIDE
      case .maximum: KK_MAXIMUM
      case .minimum: KK_MINIMUM
      case .power: KK_POWER
      case .floorDivide: KK_FLOOR_DIVIDE
      case .remainder: KK_REMAINDER
      case .arctangent2: KK_ARCTANGENT2
      case .logicalAnd, .logicalOr, .logicalXor: preconditionFailure("\(function) of numbers")
      }
  }
}
