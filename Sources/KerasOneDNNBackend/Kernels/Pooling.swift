import KerasGraph

extension GraphCompiler {
  mutating func compile(_ operation: PoolingOperation) throws(KerasError) {
    let y = output
    let x = try operand(0, as: y.type)
    let source = try MemoryDescriptor(channelsLast: x.lengths, x.type)
    let destination = try MemoryDescriptor(channelsLast: y.lengths, y.type)
    let primitive = try Primitive.pooling(
      operation.kind, source: source, destination: destination, window: operation.window)
    add(
      primitive, summary: "\(operation.kind) pooling \(x.lengths) → \(y.lengths)",
      operands: [
        Kernel.Operand(role: Role.source, descriptor: source, place: x.place),
        Kernel.Operand(role: Role.destination, descriptor: destination, place: y.place),
      ])
  }
}
