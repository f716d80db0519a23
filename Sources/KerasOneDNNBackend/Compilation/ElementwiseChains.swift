import KerasGraph
import KerasKernels

/// Element-wise operations that one kernel computes together, block by block: what stands between them stays in the
/// cache and needs no memory of its own.
///
/// `x · sigmoid(x)`, the formulas of GELU and hard swish, an optimizer's update: written as several operations, they
/// cost one walk through memory. A chain ends at a node whose result others read, or at a reduction, for which its
/// elements are never stored. Inside it are nodes that nobody else reads, those that cost less to compute again than
/// to store (most of the steps of a normalization's gradient are of that kind), and those that are read only later:
/// their results are stored, too, as an optimizer's moving averages are.
struct ElementwiseChains {
  struct Chain {
    /// In the graph's order.
    let nodes: [Int]
    /// What it reads from memory.
    let operands: [Value]
    /// What it writes to memory: the last node's output, then those of others.
    let results: [Value]
  }

  /// By the node they end at.
  private var chains: [Int: Chain] = [:]
  private var inside: Set<Int> = []
  /// Nodes whose results chains write that end at later ones.
  private let others: Set<Int>

  init(of graph: Graph, precision: PrecisionPlan) {
    let links = Links(of: graph, precision: precision)
    let returned = Set(graph.outputs.map(\.node))
    // What is read from memory, and what chains write that end at other nodes.
    var (read, written) = (returned, Set<Int>())
    for last in graph.nodes.indices.reversed() where !written.contains(last) {
      guard let lengths = links.lengths(ofChainEndingAt: last) else {
        read.formUnion(graph.nodes[last].inputs.map(\.node))
        continue
      }
      guard read.contains(last) || !links.isLink(last) else {
        inside.insert(last)
        continue
      }
      var (nodes, kept) = (Set([last]), Set<Int>())
      var candidates = graph.nodes[last].inputs.map(\.node)
      while let node = candidates.popLast() {
        guard !nodes.contains(node), links.isLink(node), graph.lengths(of: Value(node: node)) == lengths
        else {
          continue
        }
        let isReadElsewhere = !links.isFloating(node) && !links.consumers[node].allSatisfy(nodes.contains)
        let isKept = returned.contains(node) || isReadElsewhere
        if isKept, !links.canKeep(node, inChainEndingAt: last, nodes) { continue }
        let (allNodes, allKept) = (nodes.union([node]), isKept ? kept.union([node]) : kept)
        guard Self.fits(Self.chain(allNodes, keeping: allKept, in: graph), in: graph) else { continue }
        (nodes, kept) = (allNodes, allKept)
        candidates += graph.nodes[node].inputs.map(\.node)
      }
      if nodes.count > 1 || links.isBetterAsChain(last) {
        // Some have all their readers in the chain by now.
        kept.formIntersection(read)
        let chain = Self.chain(nodes, keeping: kept, in: graph)
        chains[last] = chain
        read.formUnion(chain.operands.map(\.node))
        written.formUnion(kept)
      } else {
        read.formUnion(graph.nodes[last].inputs.map(\.node))
      }
    }
    others = written
  }

  /// Whether there is nothing to do when a node's turn comes: its output exists only inside chains, or is written later.
  func hasNoKernel(_ node: Int) -> Bool { inside.contains(node) || others.contains(node) }

  func chain(endingAt node: Int) -> Chain? { chains[node] }

  /// Nil for a node that is computed by itself.
  func work(at node: Int, in graph: Graph) -> MemoryPlan.Work? {
    if hasNoKernel(node) { return MemoryPlan.Work.none }
    guard let chain = chains[node] else { return nil }
    let lengths = graph.lengths(of: Value(node: node))
    return MemoryPlan.Work(
      operands: chain.operands, results: chain.results,
      inPlaceOperands: graph.nodes[node].operation.isReduction
        ? [] : chain.operands.indices.filter { graph.lengths(of: chain.operands[$0]) == lengths })
  }

  private static func chain(_ nodes: Set<Int>, keeping kept: Set<Int>, in graph: Graph) -> Chain {
    let nodes = nodes.sorted()
    var operands: [Value] = []
    for node in nodes {
      for input in graph.nodes[node].inputs where !nodes.contains(input.node) && !operands.contains(input) {
        operands.append(input)
      }
    }
    let results = nodes.suffix(1) + kept.sorted()
    return Chain(nodes: nodes, operands: operands, results: results.map { Value(node: $0) })
  }

  private static func fits(_ chain: Chain, in graph: Graph) -> Bool {
    chain.nodes.count <= Int(KK_CHAIN_STEPS) && chain.operands.count <= Int(KK_CHAIN_OPERANDS)
      && chain.results.count <= Int(KK_CHAIN_RESULTS) && chain.steps(in: graph) != nil
  }
}

/// Which nodes of a graph can be parts of chains.
private struct Links {
  let graph: Graph
  let precision: PrecisionPlan
  let consumers: [[Int]]
  private var links: Set<Int> = []
  /// What is computed again wherever it is read, and what is then read in its place.
  private var sources: [Int: Set<Value>] = [:]

  init(of graph: Graph, precision: PrecisionPlan) {
    (self.graph, self.precision, consumers) = (graph, precision, graph.consumers())
    links = Set(graph.nodes.indices.filter(isElementwise))
    for node in graph.nodes.indices { sources[node] = sourcesWhereFloating(node) }
  }

  func isLink(_ node: Int) -> Bool { links.contains(node) }

  /// Whether a node is computed again wherever it is read.
  func isFloating(_ node: Int) -> Bool { sources[node] != nil }

  /// Whether a chain of `nodes` can write what a node gives as well: nobody reads that before the chain's last node is
  /// computed, and it is stored as that is.
  func canKeep(_ node: Int, inChainEndingAt last: Int, _ nodes: Set<Int>) -> Bool {
    if case .broadcast = graph.nodes[node].operation { return false }
    guard isLink(last), isNumber(Value(node: last)), isNumber(Value(node: node)),
      precision.type(of: Value(node: node)) == precision.type(of: Value(node: last))
    else { return false }
    // What follows from it inside the chain must not be computed anywhere else: a floating node that others read, too, may
    // have to be stored after all, when its own turn comes.
    var (pending, seen) = ([node], Set([node]))
    while let next = pending.popLast() {
      for reader in consumers[next] {
        if nodes.contains(reader) {
          if seen.insert(reader).inserted { pending.append(reader) }
        } else if reader < last || next != node && isFloating(next) {
          return false
        }
      }
    }
    return true
  }

  /// The lengths of the elements that a chain would compute which ends at `node`; nil where none can.
  func lengths(ofChainEndingAt node: Int) -> [Int]? {
    if isLink(node) { return graph.lengths(of: Value(node: node)) }
    return takesChain(node) ? graph.lengths(of: graph.nodes[node].inputs[0]) : nil
  }

  /// Whether a node by itself is better off as a chain: an operand is repeated so often that the other kernel, which
  /// goes row by row, would be busy with rows, or there is no other fast kernel.
  func isBetterAsChain(_ index: Int) -> Bool {
    guard isLink(index) else { return false }
    switch graph.nodes[index].operation {
    case .unary, .compare, .select, .broadcast: return false
    case .binary(let binary) where binary.function.isLogical: return true
    default: break
    }
    let lengths = graph.lengths(of: Value(node: index))
    return graph.nodes[index].inputs.contains { input in
      guard let stretch = Stretch(graph.lengths(of: input), to: lengths) else { return false }
      return (2..<64).contains(stretch.period) && stretch.outer >= 64 * stretch.period
    }
  }

  /// Whether the chains' kernel computes a node.
  private func isElementwise(_ index: Int) -> Bool {
    let node = graph.nodes[index]
    let output = Value(node: index)
    let lengths = graph.lengths(of: output)
    switch node.operation {
    case .unary, .binary, .compare, .select: break
    case .broadcast: guard graph.lengths(of: node.inputs[0]) != lengths else { return false }
    default: return false
    }
    return !lengths.contains(0)
      && (node.inputs + [output]).allSatisfy { isNumber($0) || isCondition($0) }
      && node.inputs.allSatisfy { Stretch(graph.lengths(of: $0), to: lengths) != nil }
  }

  private func isNumber(_ value: Value) -> Bool {
    [.float32, .bfloat16].contains(graph.spec(of: value).dataType)
      && [.float32, .bfloat16].contains(precision.type(of: value))
  }

  private func isCondition(_ value: Value) -> Bool {
    graph.spec(of: value).dataType == .bool && precision.type(of: value) == .bool
  }

  /// Whether a node is a reduction that can do without its input in memory.
  private func takesChain(_ index: Int) -> Bool {
    guard case .reduction(let reduction) = graph.nodes[index].operation else { return false }
    let input = graph.nodes[index].inputs[0]
    return isNumber(input) && isNumber(Value(node: index)) && !graph.lengths(of: input).contains(0)
      && GraphCompiler.runs(of: reduction.axes).count == 1
  }

  /// What is read in place of a node that is not stored at all: all its readers are in chains, it is computed in a step
  /// or two of which the kernel does several while memory brings an element, and it reads no more than one tensor of its
  /// size, which takes its place in memory until the last reader is done.
  private func sourcesWhereFloating(_ index: Int) -> Set<Value>? {
    let node = graph.nodes[index]
    guard isLink(index), node.operation.isCheap, isNumber(Value(node: index)) else { return nil }
    let lengths = graph.lengths(of: Value(node: index))
    let isOnlyInChains = consumers[index].allSatisfy { self.lengths(ofChainEndingAt: $0) == lengths }
    guard isOnlyInChains else { return nil }
    let large = node.inputs.filter { graph.lengths(of: $0).reduce(1, *) == lengths.reduce(1, *) }
    let sources = large.reduce(into: Set<Value>()) { $0.formUnion(self.sources[$1.node] ?? [$1]) }
    return sources.count <= 1 ? sources : nil
  }
}

extension KerasGraph.Operation {
  fileprivate var isReduction: Bool { if case .reduction = self { true } else { false } }

  /// Whether a step of it takes about as long as reading an element from the nearest cache.
  fileprivate var isCheap: Bool {
    switch self {
    case .broadcast, .select, .compare: true
    case .unary(let unary):
      switch unary.function {
      case .relu, .relu6, .leakyRelu, .clip, .square, .absolute, .negate, .linear: true
      default: false
      }
    case .binary(let binary): [.add, .subtract, .multiply, .maximum, .minimum].contains(binary.function)
    default: false
    }
  }
}

/// How an operand is repeated to a result's shape: element `i` reads `i / outer · period + i % outer % period`.
private struct Stretch {
  let period, outer: Int

  /// Nil for what is repeated along axes that are not neighbours.
  init?(_ operand: [Int], to result: [Int]) {
    let operand = [Int](repeating: 1, count: max(0, result.count - operand.count)) + operand
    var axis = result.count - 1
    func product(whileTrue isPart: (Int) -> Bool) -> Int {
      var product = 1
      while axis >= 0, isPart(axis) {
        product *= result[axis]
        axis -= 1
      }
      return product
    }
    let period = product { operand[$0] == result[$0] }
    let repetitions = product { operand[$0] == 1 }
    guard axis < 0 || (0...axis).allSatisfy({ operand[$0] == result[$0] }) else { return nil }
    self.period = period
    outer = period * repetitions
  }
}

extension ElementwiseChains.Chain {
  /// For the kernel, and where they leave the results that the last one does not give; nil where more has to be
  /// remembered between them than it has room for.
  fileprivate func steps(in graph: Graph) -> (steps: [kk_chain_step], furtherResults: [Int32])? {
    var free = Array((Int(KK_CHAIN_OPERANDS)..<Int(KK_CHAIN_OPERANDS + KK_CHAIN_TEMPORARIES)).reversed())
    var places: [Value: Int] = [:]
    for (number, operand) in operands.enumerated() { places[operand] = number }
    var lastReader: [Value: Int] = [:]
    for index in nodes { for input in graph.nodes[index].inputs { lastReader[input] = index } }
    var steps: [kk_chain_step] = []
    for index in nodes {
      let node = graph.nodes[index]
      let inputs = node.inputs.map { Int32(places[$0] ?? 0) }
      if case .reduction = node.operation { break }
      if case .broadcast = node.operation {
        // An operand is stretched to the chain's shape in any case.
        places[Value(node: index)] = places[node.inputs[0]]
        continue
      }
      for input in Set(node.inputs)
      where lastReader[input] == index && nodes.contains(input.node) && !results.contains(input) {
        if let place = places[input], place >= Int(KK_CHAIN_OPERANDS) { free.append(place) }
      }
      guard let place = free.popLast() else { return nil }
      places[Value(node: index)] = place
      var step = kk_chain_step()
      (step.a, step.b, step.y) = (inputs[0], inputs.count > 1 ? inputs[1] : 0, Int32(place))
      switch node.operation {
      case .unary(let unary): step.f = kk_function(unary.function)
      case .binary(let binary): step.setFunction(binary.function)
      case .compare(let compare): (step.kind, step.comparison) = (KK_COMPARE, kk_comparison(compare.function))
      case .select: (step.kind, step.c) = (KK_SELECT, inputs[2])
      default: return nil
      }
      steps.append(step)
    }
    return (steps, results.dropFirst().map { Int32(places[$0] ?? 0) })
  }

  fileprivate func names(in graph: Graph) -> [String] {
    nodes.map { index in
      switch graph.nodes[index].operation {
      case .unary(let unary): "\(unary.function)"
      case .binary(let binary): "\(binary.function)"
      case .compare(let compare): "\(compare.function)"
      default: graph.nodes[index].operation.name
      }
    }
  }
}

extension kk_chain_step {
  /// Conditions are numbers in a chain, 0 and 1.
  fileprivate mutating func setFunction(_ function: BinaryOperation.Function) {
    switch function {
    case .logicalAnd: (kind, op) = (KK_COMBINE, KK_MINIMUM)
    case .logicalOr: (kind, op) = (KK_COMBINE, KK_MAXIMUM)
    case .logicalXor: (kind, comparison) = (KK_COMPARE, KK_NOT_EQUAL)
    default: (kind, op) = (KK_COMBINE, kk_operator(function))
    }
  }
}

extension GraphCompiler {
  /// Adds the kernel of a chain that ends at the node being compiled.
  mutating func add(_ chain: ElementwiseChains.Chain) {
    let (operands, results) = (chain.operands.map(tensor), chain.results.map(tensor))
    let y = results[0]
    var (lengths, reduction, scratch) = (y.lengths, kk_reduction_plan?.none, [Place]())
    if case .reduction(let operation) = node.operation {
      lengths = self.lengths(0)
      let shape = ReductionShape(of: Self.runs(of: operation.axes)[0], in: lengths)
      let plan = shape.plan(of: operation.function, storedAs: kernelType(y.type))
      (reduction, scratch) = (plan, [self.scratch(for: plan)])
    }
    let plan = chain.plan(in: graph, operands, lengths: lengths, storedAs: y.type)
    let (count, resultCount, reduced) = (operands.count, results.count, reduction)
    let part = Part(
      operation: chain.nodes.count > 1 ? "chain" : nil, operands: chain.operands,
      byteCount: (operands + results).reduce(0) { $0 + $1.byteCount })
    add(
      "\(chain.names(in: graph).joined(separator: ", ")) \(lengths)",
      places: (operands + results).map(\.place) + scratch,
      part: part
    ) { addresses in
      let operands = UnsafeRawPointer(addresses).assumingMemoryBound(to: UnsafeRawPointer?.self)
      withUnsafePointer(to: plan) { plan in
        guard let reduced else {
          let results = UnsafeRawPointer(addresses + count).assumingMemoryBound(
            to: UnsafeMutableRawPointer?.self)
          return kk_chain(plan, operands, results)
        }
        withUnsafePointer(to: reduced) {
          kk_reduce_chain(
            $0, plan, operands, addresses[count],
            addresses[count + resultCount].assumingMemoryBound(to: Float.self))
        }
      }
    }
  }
}

extension ElementwiseChains.Chain {
  fileprivate func plan(
    in graph: Graph, _ tensors: [GraphCompiler.Tensor], lengths: [Int], storedAs type: DataType
  ) -> kk_chain_plan {
    var plan = kk_chain_plan()
    plan.operand_count = Int32(tensors.count)
    plan.count = lengths.reduce(1, *)
    plan.y_type = chainType(type)
    withUnsafeMutableBytes(of: &plan.operands) { bytes in
      let places = bytes.bindMemory(to: kk_chain_operand.self)
      for (place, tensor) in zip(places.indices, tensors) {
        guard let stretch = Stretch(tensor.lengths, to: lengths) else { continue }
        places[place] = kk_chain_operand(
          type: chainType(tensor.type), period: stretch.period, outer: stretch.outer)
      }
    }
    let (steps, furtherResults) = steps(in: graph) ?? ([], [])
    plan.step_count = Int32(steps.count)
    plan.result_count = Int32(1 + furtherResults.count)
    withUnsafeMutableBytes(of: &plan.further_results) { bytes in
      let places = bytes.bindMemory(to: Int32.self)
      for (place, result) in zip(places.indices, furtherResults) { places[place] = result }
    }
    withUnsafeMutableBytes(of: &plan.steps) { bytes in
      let places = bytes.bindMemory(to: kk_chain_step.self)
      for (place, step) in zip(places.indices, steps) { places[place] = step }
    }
    return plan
  }
}

private func chainType(_ type: DataType) -> kk_type { type == .bool ? KK_BOOL : kernelType(type) }
