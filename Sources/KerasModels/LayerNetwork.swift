import KerasLayers

/// The layer calls between a model's inputs and outputs, and its layers in the order Keras lists them,
/// which is the order of weights in files.
///
/// A layer's depth is its greatest distance from an output. Layers come by falling depth; among equals,
/// the one first met when walking back from the outputs (depth first, inputs in order) comes first.
struct LayerNetwork {
  private(set) var layers: [Layer] = []
  /// Each call after those whose results it reads.
  private(set) var calls: [LayerCall] = []
  private var firstVisit: [ObjectIdentifier: Int] = [:]

  init(from inputs: [SymbolicTensor], to outputs: [SymbolicTensor]) throws(KerasError) {
    let boundary = Set(inputs)
    for output in outputs { try walkBack(from: output, boundary: boundary) }
    for input in inputs where !calls.contains(where: { $0 === input.origin }) {
      // An input no output depends on is still a layer of the model.
      if let call = input.origin {
        calls.insert(call, at: 0)
        firstVisit[ObjectIdentifier(call.layer)] = firstVisit[ObjectIdentifier(call.layer)] ?? -1
      }
    }
    orderLayers()
  }

  /// Appends the calls `tensor` depends on, with a stack of our own: models may be thousands of layers deep.
  private mutating func walkBack(from tensor: SymbolicTensor, boundary: Set<SymbolicTensor>) throws(KerasError) {
    struct Visit {
      let call: LayerCall
      var nextInput = 0
      let stopsHere: Bool
    }
    var finished = Set(calls.map(ObjectIdentifier.init))
    var stack: [Visit] = []
    func visit(_ tensor: SymbolicTensor, _ firstVisit: inout [ObjectIdentifier: Int]) {
      guard let call = tensor.origin, !finished.contains(ObjectIdentifier(call)) else { return }
      let layer = ObjectIdentifier(call.layer)
      if firstVisit[layer] == nil { firstVisit[layer] = firstVisit.count }
      stack.append(Visit(call: call, stopsHere: boundary.contains(tensor)))
    }
    visit(tensor, &firstVisit)
    while let top = stack.last {
      if !top.stopsHere, top.nextInput < top.call.inputs.count {
        stack[stack.count - 1].nextInput += 1
        visit(top.call.inputs[top.nextInput], &firstVisit)
      } else {
        stack.removeLast()
        guard top.stopsHere || !top.call.inputs.isEmpty else {
          throw KerasError(
            .invalidArgument, "An output depends on `\(top.call.layer.name)`, which is not among the inputs.",
            remedy: "pass that input to Model(inputs:outputs:) as well.")
        }
        if finished.insert(ObjectIdentifier(top.call)).inserted { calls.append(top.call) }
      }
    }
  }

  private mutating func orderLayers() {
    var depthOfCall: [ObjectIdentifier: Int] = [:]
    var depthOfLayer: [ObjectIdentifier: Int] = [:]
    var layerOf: [ObjectIdentifier: Layer] = [:]
    for call in calls.reversed() {
      let layer = ObjectIdentifier(call.layer)
      let depth = max(depthOfCall[ObjectIdentifier(call)] ?? 0, depthOfLayer[layer] ?? 0)
      depthOfCall[ObjectIdentifier(call)] = depth
      depthOfLayer[layer] = depth
      layerOf[layer] = call.layer
      for input in call.inputs {
        guard let parent = input.origin.map(ObjectIdentifier.init) else { continue }
        depthOfCall[parent] = max(depthOfCall[parent] ?? 0, depth + 1)
      }
    }
    let order = layerOf.keys.sorted {
      (-(depthOfLayer[$0] ?? 0), firstVisit[$0] ?? 0) < (-(depthOfLayer[$1] ?? 0), firstVisit[$1] ?? 0)
    }
    layers = order.compactMap { layerOf[$0] }
  }
}
