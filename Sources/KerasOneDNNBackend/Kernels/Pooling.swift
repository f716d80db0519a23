import KerasGraph
import KerasKernels

extension GraphCompiler {
  mutating func compile(_ operation: PoolingOperation) throws(KerasError) {
    if operation.kind == .maximum, operation.window.rank > 3 { return try compilePlainly() }
    let y = output
    let x = try operand(0, as: y.type)
    if operation.kind == .maximum { return addMaximum(operation.window, of: x, to: y) }
    let source = try MemoryDescriptor(channelsLast: x.lengths, x.type)
    let destination = try MemoryDescriptor(channelsLast: y.lengths, y.type)
    let primitive = try Primitive.averagePooling(
      source: source, destination: destination, window: operation.window)
    add(
      primitive, summary: "average pooling \(x.lengths) → \(y.lengths)",
      operands: [
        Kernel.Operand(role: Role.source, descriptor: source, place: x.place),
        Kernel.Operand(role: Role.destination, descriptor: destination, place: y.place),
      ])
  }

  mutating func compile(_ operation: PoolingGradientOperation) throws(KerasError) {
    let y = output
    guard operation.kind == .maximum, operation.window.rank <= 3,
      operation.window.size.allSatisfy({ $0 < 256 }), operation.window.size.reduce(1, *) < 256,
      [.float32, .bfloat16].contains(y.type)
    else { return try compilePlainly() }
    let (x, upstream) = (try operand(0, as: y.type), try operand(1, as: y.type))
    let (plan, type) = (maximumPlan(operation.window, from: x, to: upstream), kernelType(y.type))
    add(
      "gradient of maximum pooling \(x.lengths) → \(upstream.lengths)",
      places: [x.place, upstream.place, y.place, scratch(upstream.elementCount)]
    ) { operands in
      withUnsafePointer(to: plan) {
        kk_max_pool_gradient(
          $0, operands[0], operands[1], type, operands[2], operands[3].assumingMemoryBound(to: UInt8.self))
      }
    }
  }

  /// The largest numbers by a kernel of our own: oneDNN 2.6's loses what is no number, and has −3.4e38 for −∞.
  private mutating func addMaximum(_ window: Window, of x: Tensor, to y: Tensor) {
    let (plan, type) = (maximumPlan(window, from: x, to: y), kernelType(y.type))
    add("maximum pooling \(x.lengths) → \(y.lengths)", places: [x.place, y.place]) { operands in
      withUnsafePointer(to: plan) { kk_max_pool($0, operands[0], type, operands[1]) }
    }
  }

  private func maximumPlan(_ window: Window, from x: Tensor, to y: Tensor) -> kk_max_pooling_plan {
    var plan = kk_max_pooling_plan()
    let (rank, missing) = (window.rank, 3 - window.rank)
    (plan.batch, plan.channels) = (x.lengths[0], x.lengths[rank + 1])
    func fill(_ numbers: inout (Int, Int, Int), _ number: (_ axis: Int) -> Int, else other: Int) {
      let all = [Int](repeating: other, count: missing) + (0..<rank).map(number)
      numbers = (all[0], all[1], all[2])
    }
    fill(&plan.lengths, { x.lengths[$0 + 1] }, else: 1)
    fill(&plan.results, { y.lengths[$0 + 1] }, else: 1)
    fill(&plan.window, { window.size[$0] }, else: 1)
    fill(&plan.strides, { window.strides[$0] }, else: 1)
    fill(&plan.dilations, { window.dilations[$0] }, else: 1)
    fill(&plan.before, { window.padding[$0].before }, else: 0)
    return plan
  }
}
