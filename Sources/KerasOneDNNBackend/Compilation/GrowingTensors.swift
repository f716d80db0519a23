import KerasGraph

/// Tensors to which channels are added again and again, as in DenseNet: each stands at the front of the next one's rows,
/// so that what is there already is never copied.
///
/// All of them share the memory of the last, which is the only one without gaps between its rows. The others may be read
/// by batch normalizations alone, whose kernel skips the gaps.
struct GrowingTensors {
  /// The last of the tensors that share memory, by each of the others.
  private var whole: [Int: Int] = [:]
  private var views: Set<Int> = []

  init(of graph: Graph, precision: PrecisionPlan) {
    let (consumers, returned) = (graph.consumers(), Set(graph.outputs.map(\.node)))
    // From the back: by then it is known whether the next one grows further.
    for (index, node) in graph.nodes.enumerated().reversed() {
      let output = Value(node: index)
      guard Self.addsChannels(index, in: graph), [.float32, .bfloat16].contains(precision.type(of: output))
      else {
        continue
      }
      let part = node.inputs[0]
      guard Self.addsChannels(part.node, in: graph), !node.inputs.dropFirst().contains(part),
        !returned.contains(part.node), precision.type(of: part) == precision.type(of: output),
        consumers[part.node].allSatisfy({ $0 == index || Self.normalizes($0, part, in: graph) })
      else { continue }
      whole[part.node] = whole[index] ?? index
      views.insert(index)
    }
  }

  /// Whether a node's output begins with its first input, in the same memory.
  func isView(_ node: Int) -> Bool { views.contains(node) }

  /// The tensor in whose memory a node's output stands, perhaps itself.
  func whole(of node: Int) -> Value { Value(node: whole[node] ?? node) }

  /// Whether a node joins tensors along the last axis.
  private static func addsChannels(_ index: Int, in graph: Graph) -> Bool {
    guard case .concatenate(let join) = graph.nodes[index].operation else { return false }
    let lengths = graph.lengths(of: Value(node: index))
    return join.axis == lengths.count - 1 && !lengths.contains(0)
  }

  private static func normalizes(_ index: Int, _ value: Value, in graph: Graph) -> Bool {
    guard case .batchNormalization = graph.nodes[index].operation else { return false }
    return graph.nodes[index].inputs[0] == value && !graph.nodes[index].inputs.dropFirst().contains(value)
  }
}
