import KerasGraph

/// How each value of a graph is stored.
///
/// With bfloat16 precision, float32 values are stored as bfloat16, but for the graph's inputs and results,
/// constants (kernels pack those), softmax and what it reads, where three digits would show.
struct StoragePlan {
  private var types: [DataType]
  let usesBFloat16: Bool

  init(for graph: Graph, usesBFloat16: Bool) {
    types = graph.nodes.map { $0.outputs.first?.dataType ?? .float32 }
    self.usesBFloat16 = usesBFloat16
    guard usesBFloat16 else { return }
    var staysFloat32 = [Bool](repeating: false, count: graph.nodes.count)
    for value in graph.outputs { staysFloat32[graph.origin(of: value).node] = true }
    for (index, node) in graph.nodes.enumerated() {
      switch node.operation {
      case .input, .constant, .cast: staysFloat32[index] = true
      case .softmax:
        staysFloat32[index] = true
        staysFloat32[graph.origin(of: node.inputs[0]).node] = true
      case .convolution, .matrixMultiply, .pooling, .reduction, .unary, .binary, .batchNormalization,
        .reshape,
        .transpose, .pad, .concatenate, .slice:
        break
      }
    }
    for index in graph.nodes.indices {
      let origin = graph.origin(of: Value(node: index)).node
      if types[index] == .float32, !staysFloat32[origin] { types[index] = .bfloat16 }
    }
  }

  func type(of value: Value) -> DataType { types[value.node] }
}
