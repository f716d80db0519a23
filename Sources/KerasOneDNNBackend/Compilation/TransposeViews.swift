import KerasGraph
import KerasPlainKernels

/// Transpositions that cost nothing, because matrix products read, or write, every matrix where it would stand
/// without them: oneDNN takes stacks of matrices with any strides but along their rows.
///
/// Attention is the reason: heads are split from features, `[batch, steps, heads, size]`, and multiplied as
/// `[batch, heads, steps, size]`.
struct TransposeViews {
  /// Whose input is read in its stead.
  private var read: Set<Int> = []
  /// By the product that writes what the transposition would.
  private var written: [Int: Int] = [:]
  private var views: Set<Int> = []

  init(of graph: Graph, precision: PrecisionPlan) {
    let consumers = graph.consumers()
    let returned = Set(graph.outputs.map(\.node))
    for (index, node) in graph.nodes.enumerated() {
      guard case .transpose(let transpose) = node.operation, transpose.permutation.count > 2,
        transpose.permutation.last == transpose.permutation.count - 1,
        !graph.lengths(of: Value(node: index)).contains(0),
        precision.type(of: node.inputs[0]) == .float32, precision.type(of: Value(node: index)) == .float32
      else { continue }
      let producer = node.inputs[0].node
      if consumers[producer].count == 1, !returned.contains(producer),
        Self.isStack(graph.nodes[producer], in: graph)
      {
        written[producer] = index
        views.insert(index)
      } else if !returned.contains(index), !consumers[index].isEmpty,
        consumers[index].allSatisfy({ Self.reads(Value(node: index), graph.nodes[$0], in: graph) })
      {
        read.insert(index)
        views.insert(index)
      }
    }
  }

  func isView(_ node: Int) -> Bool { views.contains(node) }

  /// Whether a product reads or writes otherwise than row-major.
  func areUsed(by product: Int, in graph: Graph) -> Bool {
    written[product] != nil || graph.nodes[product].inputs.prefix(2).contains { read.contains($0.node) }
  }

  /// The strides with which input number `position` of a product is found in the memory of its value.
  func strides(ofInput position: Int, of node: Node, in graph: Graph) -> [Int] {
    let value = node.inputs[position]
    guard read.contains(value.node), case .transpose(let transpose) = graph.operation(of: value) else {
      return rowMajorStrides(graph.lengths(of: value))
    }
    let strides = rowMajorStrides(graph.lengths(of: graph.nodes[value.node].inputs[0]))
    return transpose.permutation.map { strides[$0] }
  }

  /// The strides with which a product writes its output.
  func strides(ofOutputOf product: Int, in graph: Graph) -> [Int] {
    let value = Value(node: product)
    guard let index = written[product], case .transpose(let transpose) = graph.nodes[index].operation else {
      return rowMajorStrides(graph.lengths(of: value))
    }
    let strides = rowMajorStrides(graph.lengths(of: Value(node: index)))
    return transpose.permutation.indices.map { axis in
      strides[transpose.permutation.firstIndex(of: axis) ?? axis]
    }
  }

  /// Whether a node multiplies stacks of matrices and adds no tensor to them.
  private static func isStack(_ node: Node, in graph: Graph) -> Bool {
    guard case .matrixMultiply(let product) = node.operation, node.outputs[0].dataType == .float32 else {
      return false
    }
    return !product.epilogue.hasResidual && graph.lengths(of: node.inputs[1]).count > 2
  }

  /// Whether a node reads `value` only as an operand of a product of stacks.
  private static func reads(_ value: Value, _ node: Node, in graph: Graph) -> Bool {
    guard case .matrixMultiply = node.operation, node.outputs[0].dataType == .float32,
      graph.lengths(of: node.inputs[1]).count > 2
    else { return false }
    return !node.inputs.dropFirst(2).contains(value)
  }
}
