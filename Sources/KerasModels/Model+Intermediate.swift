import KerasLayers

extension Model {
  /// The output of the layer at `path`, also inside nested models (`resnet50/conv5_block3_out`), as a tensor of this
  /// model: `Model(inputs: model.inputs, outputs: [try model.output(of: path)])` computes it.
  ///
  /// - Throws: `unknownName` for a layer that is not there; `invalidArgument` where the model is not connected.
  public func output(of path: String) throws(KerasError) -> SymbolicTensor {
    guard network != nil else {
      throw KerasError(.invalidArgument, "The model's layers are not connected yet.", path: [name])
    }
    if let layer = layers.first(where: { $0.name == path }) {
      guard let call = networkCalls.first(where: { $0.layer === layer }), let spec = call.outputSpecs.first else {
        throw KerasError(.invalidArgument, "The layer is not called in the model.", path: [name, path])
      }
      return SymbolicTensor(spec: spec, origin: call)
    }
    for case let nested as Model in layers where path.hasPrefix(nested.name + "/") {
      let rest = String(path.dropFirst(nested.name.count + 1))
      return try within(name) { () throws(KerasError) in
        guard let call = networkCalls.first(where: { $0.layer === nested }) else {
          throw KerasError(.invalidArgument, "The model inside is not called.", path: [nested.name])
        }
        // The inner model once more, on the tensors of this one, up to the layer wanted.
        let inner = try Model(inputs: nested.inputs, outputs: [nested.output(of: rest)], name: nested.name)
        let results = inner.replayed(on: call.inputs)
        guard let result = results.first else {
          throw KerasError(.unknownName, "There is no output of `\(rest)`.", path: [nested.name])
        }
        if let error = result.error { throw error }
        return result
      }
    }
    _ = try layer(named: path)
    throw KerasError(.unknownName, "There is no layer called `\(path)`.", path: [name])
  }

  /// Calls every layer again, on other tensors, and returns what becomes of the outputs.
  private func replayed(on tensors: [SymbolicTensor]) -> [SymbolicTensor] {
    var results: [SymbolicTensor: SymbolicTensor] = [:]
    for (input, tensor) in zip(inputs, tensors) { results[input] = tensor }
    for call in networkCalls where !call.inputs.isEmpty {
      let outputs = call.layer.apply(to: call.inputs.compactMap { results[$0] }, arguments: call.arguments)
      for (output, result) in outputs.enumerated() where call.outputSpecs.indices.contains(output) {
        results[SymbolicTensor(spec: call.outputSpecs[output], origin: call, output: output)] = result
      }
      if let failed = outputs.first(where: { $0.error != nil }) { return [failed] }
    }
    return outputs.compactMap { results[$0] }
  }
}

extension Layer {
  /// Computes the layer on tensors, at once; its weights are made if there are none yet.
  ///
  /// ```swift
  /// let y = try Dense(units: 3)(x)
  /// ```
  /// - Throws: what the layer's shape rules and the backend throw.
  public final func callAsFunction(
    _ x: Tensor, training: Bool = false, options: ComputeOptions = ComputeOptions()
  ) throws(KerasError) -> Tensor {
    let results = try callAsFunction([x], training: training, options: options)
    guard let first = results.first else {
      throw KerasError(.invalidArgument, "The layer has no output.", path: [name])
    }
    return first
  }

  /// The same for several inputs and outputs. What the layer itself changes (states, moving averages) is changed.
  public final func callAsFunction(
    _ inputs: [Tensor], arguments: CallArguments = .none, training: Bool = false,
    options: ComputeOptions = ComputeOptions()
  ) throws(KerasError) -> [Tensor] {
    let inputs = try (self as? Model)?.fitted(inputs).x ?? inputs
    let graph = GraphBuilder()
    let context = CallContext(graph: graph, mode: .constants, isTraining: training)
    let values = inputs.map { graph.input($0.spec) }
    let outputs = try context.apply(self, to: values, arguments: arguments).outputs
    let finished = graph.finish(returning: outputs + context.updates.map(\.value))
    let results = try options.prepare(finished).program.run(inputs + context.parameters.map(\.variable.value))
    for (update, value) in zip(context.updates, results.dropFirst(outputs.count)) {
      try update.variable.assign(value)
    }
    return Array(results.prefix(outputs.count))
  }
}
