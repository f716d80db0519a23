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
    applyRecurrent(self, to: sequences, initialState, mask, constants)
  }
}

extension Bidirectional {
  /// Runs over `sequences` from given states, those of the forward layer first, and returns every output.
  ///
  /// - Parameter mask: see ``RNN/apply(to:initialState:mask:)``.
  public func apply(
    to sequences: SymbolicTensor, initialState: [SymbolicTensor], mask: SymbolicTensor? = nil
  ) -> [SymbolicTensor] {
    applyRecurrent(self, to: sequences, initialState, mask)
  }
}

/// Calls a recurrent layer by Keras' argument names.
private func applyRecurrent(
  _ layer: Layer, to sequences: SymbolicTensor, _ states: [SymbolicTensor], _ mask: SymbolicTensor?,
  _ constants: [SymbolicTensor] = []
) -> [SymbolicTensor] {
  var (inputs, names) = ([sequences] + states, ["sequences"] + states.map { _ in "initial_state" })
  if let mask {
    inputs.append(mask)
    names.append("mask")
  }
  inputs += constants
  names += constants.map { _ in "constants" }
  return layer.apply(to: inputs, arguments: CallArguments(names: names))
}
