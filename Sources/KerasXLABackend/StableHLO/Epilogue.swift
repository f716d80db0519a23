import KerasGraph

extension Epilogue {
  /// `activation(scale · sum + bias + residual)`, of the type that the node stores.
  ///
  /// To a sum of 16 bits is added what has as many: so XLA has it done by cuDNN, which rounds once, behind the activation.
  func lower(_ sum: HLOValue, _ node: NodeLowering) -> HLOValue {
    let hlo = node.hlo
    guard self != Epilogue() else { return hlo.convert(sum, to: node.output.type) }
    let isHalf = sum.type.isHalf && sum.type == node.output.type
    let type: HLOType = sum.type.isHalf && (!isHalf || hasScale) ? .f32 : sum.type
    func operand(_ position: Int) -> HLOValue {
      hlo.broadcast(hlo.convert(node.inputs[position], to: type), to: sum.lengths)
    }
    var y = hlo.convert(sum, to: type)
    if let scaleInput { y = hlo.multiply(y, operand(scaleInput)) }
    if let biasInput { y = hlo.add(y, operand(biasInput)) }
    if let residualInput { y = hlo.add(y, operand(residualInput)) }
    if let activation {
      y = activation.lower(isHalf && activation != .relu ? hlo.convert(y, to: .f32) : y, hlo)
    }
    return hlo.convert(y, to: node.output.type)
  }
}
