import KerasGraph

extension RNN {
  /// Runs over `sequences` from given states, and returns every output.
  ///
  /// ```swift
  /// let encoded = LSTM(units: 64, returnsState: true).apply(to: [question])
  /// let decoder = LSTM(units: 64, returnsSequences: true)
  /// let answer = decoder.apply(to: words, initialState: Array(encoded.dropFirst()))[0]
  /// ```
  ///
  /// - Parameters:
  ///   - mask: `[batch, time]`, of the steps there are; in place of what the sequences carry, which is not used beside
  ///     initial states.
  ///   - constants: what every step reads alike, for a cell that takes some.
  public final func apply(
    to sequences: SymbolicTensor, initialState: [SymbolicTensor], mask: SymbolicTensor? = nil,
    constants: [SymbolicTensor] = []
  ) -> [SymbolicTensor] {
    let call = recurrentCall(sequences, initialState, mask, constants)
    return apply(to: call.inputs, arguments: call.arguments)
  }
}

extension Bidirectional {
  /// Runs over `sequences` from given states, those of the forward layer first, and returns every output.
  ///
  /// - Parameter mask: see ``RNN/apply(to:initialState:mask:)``.
  public func apply(
    to sequences: SymbolicTensor, initialState: [SymbolicTensor], mask: SymbolicTensor? = nil
  ) -> [SymbolicTensor] {
    let call = recurrentCall(sequences, initialState, mask)
    return apply(to: call.inputs, arguments: call.arguments)
  }
}

/// A recurrent layer's inputs by Keras' argument names.
func recurrentCall<Element>(
  _ sequences: Element, _ states: some Collection<Element>, _ mask: Element?, _ constants: [Element] = []
) -> (inputs: [Element], arguments: CallArguments) {
  let named =
    [("sequences", sequences)] + states.map { ("initial_state", $0) } + (mask.map { [("mask", $0)] } ?? [])
    + constants.map { ("constants", $0) }
  return (named.map(\.1), CallArguments(names: named.map(\.0)))
}
