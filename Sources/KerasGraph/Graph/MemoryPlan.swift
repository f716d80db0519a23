/// Where each intermediate value of a graph lives in one arena, so that memory is allocated once a run
/// and a value's bytes are used again as soon as nobody will read it.
///
/// Values that never meet share bytes; a reshape is a view of its input; an operation that may work in
/// place (``OperationRule/inPlaceInputs(for:)``) overwrites an input that dies there.
public struct MemoryPlan: Sendable {
  /// Bytes from the arena's start, by value; absent for graph inputs, constants and their views.
  public private(set) var offsets: [Value: Int] = [:]
  /// Bytes the arena needs.
  public private(set) var byteCount = 0

  /// Every offset is a multiple of this: one cache line.
  public static let alignment = 64

  /// A stretch of memory, and the values that stand in it one after the other.
  private struct Buffer {
    var byteCount: Int
    var firstNode: Int
    /// The last node that reads it; `Int.max` for what the graph returns.
    var lastNode: Int
    var offset: Int?
  }

  /// - Parameters:
  ///   - byteCount: bytes a value takes, as the backend stores it.
  ///   - isView: whether a node's output is its first input's memory: reshapes, by default.
  ///   - canOverwrite: whether the backend's kernel for a node can write over its input number `i`, given
  ///     that the operation can.
  public init(
    for graph: Graph,
    byteCount: (Value) -> Int,
    isView: ((_ node: Int) -> Bool)? = nil,
    canOverwrite: (_ node: Int, _ input: Int) -> Bool = { _, _ in true }
  ) {
    var buffers: [Buffer] = []
    var bufferOfValue: [Value: Int] = [:]
    let isView = isView ?? { if case .reshape = graph.nodes[$0].operation { true } else { false } }
    let lastReads = Self.lastReads(of: graph, isView: isView)

    for (index, node) in graph.nodes.enumerated() {
      switch node.operation {
      case .input, .constant: continue
      default: break
      }
      if isView(index) {
        bufferOfValue[Value(node: index)] = bufferOfValue[node.inputs[0]]
        continue
      }
      for output in node.outputs.indices {
        let value = Value(node: index, output: output)
        let bytes = byteCount(value)
        let last = max(lastReads[value] ?? index, index)
        let reused =
          node.outputs.count > 1
          ? nil
          : node.operation.rule
            .inPlaceInputs(for: node.inputs.map(graph.spec(of:)))
            .first { input in
              guard let buffer = bufferOfValue[node.inputs[input]] else { return false }
              let otherReaders = node.inputs.indices.contains {
                $0 != input && bufferOfValue[node.inputs[$0]] == buffer
              }
              return buffers[buffer].lastNode == index && buffers[buffer].byteCount == bytes
                && !otherReaders && canOverwrite(index, input)
            }
        if let reused, let buffer = bufferOfValue[node.inputs[reused]] {
          buffers[buffer].lastNode = last
          bufferOfValue[value] = buffer
        } else {
          bufferOfValue[value] = buffers.count
          buffers.append(Buffer(byteCount: bytes, firstNode: index, lastNode: last))
        }
      }
    }
    place(&buffers)
    for (value, buffer) in bufferOfValue { offsets[value] = buffers[buffer].offset }
  }

  /// The last node that reads each value, itself or through a view of it.
  private static func lastReads(of graph: Graph, isView: (Int) -> Bool) -> [Value: Int] {
    var last: [Value: Int] = [:]
    for value in graph.outputs { last[value] = .max }
    for (index, node) in graph.nodes.enumerated().reversed() {
      for input in node.inputs {
        let read = isView(index) ? max(index, last[Value(node: index)] ?? index) : index
        last[input] = max(last[input] ?? read, read)
      }
    }
    return last
  }

  /// Largest first, each at the lowest offset where it overlaps no buffer that lives at the same time.
  private mutating func place(_ buffers: inout [Buffer]) {
    var placed: [Int] = []
    let order = buffers.indices.sorted { (buffers[$0].byteCount, $1) > (buffers[$1].byteCount, $0) }
    for index in order {
      let buffer = buffers[index]
      let neighbours = placed.map { buffers[$0] }
        .filter { $0.firstNode <= buffer.lastNode && buffer.firstNode <= $0.lastNode }
        .sorted { ($0.offset ?? 0) < ($1.offset ?? 0) }
      var offset = 0
      for neighbour in neighbours {
        guard let start = neighbour.offset, offset + buffer.byteCount > start else { continue }
        offset = max(offset, Self.aligned(start + neighbour.byteCount))
      }
      buffers[index].offset = offset
      byteCount = max(byteCount, Self.aligned(offset + buffer.byteCount))
      placed.append(index)
    }
  }

  public static func aligned(_ bytes: Int) -> Int { (bytes + alignment - 1) / alignment * alignment }
}
