/// A tensor that will be: its shape and element type, and the layer call it comes from.
///
/// Calling layers on symbolic tensors draws a model; `Model(inputs:outputs:)` takes it up. A call that
/// cannot work keeps its error and passes it on, and the model throws the first one, so that architecture
/// code needs no `try` on every line.
public struct SymbolicTensor: Sendable {
  public let spec: TensorSpec
  /// The call that computes it; nil only after an error.
  package let origin: LayerCall?
  /// Which of that call's outputs it is.
  package let output: Int
  /// What went wrong on the way here.
  package let error: KerasError?

  package init(spec: TensorSpec, origin: LayerCall, output: Int = 0) {
    self.spec = spec
    self.origin = origin
    self.output = output
    error = nil
  }

  package init(error: KerasError) {
    spec = TensorSpec([] as Shape)
    origin = nil
    output = 0
    self.error = error
  }

  /// The shape, batch first; unknown lengths are nil.
  public var shape: Shape { spec.shape }
  public var dataType: DataType { spec.dataType }
}

/// One application of a layer to tensors: a node of a model's graph of layers.
public final class LayerCall: @unchecked Sendable {
  // Sendable by rule: inputs change while the call is being freed, when nobody else has it.
  public let layer: Layer
  public private(set) var inputs: [SymbolicTensor]
  public let arguments: CallArguments
  public let outputSpecs: [TensorSpec]
  /// How many calls of the layer came before.
  package let index: Int

  init(
    layer: Layer, index: Int, inputs: [SymbolicTensor], arguments: CallArguments, outputSpecs: [TensorSpec]
  ) {
    self.layer = layer
    self.index = index
    self.inputs = inputs
    self.arguments = arguments
    self.outputSpecs = outputSpecs
  }

  deinit {
    // One after the other: left to itself, freeing a deep model would need a stack as deep.
    var pending = inputs.compactMap(\.origin)
    inputs = []
    while var call = pending.popLast() {
      guard isKnownUniquelyReferenced(&call) else { continue }
      pending += call.inputs.compactMap(\.origin)
      call.inputs = []
    }
  }
}

extension SymbolicTensor: Hashable {
  public static func == (a: SymbolicTensor, b: SymbolicTensor) -> Bool {
    a.origin === b.origin && a.output == b.output && a.error == b.error
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(origin.map(ObjectIdentifier.init))
    hasher.combine(output)
  }
}

extension SymbolicTensor: CustomStringConvertible {
  /// One line for people: the layer it comes from and what it will be, or what went wrong on the way.
  public var description: String {
    if let error { return "failed: \(error.what)" }
    return "\(origin?.layer.name ?? "tensor"): \(spec)"
  }
}
