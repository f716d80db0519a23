import KerasLayers

/// Inputs and outputs by name.
extension Model {
  /// A model whose inputs and outputs have names, as Keras' models of dictionaries: `inputs` and `outputs` are in the
  /// order of the sorted names.
  ///
  /// ```swift
  /// let model = try Model(inputs: ["question": question, "text": text], outputs: ["answer": answer])
  /// let found = try model.predictByName(["question": q, "text": t])["answer"]
  /// ```
  /// - Throws: as ``init(inputs:outputs:name:)``.
  public convenience init(
    inputs: [String: SymbolicTensor], outputs: [String: SymbolicTensor], name: String? = nil
  ) throws(KerasError) {
    let sortedInputs = inputs.sorted { precedesInKeras($0.key, $1.key) }
    let sortedOutputs = outputs.sorted { precedesInKeras($0.key, $1.key) }
    try self.init(inputs: sortedInputs.map(\.value), outputs: sortedOutputs.map(\.value), name: name)
    (inputStructure, outputStructure) = (TensorStructure(keys: inputs.keys), TensorStructure(keys: outputs.keys))
  }

  /// The names of the inputs, in order: the keys of the dictionary they were given as, else their layers' names.
  public var inputNames: [String] { names(of: inputs, inputStructure) }

  /// The names of the outputs, in order: the keys of the dictionary they were given as, else the names of the layers
  /// they come from. Two outputs of one layer have the same name.
  public var outputNames: [String] { names(of: outputs, outputStructure) }

  private func names(of tensors: [SymbolicTensor], _ structure: TensorStructure?) -> [String] {
    let keys = structure?.names ?? []
    return tensors.enumerated().map { index, tensor in
      (keys.indices.contains(index) ? keys[index] : nil) ?? tensor.origin?.layer.name ?? ""
    }
  }

  /// The outputs for inputs by name, computed `batchSize` at a time.
  ///
  /// - Parameter x: a tensor for each of ``inputNames``; names of input layers do, too. All have the same first length.
  /// - Returns: the outputs in order.
  /// - Throws: `invalidArgument` for a name that is missing or unknown, and what ``predict(_:batchSize:options:)``
  ///   throws.
  public func predict(
    _ x: [String: Tensor], batchSize: Int = 32, options: ComputeOptions = ComputeOptions()
  ) throws(KerasError) -> [Tensor] {
    try predict(inOrder(x), batchSize: batchSize, options: options)
  }

  /// The same by ``outputNames``.
  ///
  /// - Throws: also `invalidArgument` where two outputs have one name.
  public func predictByName(
    _ x: [String: Tensor], batchSize: Int = 32, options: ComputeOptions = ComputeOptions()
  ) throws(KerasError) -> [String: Tensor] {
    let names = outputNames
    if let twice = names.enumerated().first(where: { names.prefix($0.offset).contains($0.element) }) {
      throw KerasError(
        .invalidArgument, "Two outputs are called `\(twice.element)`.", path: [name],
        remedy: "take them by position with predict, or name them with Model(inputs:outputs:) of dictionaries.")
    }
    let outputs = try predict(x, batchSize: batchSize, options: options)
    return Dictionary(zip(names, outputs)) { first, _ in first }
  }

  /// Tensors by name in the order of the inputs.
  package func inOrder(_ x: [String: Tensor]) throws(KerasError) -> [Tensor] {
    guard !inputs.isEmpty else {
      throw KerasError(
        .invalidArgument, "The model's inputs have no names: its layers are not connected.", path: [name],
        remedy: "pass them in order.")
    }
    let layerNames = inputs.map { $0.origin?.layer.name ?? "" }
    var used: Set<String> = []
    var ordered: [Tensor] = []
    for (name, layerName) in zip(inputNames, layerNames) {
      guard let found = [name, layerName].first(where: { x[$0] != nil }), let tensor = x[found] else {
        throw KerasError(
          .invalidArgument, "There is no tensor for the input `\(name)`.", path: [self.name],
          remedy: "the inputs are \(inputNames.joined(separator: ", ")).")
      }
      used.insert(found)
      ordered.append(tensor)
    }
    if let unknown = x.keys.filter({ !used.contains($0) }).min(by: precedesInKeras) {
      throw KerasError(
        .invalidArgument, "The model has no input called `\(unknown)`.", path: [name],
        remedy: "the inputs are \(inputNames.joined(separator: ", ")).")
    }
    return ordered
  }
}
