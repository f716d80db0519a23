import KerasGraph

extension GraphCompiler {
  /// How the node's weights, input number 1, are read by whatever packs them.
  var weightsType: DataType {
    constant(1) == nil && productType == .bfloat16 && input(1).type == .bfloat16 ? .bfloat16 : .float32
  }

  /// The node's weights, input number 1, in the layout that `primitive` chose: packed now when they are a
  /// constant, else in each run unless they lie like that already.
  ///
  /// - Parameters:
  ///   - stored: how the weights lie in the graph's tensor, as ``weightsType``.
  ///   - scale: multiplies them along the axes in the bit set `scaledAxes`.
  mutating func packedWeights(
    for primitive: Primitive, stored: MemoryDescriptor, scale: [Float] = [], scaledAxes: Int32 = 0
  ) throws(KerasError) -> Kernel.Operand {
    let layout = primitive.weights
    if constant(1) == nil, scale.isEmpty, layout.isSame(as: stored) {
      return Kernel.Operand(
        role: Role.weights, descriptor: layout, place: try operand(1, as: weightsType).place)
    }
    func reorder() throws(KerasError) -> Primitive {
      try Primitive.reorder(from: stored, to: layout, scales: scale, scaledAxes: scaledAxes)
    }
    let form = KeptConstant.Form.layout(
      stored: stored, packed: layout, scale: scale.map(\.bitPattern), scaledAxes: scaledAxes)
    if let weights = constant(1), let key = kept(1, as: form) {
      let packed = try allocator.memory(for: key, byteCount: layout.byteCount) {
        (target) throws(KerasError) in
        let reorder = try reorder()
        let plain = weights.converted(to: .float32)
        try plain.withUnsafeBytes { (bytes) throws(KerasError) in
          guard let address = bytes.baseAddress else { return }
          try reorder.execute([
            (Role.source, stored, UnsafeMutableRawPointer(mutating: address)),
            (Role.destination, layout, target),
          ])
        }
      }
      return Kernel.Operand(role: Role.weights, descriptor: layout, place: .constant(packed))
    }
    let weights = try operand(1, as: weightsType)
    let packed = scratch(layout.byteCount)
    add(
      try reorder(), summary: "weights as \(layout)",
      operands: [
        Kernel.Operand(role: Role.source, descriptor: stored, place: weights.place),
        Kernel.Operand(role: Role.destination, descriptor: layout, place: packed),
      ], part: Part(operation: "packing", byteCount: weights.byteCount + layout.byteCount))
    return Kernel.Operand(role: Role.weights, descriptor: layout, place: packed)
  }
}
