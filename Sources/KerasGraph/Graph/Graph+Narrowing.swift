/// Which float32 values may be stored as bfloat16 where a program computes in that; the same on every backend.
extension Graph {
  /// Up to so many filters a convolution is thin. Units for bfloat16 gain little there, and the first layers of a small
  /// network are where rounding costs most: with MobileNet of a quarter's width the first guess agrees with float32's
  /// on 98 of 100 photographs instead of 92.
  private static let thinFilterCount = 32

  /// The value that a reshape, or several, show in another shape.
  package func origin(of value: Value) -> Value {
    var origin = value
    while case .reshape = operation(of: origin) { origin = nodes[origin.node].inputs[0] }
    return origin
  }

  /// Whether a node is a convolution that computes in float32 in any case.
  package func isThinConvolution(_ index: Int) -> Bool {
    switch nodes[index].operation {
    case .convolution, .transposedConvolution, .convolutionKernelGradient:
      guard let filters = nodes[index].outputs[0].shape.last ?? nil else { return false }
      return filters <= Self.thinFilterCount
    default: return false
    }
  }

  /// How values are stored, by node, then by output: as the graph says, but float32 as bfloat16. Float32 stay the
  /// graph's inputs and results, constants, what says so of itself (``OperationRule/keepsFloat32``), what thin
  /// convolutions give, and what nobody else reads.
  ///
  /// - Parameter kept: convolutions that are computed in float32 for other reasons, as thin ones are.
  package func narrowedTypes(keepingFloat32 kept: Set<Int> = []) -> [[DataType]] {
    var types = nodes.map { $0.outputs.map(\.dataType) }
    let isKept = nodes.indices.map { isThinConvolution($0) || kept.contains($0) }
    var staysFloat32 = isKept
    for value in outputs { staysFloat32[origin(of: value).node] = true }
    for (index, node) in nodes.enumerated() {
      if node.operation.rule.keepsFloat32 { staysFloat32[index] = true }
      guard node.operation.rule.keepsInputsFloat32 else { continue }
      for input in node.inputs { staysFloat32[origin(of: input).node] = true }
    }
    for node in read(onlyBy: isKept) { staysFloat32[node] = true }
    for index in nodes.indices where types[index] == [.float32] {
      if !staysFloat32[origin(of: Value(node: index)).node] { types[index] = [.bfloat16] }
    }
    return types
  }

  /// Nodes whose results would be rounded only to be widened again, by convolutions that are computed in float32.
  private func read(onlyBy isKept: [Bool]) -> Set<Int> {
    var (asImages, otherwise) = (Set<Int>(), Set<Int>())
    for (index, node) in nodes.enumerated() {
      if case .reshape = node.operation { continue }
      for (position, input) in node.inputs.enumerated() {
        let source = origin(of: input).node
        if position == 0 && isKept[index] { asImages.insert(source) } else { otherwise.insert(source) }
      }
    }
    return asImages.subtracting(otherwise)
  }
}
