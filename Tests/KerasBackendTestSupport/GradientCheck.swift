import KerasGraph

/// Compares the gradients that are recorded for a graph with finite differences.
///
/// The graph's floating-point outputs are multiplied by fixed random numbers and summed. The slope of that sum
/// along a random direction, for each input alone and for all together, must be the gradient times the direction.
/// Both sides are computed in double precision by the naive witness, so that six digits must agree; float32
/// constants in gradients leave no more.
///
/// - Parameters:
///   - inputs: away from kinks and ties, where slopes are not defined.
///   - order: 2 checks the gradients of the gradients, too.
/// - Returns: what is wrong, or nil.
/// - Throws: `notDifferentiable` when some operation is not.
public func checkGradient(
  of graph: Graph, at inputs: [Tensor], order: Int = 1, seed: UInt64 = 7
) throws(KerasError) -> String? {
  var graph = graph
  for level in 1...order {
    let gradients = try gradientGraph(of: graph, seed: seed + UInt64(level))
    if let found = try slopeDisagreement(of: graph, with: gradients, at: inputs, seed: seed + UInt64(level)) {
      return "Derivative number \(level): \(found)\n\(graph)\ngradients:\n\(gradients)"
    }
    graph = gradients
  }
  return nil
}

/// The graph of the gradients of `Σ output · factor`, by each floating-point input (zeros where nothing depends on
/// it); the factors are random constants.
public func gradientGraph(of graph: Graph, seed: UInt64) throws(KerasError) -> Graph {
  let builder = GraphBuilder()
  let inputs = graph.inputs.map { builder.input(graph.spec(of: $0)) }
  let outputs = try builder.inline(graph, on: inputs)
  var seeds: [(output: Value, gradient: Value)] = []
  for (number, output) in outputs.enumerated() where builder.spec(of: output).dataType.isFloatingPoint {
    seeds.append((output, builder.constant(factors(number, builder.spec(of: output), seed))))
  }
  let targets = inputs.filter { builder.spec(of: $0).dataType.isFloatingPoint }
  let gradients = try builder.gradients(from: seeds, to: targets)
  var results: [Value] = []
  for (target, gradient) in zip(targets, gradients) {
    results.append(try gradient.orElse(builder.zeros(like: target)))
  }
  return builder.finish(returning: results)
}

/// What output number `number` is multiplied by.
private func factors(_ number: Int, _ spec: TensorSpec, _ seed: UInt64) -> Tensor {
  var choices = RandomChoices(seed: seed, number: number)
  return choices.tensor(spec.shape.compactMap { $0 }).converted(to: spec.dataType)
}

private func slopeDisagreement(
  of graph: Graph, with gradients: Graph, at inputs: [Tensor], seed: UInt64
) throws(KerasError) -> String? {
  let point = inputs.map { NaiveTensor($0) }
  let slopes = try gradients.evaluated(on: point)
  let positions = inputs.indices.filter { inputs[$0].dataType.isFloatingPoint }
  var choices = RandomChoices(seed: seed, number: 1000)
  let directions = positions.map { NaiveTensor(choices.tensor(inputs[$0].shape)) }

  func sum(_ step: Double, along chosen: [Int]) throws(KerasError) -> Double {
    var moved = point
    for index in chosen {
      for i in moved[positions[index]].elements.indices {
        moved[positions[index]].elements[i] += step * directions[index].elements[i]
      }
    }
    var total = 0.0
    for (number, (value, output)) in zip(try graph.evaluated(on: moved), graph.outputs).enumerated() {
      let spec = graph.spec(of: output)
      guard spec.dataType.isFloatingPoint else { continue }
      let factors = NaiveTensor(factors(number, spec, seed))
      total += zip(value.elements, factors.elements).reduce(0) { $0 + $1.0 * $1.1 }
    }
    return total
  }
  let together = positions.count > 1 ? [Array(positions.indices)] : []
  for chosen in positions.indices.map({ [$0] }) + together {
    let step = 1e-5
    let slope = (try sum(step, along: chosen) - sum(-step, along: chosen)) / (2 * step)
    let products = chosen.flatMap { zip(slopes[$0].elements, directions[$0].elements).map { $0 * $1 } }
    let claimed = products.reduce(0, +)
    let size = products.reduce(1) { $0 + abs($1) }
    guard abs(claimed - slope) <= 1e-6 * size else {
      return "Along input \(chosen.map { positions[$0] }) the slope is \(slope), by the gradient \(claimed)."
    }
  }
  return nil
}
