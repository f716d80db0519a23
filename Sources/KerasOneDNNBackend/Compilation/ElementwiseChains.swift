import KerasGraph
import KerasKernels

/// Element-wise operations that one kernel computes together, block by block: what stands between them stays in the
/// cache and needs no memory of its own.
///
/// `x · sigmoid(x)`, the formulas of GELU and hard swish, an optimizer's update: written as several operations, they
/// cost one walk through memory. A chain ends at a node whose result others read; inside it are only nodes that nobody
/// else reads.
struct ElementwiseChains {
  struct Chain {
    /// In the graph's order; the last one's output is the chain's.
    let nodes: [Int]
    /// What it reads from memory.
    let operands: [Value]
  }

  /// By the node they end at.
  private var chains: [Int: Chain] = [:]
  private var inside: Set<Int> = []

  init(of graph: Graph, precision: PrecisionPlan) {
    let consumers = graph.consumers()
    let returned = Set(graph.outputs.map(\.node))
    for last in graph.nodes.indices.reversed() where !inside.contains(last) {
      guard Self.isLink(last, of: graph, precision: precision) else { continue }
      var nodes: Set<Int> = [last]
      var candidates = graph.nodes[last].inputs.map(\.node)
      while let node = candidates.popLast() {
        guard !nodes.contains(node), !returned.contains(node), consumers[node].allSatisfy(nodes.contains),
          Self.isLink(node, of: graph, precision: precision),
          graph.lengths(of: Value(node: node)) == graph.lengths(of: Value(node: last)),
          Self.fits(nodes.union([node]), in: graph)
        else { continue }
        nodes.insert(node)
        candidates += graph.nodes[node].inputs.map(\.node)
      }
      guard nodes.count > 1 || Self.readsShortPeriod(last, in: graph) else { continue }
      chains[last] = Self.chain(nodes, in: graph)
      inside.formUnion(nodes.subtracting([last]))
    }
  }

  /// Whether a node's output exists only inside a chain.
  func isInside(_ node: Int) -> Bool { inside.contains(node) }

  func chain(endingAt node: Int) -> Chain? { chains[node] }

  /// Nil for a node that is computed by itself.
  func work(at node: Int, in graph: Graph) -> MemoryPlan.Work? {
    if inside.contains(node) { return MemoryPlan.Work.none }
    guard let chain = chains[node] else { return nil }
    let lengths = graph.lengths(of: Value(node: node))
    return MemoryPlan.Work(
      operands: chain.operands,
      inPlaceOperands: chain.operands.indices.filter { graph.lengths(of: chain.operands[$0]) == lengths })
  }

  private static func chain(_ nodes: Set<Int>, in graph: Graph) -> Chain {
    let nodes = nodes.sorted()
    var operands: [Value] = []
    for node in nodes {
      for input in graph.nodes[node].inputs where !nodes.contains(input.node) && !operands.contains(input) {
        operands.append(input)
      }
    }
    return Chain(nodes: nodes, operands: operands)
  }

  private static func fits(_ nodes: Set<Int>, in graph: Graph) -> Bool {
    let chain = chain(nodes, in: graph)
    return chain.nodes.count <= Int(KK_CHAIN_STEPS) && chain.operands.count <= Int(KK_CHAIN_OPERANDS)
      && chain.steps(in: graph) != nil
  }

  /// Whether the chains' kernel computes a node.
  private static func isLink(_ index: Int, of graph: Graph, precision: PrecisionPlan) -> Bool {
    let node = graph.nodes[index]
    switch node.operation {
    case .unary, .binary: break
    default: return false
    }
    let output = Value(node: index)
    let lengths = graph.lengths(of: output)
    return !lengths.contains(0)
      && (node.inputs + [output]).allSatisfy { value in
        [.float32, .bfloat16].contains(graph.spec(of: value).dataType)
          && [.float32, .bfloat16].contains(precision.type(of: value))
          && Stretch(graph.lengths(of: value), to: lengths) != nil
      }
  }

  /// Whether a node by itself is better off as a chain: an operand is repeated so often that the other kernel, which
  /// goes row by row, would be busy with rows.
  private static func readsShortPeriod(_ index: Int, in graph: Graph) -> Bool {
    let lengths = graph.lengths(of: Value(node: index))
    return graph.nodes[index].inputs.contains { input in
      guard let stretch = Stretch(graph.lengths(of: input), to: lengths) else { return false }
      return (2..<64).contains(stretch.period) && stretch.outer >= 64 * stretch.period
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
  /// For the kernel; nil where more has to be remembered between its steps than it has room for.
  fileprivate func steps(in graph: Graph) -> [kk_chain_step]? {
    var free = Array((Int(KK_CHAIN_OPERANDS)..<Int(KK_CHAIN_OPERANDS + KK_CHAIN_TEMPORARIES)).reversed())
    var places: [Value: Int] = [:]
    for (number, operand) in operands.enumerated() { places[operand] = number }
    var lastReader: [Value: Int] = [:]
    for index in nodes { for input in graph.nodes[index].inputs { lastReader[input] = index } }
    var steps: [kk_chain_step] = []
    for index in nodes {
      let node = graph.nodes[index]
      let inputs = node.inputs.map { Int32(places[$0] ?? 0) }
      for input in Set(node.inputs) where lastReader[input] == index && nodes.contains(input.node) {
        if let place = places[input] { free.append(place) }
      }
      guard let place = free.popLast() else { return nil }
      places[Value(node: index)] = place
      var step = kk_chain_step()
      (step.a, step.b, step.y) = (inputs[0], inputs.count > 1 ? inputs[1] : 0, Int32(place))
      switch node.operation {
      case .unary(let unary): step.f = kk_function(unary.function)
      case .binary(let binary): (step.is_binary, step.op) = (true, kk_operator(binary.function))
      default: return nil
      }
      steps.append(step)
    }
    return steps
  }

  fileprivate func names(in graph: Graph) -> [String] {
    nodes.map { index in
      switch graph.nodes[index].operation {
      case .unary(let unary): "\(unary.function)"
      case .binary(let binary): "\(binary.function)"
      default: graph.nodes[index].operation.name
      }
    }
  }
}

extension GraphCompiler {
  /// Adds the kernel of a chain that ends at the node being compiled.
  mutating func add(_ chain: ElementwiseChains.Chain) {
    let (y, operands) = (output, chain.operands.map(tensor))
    var plan = kk_chain_plan()
    plan.operand_count = Int32(operands.count)
    plan.count = y.elementCount
    plan.y_type = kernelType(y.type)
    withUnsafeMutableBytes(of: &plan.operands) { bytes in
      let places = bytes.bindMemory(to: kk_chain_operand.self)
      for (place, operand) in zip(places.indices, operands) {
        guard let stretch = Stretch(operand.lengths, to: y.lengths) else { continue }
        places[place] = kk_chain_operand(
          type: kernelType(operand.type), period: stretch.period, outer: stretch.outer)
      }
    }
    let steps = chain.steps(in: graph) ?? []
    plan.step_count = Int32(steps.count)
    withUnsafeMutableBytes(of: &plan.steps) { bytes in
      let places = bytes.bindMemory(to: kk_chain_step.self)
      for (place, step) in zip(places.indices, steps) { places[place] = step }
    }
    let (kernel, count) = (plan, operands.count)
    let part = Part(
      operation: chain.nodes.count > 1 ? "chain" : nil, operands: chain.operands,
      byteCount: operands.reduce(y.byteCount) { $0 + $1.byteCount })
    add(
      "\(chain.names(in: graph).joined(separator: ", ")) \(y.lengths)",
      places: operands.map(\.place) + [y.place],
      part: part
    ) { addresses in
      withUnsafePointer(to: kernel) {
        kk_chain(
          $0, UnsafeRawPointer(addresses).assumingMemoryBound(to: UnsafeRawPointer?.self), addresses[count])
      }
    }
  }
}
