import KerasGraph
import KerasKernels
import KerasPlainKernels

extension GraphCompiler {
  mutating func compile(_ operation: CompareOperation) throws(KerasError) {
    guard graph.spec(of: node.inputs[0]).dataType == .float32 else { return try compilePlainly() }
    let (a, b, y) = (try operand(0, as: .float32), try operand(1, as: .float32), output)
    let nest = try nest(of: [a, b], y)
    var plan = kk_comparison_plan()
    plan.op = kk_comparison(operation.function)
    plan.rank = Int32(nest.lengths.count)
    LoopNest.fill(&plan.lengths, with: nest.lengths)
    LoopNest.fill(&plan.a_strides, with: nest.strides[0])
    LoopNest.fill(&plan.b_strides, with: nest.strides[1])
    let kernel = plan
    add("\(operation.function) \(a.lengths), \(b.lengths)", places: [a.place, b.place, y.place]) { operands in
      withUnsafePointer(to: kernel) {
        kk_compare(
          $0, operands[0].assumingMemoryBound(to: Float.self),
          operands[1].assumingMemoryBound(to: Float.self),
          operands[2].assumingMemoryBound(to: UInt8.self))
      }
    }
  }

  mutating func compile(_ operation: SelectOperation) throws(KerasError) {
    guard node.outputs[0].dataType == .float32, output.type == .float32 else { return try compilePlainly() }
    let (condition, y) = (input(0), output)
    let (a, b) = (try operand(1, as: .float32), try operand(2, as: .float32))
    let nest = try nest(of: [condition, a, b], y)
    var plan = kk_selection_plan()
    plan.rank = Int32(nest.lengths.count)
    LoopNest.fill(&plan.lengths, with: nest.lengths)
    LoopNest.fill(&plan.condition_strides, with: nest.strides[0])
    LoopNest.fill(&plan.a_strides, with: nest.strides[1])
    LoopNest.fill(&plan.b_strides, with: nest.strides[2])
    let kernel = plan
    add(
      "select \(condition.lengths), \(a.lengths), \(b.lengths)",
      places: [condition.place, a.place, b.place, y.place]
    ) { operands in
      func numbers(_ index: Int) -> UnsafeMutablePointer<Float> {
        operands[index].assumingMemoryBound(to: Float.self)
      }
      withUnsafePointer(to: kernel) {
        kk_select($0, operands[0].assumingMemoryBound(to: UInt8.self), numbers(1), numbers(2), numbers(3))
      }
    }
  }

  /// The loops over operands that are stretched to the output's lengths, and over the output, last.
  private func nest(of operands: [Tensor], _ y: Tensor) throws(KerasError) -> LoopNest {
    try LoopNest(
      lengths: y.lengths,
      strides: operands.map { broadcastStrides($0.lengths, to: y.lengths) } + [rowMajorStrides(y.lengths)])
  }
}

extension kk_comparison {
  init(_ function: CompareOperation.Function) {
    self =
      switch function {
      case .equal: KK_EQUAL
      case .notEqual: KK_NOT_EQUAL
      case .less: KK_LESS
      case .lessEqual: KK_LESS_EQUAL
      case .greater: KK_GREATER
      case .greaterEqual: KK_GREATER_EQUAL
      }
  }
}
