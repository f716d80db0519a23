import KerasGraph

/// How each value of a graph is stored.
///
/// With bfloat16 precision, float32 values are stored as bfloat16, but for the graph's inputs and results,
/// constants (kernels pack those) and what else says so of itself (``OperationRule/keepsFloat32``): softmax with what
/// it reads, where three digits would show, and all that plain kernels compute; and but for thin convolutions, which
/// are computed in float32, too.
struct StoragePlan {
  /// Up to so many filters a convolution is thin. The CPU's units for bfloat16 gain little there, and the
  /// first layers of a small network are where rounding costs most: with MobileNet of a quarter's width the
  /// first guess agrees with float32's on 98 of 100 photographs instead of 92.
  private static let thinFilterCount = 32

  /// By node, then by output.
  private var types: [[DataType]]
  private var isThin: [Bool]
  let usesBFloat16: Bool

  init(for graph: Graph, usesBFloat16: Bool) {
    types = graph.nodes.map { $0.outputs.map(\.dataType) }
    isThin = graph.nodes.map { node in
      guard case .convolution = node.operation, let filters = node.outputs[0].shape.last ?? nil else {
        return false
      }
      return filters <= Self.thinFilterCount
    }
    self.usesBFloat16 = usesBFloat16
    guard usesBFloat16 else { return }
    var staysFloat32 = isThin
    for value in graph.outputs { staysFloat32[graph.origin(of: value).node] = true }
    for (index, node) in graph.nodes.enumerated() {
      if node.operation.rule.keepsFloat32 { staysFloat32[index] = true }
      guard node.operation.rule.keepsInputsFloat32 else { continue }
      for input in node.inputs { staysFloat32[graph.origin(of: input).node] = true }
    }
    for index in graph.nodes.indices {
      let origin = graph.origin(of: Value(node: index)).node
      if types[index] == [.float32], !staysFloat32[origin] { types[index] = [.bfloat16] }
    }
  }

  func type(of value: Value) -> DataType { types[value.node][value.output] }

  /// Whether a node that multiplies and adds does so in bfloat16.
  func multipliesBFloat16(_ node: Int) -> Bool { usesBFloat16 && !isThin[node] }
}
