import KerasLayers

/// Makes a connected model from its configuration: the layers, then every call of them in an order in which each
/// comes after those it reads.
struct ModelReader {
  private let settings: Configuration
  private let name: String?
  private let version: KerasVersion

  init(_ settings: Configuration) throws(KerasError) {
    self.settings = settings
    name = settings.name
    version = settings.version
  }

  /// A call as files hold it.
  private struct StoredCall {
    /// Where each input tensor comes from.
    var inputs: [TensorPlace] = []
    var arguments = CallArguments.none
  }

  /// Output number `output` of call number `call` of a layer.
  private struct TensorPlace: Hashable {
    let layer: String
    let call: Int
    let output: Int
  }

  func model() throws(KerasError) -> Model {
    guard let entries = settings.value("layers")?.array else { throw settings.missing("layers") }
    var layers: [String: Layer] = [:]
    var order: [String] = []
    var calls: [String: [StoredCall]] = [:]
    for entry in try entries.map(TensorFlowFunction.translated).joined() {
      let layer =
        OperationLayer.isDescribed(by: entry)
        ? try OperationLayer(entry) : try Layers.deserialize(entry, version: version)
      let name = entry["name"]?.string ?? layer.name
      guard layers.updateValue(layer, forKey: name) == nil else {
        throw settings.wrong("layers", "layers of different names", .string(name))
      }
      order.append(name)
      var stored: [StoredCall] = []
      for node in entry["inbound_nodes"]?.array ?? [] { stored.append(try call(of: layer, node)) }
      calls[name] = stored
    }
    let outputs = try connect(layers, order, calls)
    func tensors(_ key: String) throws(KerasError) -> [SymbolicTensor] {
      guard let json = settings.value(key) else { throw settings.missing(key) }
      var found: [SymbolicTensor] = []
      for place in try places(json, key) {
        guard let tensor = tensor(at: place, outputs, layers) else {
          throw settings.wrong(key, "tensors of the model", json)
        }
        found.append(tensor)
      }
      return found
    }
    let model = try Model(inputs: tensors("input_layers"), outputs: tensors("output_layers"), name: name)
    settings.ignore("trainable", "dtype")
    return model
  }

  /// Calls layers as soon as what they read is there.
  private func connect(
    _ layers: [String: Layer], _ order: [String], _ calls: [String: [StoredCall]]
  ) throws(KerasError) -> [String: [[SymbolicTensor]]] {
    var outputs: [String: [[SymbolicTensor]]] = [:]
    for name in order {
      if let input = layers[name] as? InputLayer { outputs[name] = [[input.tensor()]] }
    }
    var waiting = order.filter { outputs[$0] == nil }
    while !waiting.isEmpty {
      var blocked: [String] = []
      var hasMoved = false
      for name in waiting {
        guard let layer = layers[name], let stored = calls[name] else { continue }
        var done = outputs[name]?.count ?? 0
        while done < stored.count {
          let inputs = stored[done].inputs.compactMap { tensor(at: $0, outputs, layers) }
          guard inputs.count == stored[done].inputs.count, !inputs.isEmpty else { break }
          let results = layer.apply(to: inputs, arguments: stored[done].arguments)
          if let error = results.first?.error { throw error }
          outputs[name, default: []].append(results)
          done += 1
          hasMoved = true
        }
        if done < stored.count { blocked.append(name) }
      }
      guard hasMoved || blocked.isEmpty else {
        throw KerasError(.invalidFile, "The layer `\(blocked[0])` reads tensors that nothing makes.")
      }
      waiting = blocked
    }
    return outputs
  }

  private func tensor(
    at place: TensorPlace, _ outputs: [String: [[SymbolicTensor]]], _ layers: [String: Layer]
  ) -> SymbolicTensor? {
    guard let calls = outputs[place.layer] else { return nil }
    // Keras 2 counts the making of a nested model as its first call.
    var call = place.call
    if layers[place.layer] is Model, !calls.indices.contains(call) { call -= 1 }
    guard calls.indices.contains(call), calls[call].indices.contains(place.output) else { return nil }
    return calls[call][place.output]
  }

  // MARK: Reading calls

  private func call(of layer: Layer, _ node: JSON) throws(KerasError) -> StoredCall {
    var call = StoredCall()
    if let object = node.object {
      // Keras 3: {"args": […], "kwargs": {…}} with whole descriptions of tensors.
      for (position, argument) in (object["args"]?.array ?? []).enumerated() {
        let parameters = layer.callParameters
        try take(argument, as: parameters.indices.contains(position) ? parameters[position] : "", into: &call)
      }
      for (name, value) in object["kwargs"]?.object ?? [:] { try take(value, as: name, into: &call) }
    } else if let array = node.array {
      // Keras 2 and 1: [[name, call, output, {kwargs}], …], or one of them alone.
      let entries = array.first?.string == nil ? array : [node]
      let first = layer.callParameters.first ?? "inputs"
      for entry in entries {
        guard let place = place(entry) else { throw settings.wrong("inbound_nodes", "tensors", entry) }
        call.inputs.append(place)
        call.arguments.names.append(first)
        for (name, value) in entry[3]?.object ?? [:] { try take(value, as: name, into: &call) }
      }
    } else {
      throw settings.wrong("inbound_nodes", "calls", node)
    }
    // A layer with one parameter needs no names.
    if Set(call.arguments.names).count <= 1,
      call.arguments.names.first == layer.callParameters.first ?? "inputs"
    {
      call.arguments.names = []
    }
    return call
  }

  /// Sorts one argument: tensors are inputs of that name, anything else is a setting.
  private func take(_ value: JSON, as name: String, into call: inout StoredCall) throws(KerasError) {
    if value.isNull { return }
    if let place = place(value) {
      call.inputs.append(place)
      call.arguments.names.append(name)
    } else if let array = value.array, !array.isEmpty, array.allSatisfy({ place($0) != nil }) {
      for element in array { try take(element, as: name, into: &call) }
    } else if value.holdsTensor {
      throw settings.wrong("inbound_nodes", "tensors alone or in a list", value)
    } else {
      call.arguments.options[name] = value
    }
  }

  /// `["conv2d", 0, 0]`, or Keras 3's description of a tensor.
  private func place(_ json: JSON) -> TensorPlace? {
    let entry = json["class_name"]?.string == "__keras_tensor__" ? json["config"]?["keras_history"] : json
    guard let layer = entry?[0]?.string, let call = entry?[1]?.integer, let output = entry?[2]?.integer else {
      return nil
    }
    return TensorPlace(layer: layer, call: call, output: output)
  }

  /// One place, or a list of them (Keras 3 leaves the list out around a single one); dictionaries by key.
  private func places(_ json: JSON, _ key: String) throws(KerasError) -> [TensorPlace] {
    if let place = place(json) { return [place] }
    let elements = json.array ?? json.object.map { $0.map(\.value) }
    guard let elements else { throw settings.wrong(key, "tensors of the model", json) }
    var found: [TensorPlace] = []
    for element in elements { found += try places(element, key) }
    return found
  }
}

extension JSON {
  fileprivate var holdsTensor: Bool {
    if self["class_name"]?.string == "__keras_tensor__" { return true }
    return array?.contains(where: \.holdsTensor) ?? object?.contains { $0.value.holdsTensor } ?? false
  }
}

extension Sequential {
  /// From a configuration: an object with the layers, or (Keras 1) the list of them alone.
  convenience init(_ settings: Configuration) throws(KerasError) {
    guard let entries = (settings.value("layers") ?? settings.value("name"))?.array else {
      throw settings.missing("layers")
    }
    settings.ignore("trainable", "dtype", "build_input_shape")
    var layers: [Layer] = []
    for (position, entry) in entries.enumerated() {
      let layer = try Layers.deserialize(entry, version: settings.version)
      if position == 0, !(layer is InputLayer),
        let input = try Self.inputLayer(before: layer, entry, settings)
      {
        layers.append(input)
      }
      layers.append(layer)
    }
    let name = settings.value("name")?.string
    self.init(layers, name: name)
    if let failure { throw failure }
  }

  /// Keras 2 and 1 gave the first layer the shape of the input; Keras 3 stores what the model was built for.
  private static func inputLayer(
    before layer: Layer, _ entry: JSON, _ settings: Configuration
  ) throws(KerasError) -> InputLayer? {
    let config = entry["config"]
    var shape = config?["batch_input_shape"] ?? config?["batch_shape"]
    if shape == nil, let rest = config?["input_shape"]?.array { shape = .array([.null] + rest) }
    if shape == nil, let length = config?["input_dim"], layer.className != "Embedding" {
      shape = [.null, length]
    }
    shape = shape ?? settings.value("build_input_shape")
    guard let shape, !shape.isNull else {
      // A model inside that knows its input tells it to the one outside.
      guard let inner = layer as? Model, let spec = inner.inputs.first?.spec else { return nil }
      return InputLayer(batchShape: spec.shape, dataType: spec.dataType)
    }
    let reader = Configuration(["batch_shape": shape], of: layer.className)
    guard let lengths = try reader.shape("batch_shape") else { return nil }
    let type = config?["dtype"]?.string.flatMap(DataType.init(rawValue:)) ?? .float32
    return InputLayer(
      batchShape: lengths, dataType: layer.className == "Embedding" ? .float32 : type,
      name: settings.version < .keras3 ? "\(layer.name)_input" : nil)
  }
}
