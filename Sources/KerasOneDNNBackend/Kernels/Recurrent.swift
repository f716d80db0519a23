import KerasGraph
import KerasKernels

extension GraphCompiler {
  mutating func compile(_ operation: RecurrentOperation) throws(KerasError) {
    guard kk_has_vectors() else { return try compilePlainly() }
    let isLSTM = operation.cell == .lstm
    let plan = kk_recurrent_plan(operation.cell, states: output.lengths, isReversed: operation.isReversed)
    let packed = try packedKernel(
      isLSTM ? 3 : 2, as: .recurrent(operation.cell),
      count: withUnsafePointer(to: plan) { kk_recurrent_weight_count($0) }
    ) { kernel, packed in withUnsafePointer(to: plan) { kk_recurrent_pack($0, kernel, packed) } }
    let (h, c) = (1, isLSTM ? 2 : nil as Int?)
    var places: [Place] = []
    for (position, value) in node.inputs.enumerated() {
      places.append(try operand(position, as: graph.spec(of: value).dataType).place)
    }
    let (weights, first) = (places.count, places.count + 1)
    places.append(packed)
    places += node.outputs.indices.map { tensor(Value(node: nodeIndex, output: $0)).place }
    let hasMask = operation.hasMask
    let saved = operation.savesGates ? first + (isLSTM ? 2 : 1) : nil
    add("\(operation.settings) \(output.lengths)", places: places) { operands in
      func numbers(_ index: Int?) -> UnsafeMutablePointer<Float>? {
        index.map { operands[$0].assumingMemoryBound(to: Float.self) }
      }
      withUnsafePointer(to: plan) {
        kk_recurrent(
          $0, numbers(0), numbers(h), numbers(c), numbers(weights), isLSTM ? nil : numbers(3),
          hasMask ? operands[4].assumingMemoryBound(to: UInt8.self) : nil, numbers(first),
          isLSTM ? numbers(first + 1) : nil, numbers(saved))
      }
    }
  }

  mutating func compile(_ operation: RecurrentGradientOperation) throws(KerasError) {
    guard kk_has_vectors() else { return try compilePlainly() }
    let isLSTM = operation.cell == .lstm
    let plan = kk_recurrent_plan(operation.cell, states: lengths(1), isReversed: operation.isReversed)
    let packed = try packedKernel(
      isLSTM ? 5 : 3, as: .recurrentGradient(operation.cell),
      count: withUnsafePointer(to: plan) { kk_recurrent_gradient_weight_count($0) }
    ) { kernel, packed in withUnsafePointer(to: plan) { kk_recurrent_gradient_pack($0, kernel, packed) } }
    var places: [Place] = []
    for (position, value) in node.inputs.enumerated() {
      places.append(try operand(position, as: graph.spec(of: value).dataType).place)
    }
    let (weights, first) = (places.count, places.count + 1)
    places.append(packed)
    places += node.outputs.indices.map { tensor(Value(node: nodeIndex, output: $0)).place }
    let mask = operation.hasMask ? (isLSTM ? 8 : 5) : nil
    add("gradient of \(operation.settings) \(lengths(1))", places: places) { operands in
      func numbers(_ index: Int) -> UnsafeMutablePointer<Float> {
        operands[index].assumingMemoryBound(to: Float.self)
      }
      withUnsafePointer(to: plan) {
        kk_recurrent_gradient(
          $0, numbers(0), numbers(1), numbers(2), isLSTM ? numbers(3) : nil, isLSTM ? numbers(4) : nil,
          numbers(weights), numbers(isLSTM ? 6 : 4), isLSTM ? numbers(7) : nil,
          mask.map { operands[$0].assumingMemoryBound(to: UInt8.self) }, numbers(first), numbers(first + 1),
          numbers(first + 2))
      }
    }
  }

  /// The recurrent kernel as the C kernels read it: packed now when it is a constant, else in each run.
  private mutating func packedKernel(
    _ position: Int, as form: KeptConstant.Form, count: Int,
    _ pack:
      @escaping @Sendable (_ kernel: UnsafePointer<Float>, _ packed: UnsafeMutablePointer<Float>) -> Void
  ) throws(KerasError) -> Place {
    if let kernel = constant(position), let key = kept(position, as: form) {
      let memory = allocator.memory(for: key, byteCount: count * 4) { packed in
        kernel.withUnsafeScalars(of: Float.self) { numbers in
          if let start = numbers.baseAddress { pack(start, packed.assumingMemoryBound(to: Float.self)) }
        }
      }
      return .constant(memory)
    }
    let packed = scratch(count * 4)
    let stored = try operand(position, as: .float32)
    add(
      "pack the recurrent kernel", places: [stored.place, packed],
      part: Part(operation: "packing", byteCount: stored.byteCount + count * 4)
    ) { operands in
      pack(operands[0].assumingMemoryBound(to: Float.self), operands[1].assumingMemoryBound(to: Float.self))
    }
    return packed
  }
}

extension kk_recurrent_plan {
  /// - Parameter states: the lengths of every step's h.
  fileprivate init(_ cell: RecurrentCell, states: [Int], isReversed: Bool) {
    self.init(
      cell: cell == .lstm ? KK_LSTM : KK_GRU, steps: states[0], batch: states[1], units: states[2],
      reversed: isReversed)
  }
}
