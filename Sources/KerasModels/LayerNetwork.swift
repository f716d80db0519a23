import KerasLayers

/// The layer calls between a model's inputs and outputs, and its layers in the order Keras lists them,
/// which is the order of weights in files.
///
/// A layer's depth is its greatest distance from an output. Layers come by falling depth; among equals,
/// the one first met when walking back from the outputs (depth first, inputs in order) comes first.
package struct LayerNetwork {
  package private(set) var layers: [Layer] = []
  /// Each call after those whose results it reads.
  package private(set) var calls: [LayerCall] = []
  private var firstVisit: [ObjectIdentifier: Int] = [:]

  init(from inputs: [SymbolicTensor], to outputs: [SymbolicTensor]) throws(KerasError) {
    let boundary = Set(inputs)
    for output in outputs { try walkBack(from: output, boundary: boundary) }
    // An input no output depends on is still a layer of the model, the first of those at the outputs' depth.
    var known = Set(calls.map(ObjectIdentifier.init))
    let unused = inputs.compactMap(\.origin).filter { known.insert(ObjectIdentifier($0)).inserted }
    for (index, call) in unused.enumerated() {
      calls.insert(call, at: index)
      firstVisit[ObjectIdentifier(call.layer)] = index - unused.count
    }
    orderLayers()
  }

  /// Appends the calls `tensor` depends on, with a stack of our own: models may be thousands of layers deep.
  private mutating func walkBack(from tensor: SymbolicTensor, boundary: Set<SymbolicTensor>)
    throws(KerasError)
  {
    struct Visit {
      let call: LayerCall
      var nextInput = 0
    }
    var finished = Set(calls.map(ObjectIdentifier.init))
    var stack: [Visit] = []
    func visit(_ tensor: SymbolicTensor, _ firstVisit: inout [ObjectIdentifier: Int]) throws(KerasError) {
      guard let call = tensor.origin, !finished.contains(ObjectIdentifier(call)) else { return }
      let isBoundary = boundary.contains(tensor)
      guard isBoundary || !call.isInput else {
        throw KerasError(
          .invalidArgument, "An output depends on `\(call.layer.name)`, which is not among the inputs.",
          remedy: "pass that input to Model(inputs:outputs:) as well.")
      }
      // What made a tensor in the middle of another model is not part of this one.
      if isBoundary, !call.isInput { return }
      let layer = ObjectIdentifier(call.layer)
      if firstVisit[layer] == nil { firstVisit[layer] = firstVisit.count }
      stack.append(Visit(call: call))
    }
    try visit(tensor, &firstVisit)
    while let top = stack.last {
      if top.nextInput < top.call.inputs.count {
        stack[stack.count - 1].nextInput += 1
        try visit(top.call.inputs[top.nextInput], &firstVisit)
      } else {
        stack.removeLast()
        if finished.insert(ObjectIdentifier(top.call)).inserted { calls.append(top.call) }
      }
    }
  }

  private mutating func orderLayers() {
    var depthOfCall: [ObjectIdentifier: Int] = [:]
    var depthOfLayer: [ObjectIdentifier: Int] = [:]
    for call in calls.reversed() {
      let layer = ObjectIdentifier(call.layer)
      let depth = max(depthOfCall[ObjectIdentifier(call)] ?? 0, depthOfLayer[layer] ?? 0)
      depthOfCall[ObjectIdentifier(call)] = depth
      depthOfLayer[layer] = depth
      for input in call.inputs {
        guard let parent = input.origin.map(ObjectIdentifier.init) else { continue }
        depthOfCall[parent] = max(depthOfCall[parent] ?? 0, depth + 1)
      }
    }
    var seen: Set<ObjectIdentifier> = []
    layers = calls.map(\.layer).filter { seen.insert(ObjectIdentifier($0)).inserted }
    func rank(_ layer: Layer) -> (Int, Int) {
      let layer = ObjectIdentifier(layer)
      return (-(depthOfLayer[layer] ?? 0), firstVisit[layer] ?? 0)
    }
    layers.sort { rank($0) < rank($1) }
  }
}

extension LayerNetwork {
  /// Lets a model begin in the middle of another: an input for each tensor some layer has made, and the calls
  /// behind it anew, on the same layers.
  static func detached(
    _ inputs: [SymbolicTensor], _ outputs: [SymbolicTensor]
  ) throws(KerasError) -> (inputs: [SymbolicTensor], outputs: [SymbolicTensor]) {
    guard inputs.contains(where: { $0.origin?.isInput == false }) else { return (inputs, outputs) }
    var replacements: [SymbolicTensor: SymbolicTensor] = [:]
    for tensor in inputs where replacements[tensor] == nil {
      replacements[tensor] = tensor.origin?.isInput == false ? Input(standingFor: tensor) : tensor
    }
    for call in try LayerNetwork(from: inputs, to: outputs).calls where !call.isInput {
      let copy = call.layer.record(
        inputs: call.inputs.map { replacements[$0] ?? $0 }, arguments: call.arguments,
        outputSpecs: call.outputSpecs)
      for (output, spec) in call.outputSpecs.enumerated() {
        let tensor = SymbolicTensor(spec: spec, origin: call, output: output)
        if replacements[tensor] == nil {
          replacements[tensor] = SymbolicTensor(spec: spec, origin: copy, output: output)
        }
      }
    }
    return (inputs.map { replacements[$0] ?? $0 }, outputs.map { replacements[$0] ?? $0 })
  }
}

extension LayerCall {
  /// Whether this is where data enters.
  var isInput: Bool { inputs.isEmpty }
}

private func Input(standingFor tensor: SymbolicTensor) -> SymbolicTensor {
  let layer = InputLayer(batchShape: tensor.shape, dataType: tensor.dataType)
  return SymbolicTensor(spec: layer.spec, origin: layer.record(inputs: [], outputSpecs: [layer.spec]))
}
