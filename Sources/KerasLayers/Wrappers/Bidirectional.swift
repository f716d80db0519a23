import KerasGraph

/// How a ``Bidirectional`` layer joins the outputs of its two layers. Raw values are Keras'.
public enum MergeMode: String, SettingValue, Hashable, CaseIterable {
  case sum
  case multiply = "mul"
  case average = "ave"
  /// Side by side along the last axis.
  case concatenate = "concat"
}

/// Runs a recurrent layer over sequences in both directions.
///
/// - Inputs: sequences `[batch, time, …]`, then initial states: those of the forward layer, then of the backward one.
/// - Outputs: both layers' outputs joined (with mergeMode nil: both), then with `returnsState` the states of both.
///   Sequences of the backward layer are turned into the order of time first. Masked steps of sequences are zeros.
///
/// ```swift
/// let sentence = Bidirectional(LSTM(units: 64))(words)      // [batch, 128]
/// ```
public final class Bidirectional: Layer, @unchecked Sendable {
  public let forwardLayer: RNN
  public let backwardLayer: RNN
  /// nil returns both outputs.
  @Setting("merge_mode") public private(set) var mergeMode: MergeMode?
  /// Why the layers do not fit together; told when the layer is built.
  private let problem: KerasError?

  /// - Parameters:
  ///   - layer: becomes the forward layer, under the name `forward_<name>`; one that has weights already is copied,
  ///     without them.
  ///   - backwardLayer: nil for one with the settings of `layer` that goes backwards; a layer over a cell of one's own
  ///     can be copied where its class is registered with ``Layers/register(_:_:)``.
  public init(
    _ layer: RNN, mergeMode: MergeMode? = .concatenate, backwardLayer: RNN? = nil, name: String? = nil
  ) {
    let base = layer.name
    let (forwardName, backwardName) = (
      "forward_" + base.removing(prefix: "forward_"), "backward_" + base.removing(prefix: "backward_")
    )
    var problem: KerasError?
    var (forward, backward) = (layer, backwardLayer)
    do throws(KerasError) {
      // A layer that is in use elsewhere keeps its name and its weights.
      if layer.isBuilt {
        forward = try Self.copy(of: layer, named: forwardName, goesBackwards: layer.goesBackwards)
      }
      if backwardLayer == nil {
        backward = try Self.copy(of: layer, named: backwardName, goesBackwards: true)
      }
    } catch {
      problem = error
    }
    self.forwardLayer = forward
    self.backwardLayer = backward ?? forward
    self.problem = problem ?? Self.mismatch(forwardLayer, self.backwardLayer)
    super.init(name: name)
    self.mergeMode = mergeMode
    if !forward.isBuilt { forward.name = forwardName }
    for each in [forwardLayer, self.backwardLayer] {
      each.options.zeroesMaskedOutputs = each.returnsSequences
    }
    addChild("forward_layer", forwardLayer)
    addChild("backward_layer", self.backwardLayer)
  }

  public convenience init(_ settings: Configuration) throws(KerasError) {
    guard try settings.integer("num_constants", default: 0) == 0 else {
      throw KerasError(.unsupported, "A Bidirectional with constants of its caller's is not supported.")
    }
    guard let layer = try settings.recurrentLayer("layer") else { throw settings.missing("layer") }
    self.init(
      layer, mergeMode: .concatenate, backwardLayer: try settings.recurrentLayer("backward_layer"),
      name: settings.name)
  }

  public override var config: JSONObject {
    super.config.merging([
      "layer": forwardLayer.serialized.json, "backward_layer": backwardLayer.serialized.json,
    ])
  }

  public override var supportsMasking: Bool { true }
  public override var callParameters: [String] { ["sequences", "initial_state", "mask"] }
  public override var listParameters: [String] { ["initial_state"] }

  // MARK: The two layers

  /// A layer with the same settings and weights of its own.
  private static func copy(of layer: RNN, named name: String, goesBackwards: Bool) throws(KerasError) -> RNN {
    var object = layer.serialized
    object.config["name"] = .string(name)
    object.config["go_backwards"] = .bool(goesBackwards)
    guard let copy = try Layers.deserialize(object) as? RNN else {
      throw KerasError(.invalidArgument, "\(layer.className) is registered as another kind of layer.")
    }
    return copy
  }

  private static func mismatch(_ forward: RNN, _ backward: RNN) -> KerasError? {
    if forward.goesBackwards == backward.goesBackwards {
      return KerasError(
        .invalidArgument,
        "The layers of a Bidirectional go in different directions; found that both go "
          + (forward.goesBackwards ? "backwards." : "forwards."))
    }
    let settings: [(String, KeyPath<RNN, Bool>)] = [
      ("stateful", \.isStateful), ("return_sequences", \.returnsSequences), ("return_state", \.returnsState),
    ]
    for (name, setting) in settings where forward[keyPath: setting] != backward[keyPath: setting] {
      return KerasError(
        .invalidArgument,
        "The layers of a Bidirectional must agree in \(name); found \(forward[keyPath: setting]) for the forward "
          + "layer and \(backward[keyPath: setting]) for the backward one.")
    }
    return nil
  }

  public override func build(for inputs: [TensorSpec]) throws(KerasError) {
    if let problem { throw problem }
    try buildChild(forwardLayer, for: [inputs[0]])
    try buildChild(backwardLayer, for: [inputs[0]])
  }

  public override func call(_ inputs: [Value], in context: CallContext) throws(KerasError) -> [Value] {
    let graph = context.graph
    let arguments = try SequenceArguments(inputs, in: context)
    let states = arguments.initialStates
    let half = states.count / 2
    try require(
      states.count == 2 * half,
      "Bidirectional takes the initial states of both layers, found \(states.count) of them.")
    let forward = try run(forwardLayer, arguments, states.prefix(half), in: context)
    var backward = try run(backwardLayer, arguments, states.suffix(half), in: context)
    if forwardLayer.returnsSequences {
      backward[0] = try graph.turned(backward[0], axis: backwardLayer.options.isTimeMajor ? 0 : 1)
    }
    let outputs = try merge(forward[0], backward[0], in: graph)
    let last = forward.dropFirst() + backward.dropFirst()
    let outputMask = forwardLayer.returnsSequences ? arguments.outputMask : nil
    context.setOutputMasks(outputs.map { _ in outputMask } + last.map { _ in nil })
    return outputs + last
  }

  private func run(
    _ layer: RNN, _ arguments: SequenceArguments, _ states: ArraySlice<Value>, in context: CallContext
  ) throws(KerasError) -> [Value] {
    let call = recurrentCall(arguments.sequences, states, arguments.mask)
    return try context.apply(layer, to: call.inputs, arguments: call.arguments).outputs
  }

  private func merge(_ forward: Value, _ backward: Value, in graph: GraphBuilder) throws(KerasError)
    -> [Value]
  {
    let (a, b) = (graph[forward], graph[backward])
    switch mergeMode {
    case nil: return [forward, backward]
    case .concatenate: return [try graph.concatenate([forward, backward], axis: -1)]
    case .sum: return [try (a + b).value]
    case .multiply: return [try (a * b).value]
    case .average: return [try ((a + b) * 0.5).value]
    }
  }
}

extension String {
  func removing(prefix: String) -> String {
    hasPrefix(prefix) ? String(dropFirst(prefix.count)) : self
  }
}

extension GraphBuilder {
  /// The elements along `axis` in opposite order: what was turned just before is turned back for nothing.
  fileprivate func turned(_ x: Value, axis: Int) throws(KerasError) -> Value {
    let node = graph.nodes[x.node]
    if case .reverse(let operation) = node.operation, operation.axes == [axis] { return node.inputs[0] }
    return try reverse(x, axes: [axis])
  }
}

extension Configuration {
  /// A recurrent layer inside another; nil where there is none.
  fileprivate func recurrentLayer(_ key: String) throws(KerasError) -> RNN? {
    guard let json = value(key) else { return nil }
    guard let layer = try Layers.deserialize(json, version: version) as? RNN else {
      throw wrong(key, "a recurrent layer", json)
    }
    return layer
  }
}
