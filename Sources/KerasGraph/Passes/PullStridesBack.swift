/// Lets a convolution or pool compute only what is read of it: every n-th position, where all who read it have
/// windows of one place and stride n.
///
/// `y = convolution(x, k); z = convolution(y, 1×1) stride 2` becomes `y = convolution(x, k) stride 2; z = convolution(y,
/// 1×1)`, and so on backwards through chains of them: three quarters of ResNet's positions before each halving are
/// never computed. A residual that others need whole is read at every n-th position.
public struct PullStridesBack: Pass {
  public init() {}

  public func apply(to graph: Graph) throws(KerasError) -> Graph {
    let sampling = Sampling(of: graph)
    guard sampling.isNeeded else { return graph }
    return try graph.rewritingNodes { (index, node, rewriter) throws(KerasError) in
      guard let window = node.operation.slidingWindow else { return false }
      let steps = sampling.steps(of: Value(node: index), rank: window.rank)
      // What the image is computed at is spared here.
      let before = sampling.steps(of: node.inputs[0], rank: window.rank)
      guard (steps + before).contains(where: { $0 > 1 }) else { return false }
      var inputs = node.inputs.map(rewriter.rewritten)
      let strides = (0..<window.rank).map { window.strides[$0] * steps[$0] / before[$0] }
      if let position = node.operation.residualPosition {
        let residual = node.inputs[position]
        if sampling.steps(of: residual, rank: window.rank) != steps {
          let lengths = graph.shape(of: residual).dimensions.compactMap { $0 }
          inputs[position] = try rewriter.emit(
            .slice(SliceOperation(starts: lengths.map { _ in 0 }, ends: lengths, strides: [1] + steps + [1])),
            [inputs[position]], name: node.name)
        }
      }
      try rewriter.replace(index, by: node.operation.with(strides: strides), inputs)
      return true
    }
  }
}

/// At which positions values need to be computed: every n-th, by spatial axis.
private struct Sampling {
  private var steps: [Value: [Int]] = [:]

  var isNeeded: Bool { !steps.isEmpty }

  func steps(of value: Value, rank: Int) -> [Int] { steps[value] ?? [Int](repeating: 1, count: rank) }

  init(of graph: Graph) {
    let consumers = graph.consumers()
    let returned = Set(graph.outputs)
    for index in graph.nodes.indices.reversed() {
      let value = Value(node: index)
      let node = graph.nodes[index]
      guard let window = node.operation.slidingWindow, !returned.contains(value), !consumers[index].isEmpty,
        node.outputs[0].shape.known != nil
      else { continue }
      let found = Set(consumers[index].flatMap { demands(of: $0, on: value, in: graph) })
      guard found.count == 1, case .some(.some(let demand)) = found.first, demand.count == window.rank,
        demand.contains(where: { $0 > 1 }), products(of: window.strides, demand) != nil
      else { continue }
      steps[value] = demand
    }
  }

  /// What a node reads of `value`: every n-th position, or nil for all; once for each input that it is.
  private func demands(of consumer: Int, on value: Value, in graph: Graph) -> [[Int]?] {
    let node = graph.nodes[consumer]
    return node.inputs.indices.filter { node.inputs[$0] == value }.map { position in
      guard let window = node.operation.slidingWindow else { return nil }
      let own = steps(of: Value(node: consumer), rank: window.rank)
      if position == node.operation.residualPosition { return own }
      let isOnePlace = window.size.allSatisfy { $0 == 1 } && window.padding.allSatisfy { $0 == .none }
      guard position == 0, isOnePlace else { return nil }
      return products(of: window.strides, own)
    }
  }

  /// Nil where a window could not have such strides.
  private func products(of a: [Int], _ b: [Int]) -> [Int]? {
    let products = zip(a, b).map { $0.multipliedReportingOverflow(by: $1) }
    guard products.allSatisfy({ !$0.overflow && $0.partialValue <= Int(Int32.max) }) else { return nil }
    return products.map(\.partialValue)
  }
}

extension Operation {
  fileprivate var slidingWindow: Window? {
    switch self {
    case .convolution(let convolution): convolution.window
    case .pooling(let pooling): pooling.window
    default: nil
    }
  }

  fileprivate var residualPosition: Int? {
    if case .convolution(let convolution) = self { convolution.epilogue.residualInput } else { nil }
  }

  fileprivate func with(strides: [Int]) -> Operation {
    switch self {
    case .convolution(var convolution):
      convolution.window.strides = strides
      return .convolution(convolution)
    case .pooling(var pooling):
      pooling.window.strides = strides
      return .pooling(pooling)
    default:
      return self
    }
  }
}
