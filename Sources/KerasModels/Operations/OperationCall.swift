import KerasLayers

/// An operation about to be applied to tensors: one of Keras' with its settings, or a function of the user's.
public struct OperationCall: Sendable {
  private enum Kind: Sendable {
    case keras(OperationKind, settings: JSONObject, arguments: CallArguments)
    case function(@Sendable (GraphBuilder, [Value]) throws -> [Value])
  }

  /// In Keras' spelling: `expand_dims`.
  public let name: String
  private let kind: Kind

  /// A function that only this program knows.
  public init(
    _ name: String, _ record: @escaping @Sendable (GraphBuilder, [Value]) throws -> [Value]
  ) {
    self.name = name
    kind = .function(record)
  }

  /// - Parameters:
  ///   - className: Keras' class, which ``OperationKind/all`` has.
  ///   - settings: what files hold as the class' settings.
  ///   - arguments: what files hold as plain arguments of the call.
  ///   - names: the parameters the tensors are for; empty for the first ones in order.
  init(
    _ className: String, _ settings: JSONObject, arguments: JSONObject = [:], names: [String] = []
  ) throws(KerasError) {
    name = snakeCase(className)
    kind = .keras(
      try OperationKind.named(className), settings: settings,
      arguments: CallArguments(names: names, options: arguments))
  }

  /// Writes the operation into a graph.
  func record(_ graph: GraphBuilder, _ operands: [Value]) throws(KerasError) -> [Value] {
    switch kind {
    case .keras(let kind, let settings, let arguments):
      let operands = try OperationOperands(
        graph, operands, arguments, kind, Configuration(settings, of: kind.className))
      return try kind.record(operands)
    case .function(let record): return try wrappingErrors { try record(graph, operands) }
    }
  }

  /// Makes the operation a layer of the model.
  func recorded(on operands: [SymbolicTensor]) -> [SymbolicTensor] {
    switch kind {
    case .keras(let kind, let settings, let arguments):
      OperationLayer(kind, settings, name: nil).apply(
        to: operands,
        arguments: CallArguments(
          names: arguments.names.isEmpty ? kind.names(for: operands.count) : arguments.names,
          options: arguments.options))
    case .function(let record): FunctionLayer(name, record).apply(to: operands)
    }
  }
}
