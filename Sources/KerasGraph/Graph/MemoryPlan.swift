/// Where each intermediate value of a graph lives in one arena, so that memory is allocated once a run
/// and a value's bytes are used again as soon as nobody will read it.
///
/// Values that never meet share bytes; a reshape is a view of its input; an operation that may work in
/// place (``OperationRule/inPlaceInputs(for:)``) overwrites an input that dies there. A state's update is written
/// where the state lives, over the old numbers if nobody reads those any more.
public struct MemoryPlan: Sendable {
  /// Bytes from the arena's start, by value; absent for graph inputs, constants, updates of states and their views.
  public private(set) var offsets: [Value: Int] = [:]
  /// Which state's memory a value is written to, or a view of.
  public private(set) var updatedState: [Value: Int] = [:]
  /// By state.
  public private(set) var stateUpdates: [StateUpdate] = []
  /// The first node that overwrites a state; nodes behind it cannot find numbers wrong.
  public private(set) var firstOverwritingNode: Int?
  /// By node that works in place: the number of the input whose memory it overwrites.
  public private(set) var overwrittenInput: [Int: Int] = [:]
  /// Bytes the arena needs.
  public private(set) var byteCount = 0

  /// Every offset is a multiple of this: one cache line.
  public static let alignment = 64

  /// How a state comes to its new value.
  public enum StateUpdate: Sendable {
    /// It keeps the old one.
    case none
    /// It is computed over the old one.
    case inPlace
    /// It is computed into a second buffer; the two change places when the run is over.
    case secondBuffer
    /// As `secondBuffer`, but copied there from memory that belongs to something else, too.
    case copied
  }

  /// What a backend does when a node's turn comes, where that is not the node's operation alone: one kernel may do
  /// the work of several nodes.
  public struct Work: Sendable {
    /// What it reads.
    public let operands: [Value]
    /// What it writes; other nodes' outputs, too, if nobody reads them earlier.
    public let results: [Value]
    /// The numbers of the operands that its results may be written over, each over one of its own.
    public let inPlaceOperands: [Int]

    /// Work that others do.
    public static let none = Work(operands: [], results: [], inPlaceOperands: [])

    public init(operands: [Value], results: [Value], inPlaceOperands: [Int]) {
      self.operands = operands
      self.results = results
      self.inPlaceOperands = inPlaceOperands
    }
  }

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
  ///   - isView: whether a node's output is its first input's memory, or begins with it: reshapes, by default.
  ///   - work: what is done at a node; nil for its operation.
  ///   - canOverwrite: whether the backend's kernel for a node can write over its input number `i` (or the operand of
  ///     its work), given that the operation can.
  public init(
    for graph: Graph,
    byteCount: (Value) -> Int,
    isView: ((_ node: Int) -> Bool)? = nil,
    work: (_ node: Int) -> Work? = { _ in nil },
    canOverwrite: (_ node: Int, _ input: Int) -> Bool = { _, _ in true }
  ) {
    var buffers: [Buffer] = []
    var bufferOfValue: [Value: Int] = [:]
    let isView = isView ?? { if case .reshape = graph.nodes[$0].operation { true } else { false } }
    let work = graph.nodes.indices.map { index in
      let node = graph.nodes[index]
      return work(index)
        ?? Work(
          operands: node.inputs,
          results: node.outputs.indices.map { Value(node: index, output: $0) },
          inPlaceOperands: node.outputs.count > 1
            ? [] : node.operation.rule.inPlaceInputs(for: node.inputs.map(graph.spec(of:))))
    }
    let lastReads = Self.lastReads(of: graph, work: work, isView: isView)
    let stateOfUpdate = planStates(
      of: graph, work: work, lastReads: lastReads, isView: isView, canOverwrite: canOverwrite)

    for (index, node) in graph.nodes.enumerated() {
      switch node.operation {
      case .input, .constant: continue
      default: break
      }
      if isView(index) {
        bufferOfValue[Value(node: index)] = bufferOfValue[node.inputs[0]]
        updatedState[Value(node: index)] = updatedState[node.inputs[0]]
        continue
      }
      var overwritten: Set<Int> = []
      for value in work[index].results {
        if let state = stateOfUpdate[value] {
          updatedState[value] = state
          continue
        }
        let bytes = byteCount(value)
        let last = max(lastReads[value] ?? index, index)
        let operands = work[index].operands
        let reused = work[index].inPlaceOperands.first { input in
          guard let buffer = bufferOfValue[operands[input]], !overwritten.contains(buffer) else {
            return false
          }
          let otherReaders = operands.indices.contains {
            $0 != input && bufferOfValue[operands[$0]] == buffer
          }
          return buffers[buffer].lastNode == index && buffers[buffer].byteCount == bytes
            && !otherReaders && canOverwrite(index, input)
        }
        if let reused, let buffer = bufferOfValue[operands[reused]] {
          overwrittenInput[index] = reused
          overwritten.insert(buffer)
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

  /// Decides by state how it is updated. Returns which computed values are written to a state's memory.
  private mutating func planStates(
    of graph: Graph, work: [Work], lastReads: [Value: Int], isView: (Int) -> Bool,
    canOverwrite: (Int, Int) -> Bool
  ) -> [Value: Int] {
    guard graph.stateCount > 0 else { return [:] }
    func origin(of value: Value) -> Value {
      var origin = value
      while isView(origin.node) { origin = graph.nodes[origin.node].inputs[0] }
      return origin
    }
    var turns: [Value: Int] = [:]
    for (index, work) in work.enumerated() { for result in work.results { turns[result] = index } }
    // Numbers may be found wrong up to there; until then nothing is overwritten.
    let lastThatCanFail = graph.nodes.lastIndex { $0.operation.rule.canFail } ?? -1
    var stateOfUpdate: [Value: Int] = [:]
    for (number, state) in graph.states.enumerated() {
      let update = origin(of: state.update)
      let turn = turns[update] ?? update.node
      var plan = StateUpdate.secondBuffer
      switch graph.operation(of: update) {
      case .input, .constant: plan = state.update == state.input ? .none : .copied
      default:
        if stateOfUpdate[update] != nil { plan = .copied }
      }
      if case .secondBuffer = plan {
        stateOfUpdate[update] = number
        let lastRead = lastReads[state.input] ?? -1
        let (operands, inPlace) = (work[turn].operands, work[turn].inPlaceOperands)
        let readers = operands.indices.filter { origin(of: operands[$0]) == state.input }
        let isLastReader =
          lastRead == turn && readers.count == 1 && inPlace.contains(readers[0])
          && canOverwrite(turn, readers[0])
        if turn > lastThatCanFail, lastRead < turn || isLastReader {
          plan = .inPlace
          firstOverwritingNode = min(firstOverwritingNode ?? turn, turn)
          if isLastReader { overwrittenInput[turn] = readers[0] }
        }
      }
      stateUpdates.append(plan)
    }
    return stateOfUpdate
  }

  /// The last node that reads each value, itself or through a view of it.
  private static func lastReads(of graph: Graph, work: [Work], isView: (Int) -> Bool) -> [Value: Int] {
    var last: [Value: Int] = [:]
    for value in graph.outputs { last[value] = .max }
    for index in graph.nodes.indices.reversed() {
      for input in work[index].operands {
        let isSeen = isView(index) && input == graph.nodes[index].inputs[0]
        let read = isSeen ? max(index, last[Value(node: index)] ?? index) : index
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
