extension GraphBuilder {
  /// Records reverse-mode differentiation: the gradients of `Σ output · seed` by each of `targets`.
  ///
  /// Only what lies between targets and outputs is differentiated; everything else is a constant. Since
  /// gradients are operations themselves, they can be differentiated again.
  ///
  /// - Parameter seeds: outputs, each with its gradient (of the same shape).
  /// - Returns: nil for a target the outputs do not depend on.
  /// - Throws: `notDifferentiable`, naming the operation that stands between.
  ///
  /// Griewank and Walther, "Evaluating Derivatives" (2008), chapter 3.
  public func gradients(
    from seeds: [(output: Value, gradient: Value)], to targets: [Value]
  ) throws(KerasError) -> [Value?] {
    let count = graph.nodes.count
    let depends = dependents(of: targets)
    var gradients: [Value: Value] = [:]
    func accumulate(_ gradient: Value, into value: Value) throws(KerasError) {
      gradients[value] =
        try gradients[value].map { (sum) throws(KerasError) in try add(sum, gradient) } ?? gradient
    }
    for seed in seeds where depends[seed.output.node] {
      guard shape(of: seed.output) == shape(of: seed.gradient) else {
        throw KerasError(
          .shapeMismatch,
          "A gradient of \(spec(of: seed.output)) must have its shape, found \(spec(of: seed.gradient)).")
      }
      try accumulate(seed.gradient, into: seed.output)
    }
    let outerScope = scope
    defer { scope = outerScope }
    let ends = Set(targets)
    for index in (0..<count).reversed() where depends[index] {
      let node = graph.nodes[index]
      let outputs = node.outputs.indices.map { Value(node: index, output: $0) }
      let upstream = outputs.map { gradients[$0] }
      let needed = node.inputs.map {
        (depends[$0.node] || ends.contains($0)) && spec(of: $0).dataType.isFloatingPoint
      }
      guard upstream.contains(where: { $0 != nil }), needed.contains(true) else { continue }
      scope = node.name
      let point = GradientPoint(node: node, outputs: outputs, upstream: upstream, needed: needed, graph: self)
      let results = try node.operation.rule.gradients(at: point)
      for (position, gradient) in results.enumerated() {
        guard needed[position], let gradient else { continue }
        try accumulate(gradient, into: node.inputs[position])
      }
    }
    return targets.map { gradients[$0] }
  }

  /// By node: whether it is or depends on one of `targets` through floating-point values.
  private func dependents(of targets: [Value]) -> [Bool] {
    var depends = [Bool](repeating: false, count: graph.nodes.count)
    for target in targets { depends[target.node] = true }
    for (index, node) in graph.nodes.enumerated() where !depends[index] {
      depends[index] = node.inputs.contains { depends[$0.node] && spec(of: $0).dataType.isFloatingPoint }
    }
    return depends
  }

  /// Sums a gradient over the axes along which its value was broadcast.
  func summed(_ gradient: Value, to value: Value) throws(KerasError) -> Value {
    let (given, wanted) = (shape(of: gradient), shape(of: value))
    guard given != wanted else { return gradient }
    let extra = given.rank - wanted.rank
    var axes = Array(0..<extra)
    for axis in wanted.indices where wanted[axis] == 1 && given[axis + extra] != 1 {
      axes.append(axis + extra)
    }
    let sum = try reduce(.sum, gradient, axes: axes, keepsDimensions: true)
    return try reshaped(sum, to: wanted)
  }
}
