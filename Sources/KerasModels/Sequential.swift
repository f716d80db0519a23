import KerasLayers

/// Layers one after the other.
///
/// ```swift
/// let mlp = Sequential {
///   Input(shape: [784])
///   Dense(units: 512, activation: .relu)
///   Dropout(0.2)
///   Dense(units: 10, activation: .softmax)
/// }
/// ```
/// Without an `Input`, shapes are known when the model is first called on something. An error (a layer that does
/// not fit the one before) is thrown by whatever first needs the model.
public final class Sequential: Model, @unchecked Sendable {
  /// Without the input layer.
  private var stack: [Layer] = []
  private var inputLayer: InputLayer?
  /// Why the layers do not fit together.
  private(set) var failure: KerasError?

  public init(_ layers: [Layer], name: String? = nil) {
    super.init(name: name ?? Session.current.uniqueName("sequential"))
    for layer in layers { append(layer) }
    connectIfPossible()
  }

  public convenience init(name: String? = nil, @SequentialBuilder _ layers: () -> [Layer]) {
    // The name is counted before those of the layers inside, as in Keras.
    let name = name ?? Session.current.uniqueName("sequential")
    self.init(layers(), name: name)
  }

  public override var className: String { "Sequential" }

  public override var layers: [Layer] { stack }

  /// Adds a layer behind the last.
  ///
  /// - Throws: when it does not fit, or has the name of another; the model is then as before.
  public func add(_ layer: Layer) throws(KerasError) {
    let before = (stack, inputLayer)
    append(layer)
    connectIfPossible()
    if let failure {
      (stack, inputLayer) = before
      connectIfPossible()
      throw failure
    }
  }

  /// Removes the last layer and returns it.
  ///
  /// - Throws: `invalidArgument` when there is none.
  @discardableResult
  public func pop() throws(KerasError) -> Layer {
    guard let last = stack.popLast() else {
      throw KerasError(.invalidArgument, "There is no layer to remove.", path: [name])
    }
    connectIfPossible()
    return last
  }

  private func append(_ layer: Layer) {
    if let input = layer as? InputLayer, stack.isEmpty {
      inputLayer = input
    } else {
      stack.append(layer)
    }
  }

  /// Connects the layers where the first one's input is known.
  private func connectIfPossible() {
    structureDidChange()
    failure = nil
    (network, inputs, outputs) = (nil, [], [])
    guard let inputLayer, !stack.isEmpty else { return }
    do {
      try connect(from: inputLayer)
    } catch {
      failure = error
    }
  }

  private func connect(from layer: InputLayer) throws(KerasError) {
    let input = layer.tensor()
    var x = [input]
    for layer in stack { x = layer.apply(to: x, in: path) }
    try connect(inputs: [input], outputs: x)
  }

  public override func build(for inputs: [TensorSpec]) throws(KerasError) {
    if let failure { throw failure }
    guard network == nil, let spec = inputs.first else { return }
    var shape = spec.shape
    if shape.rank > 0 { shape[0] = nil }
    // As in Keras, numbers of any type become the first layer's.
    let dataType = stack.first.flatMap { $0.castsInputs ? $0.dataTypePolicy.computeType : nil } ?? spec.dataType
    try connect(
      from: InputLayer(
        batchShape: shape, dataType: dataType, name: Session.current.uniqueName("input_layer")))
  }

  public override func call(_ inputs: [Value], in context: CallContext) throws -> [Value] {
    if let failure { throw failure }
    guard !stack.isEmpty else { return inputs }
    return try super.call(inputs, in: context)
  }

  /// The input layer, given or made for the first call, then the others.
  package var layersWithInput: [Layer] {
    let first = inputLayer ?? inputs.first?.origin?.layer as? InputLayer
    return (first.map { [$0] } ?? []) + stack
  }
}

/// Collects the layers of a ``Sequential`` model.
@resultBuilder
public enum SequentialBuilder {
  public static func buildExpression(_ layer: Layer) -> [Layer] { [layer] }
  public static func buildExpression(_ layers: [Layer]) -> [Layer] { layers }
  /// `Input(shape:)` is a tensor of an input layer.
  public static func buildExpression(_ input: SymbolicTensor) -> [Layer] {
    input.origin.map { [$0.layer] } ?? []
  }
  public static func buildBlock(_ parts: [Layer]...) -> [Layer] { parts.flatMap { $0 } }
  public static func buildOptional(_ layers: [Layer]?) -> [Layer] { layers ?? [] }
  public static func buildEither(first layers: [Layer]) -> [Layer] { layers }
  public static func buildEither(second layers: [Layer]) -> [Layer] { layers }
  public static func buildArray(_ parts: [[Layer]]) -> [Layer] { parts.flatMap { $0 } }
}
