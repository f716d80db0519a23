import KerasLayers

extension Model {
  /// What the model is made of, as files hold it: ``Layer/serialized``, and the shapes it was built for. The
  /// configuration of connected models has every layer with the tensors it is called on.
  public func getConfig() -> JSON { numberingSharedLayers { serializedAsBuilt.json } }

  /// The architecture as JSON text, which `Model.fromJSON`, and `keras.models.model_from_json`, read.
  public func toJSON(indented: Bool = false) -> String { getConfig().text(indented: indented) }

  /// A model of the same architecture, with new weights.
  ///
  /// - Throws: what reading the architecture throws; `unknownName` for layers of a class nobody registered.
  public func clone() throws(KerasError) -> Model { try Model.fromConfig(getConfig()) }

  /// The model that `json` describes, with new weights.
  ///
  /// - Throws: `invalidFile` for text that is no JSON or makes no sense, `unknownName` for a class nobody registered.
  public static func fromJSON(_ text: String) throws(KerasError) -> Model {
    try fromConfig(JSON(parsing: text))
  }

  /// The model that `config` describes, with new weights.
  ///
  /// - Parameter version: the generation of Keras that wrote it; nil to tell from the configuration itself.
  public static func fromConfig(_ config: JSON, version: KerasVersion? = nil) throws(KerasError) -> Model {
    let layer = try Models.deserialize(config, version: version)
    guard let model = layer as? Model else {
      throw KerasError(.invalidFile, "Expected a model, found a layer of class \(layer.className).")
    }
    return model
  }
}

/// Layers and models by their descriptions.
public enum Models {
  /// The layer or model that `json` describes.
  ///
  /// - Parameter version: the generation of Keras that wrote it; nil to tell from the description itself.
  public static func deserialize(_ json: JSON, version: KerasVersion? = nil) throws(KerasError) -> Layer {
    register
    let version =
      version ?? json["keras_version"]?.string.map { KerasVersion($0) } ?? guessedVersion(of: json)
    return try SharedLayers.whileReading { () throws(KerasError) in
      try Layers.deserialize(json, version: version)
    }
  }

  /// Lets files name models, also inside layers.
  static let register: Void = {
    Layers.registry.register("Functional") { (settings) throws(KerasError) in
      try ModelReader(settings).model()
    }
    Layers.registry.register("Sequential") { (settings) throws(KerasError) in try Sequential(settings) }
  }()

  /// Keras 3 names modules; Keras 1 had other arguments.
  private static func guessedVersion(of json: JSON) -> KerasVersion {
    if json["module"]?.string?.hasPrefix("keras") == true { return .keras3 }
    let text = json.text()
    return ["\"nb_filter\"", "\"border_mode\"", "\"output_dim\": ", "\"inner_init\"", "\"W_regularizer\""]
      .contains(where: text.contains)
      && !text.contains("\"kernel_initializer\"") ? .keras1 : .keras2
  }
}

extension Layer {
  /// ``serialized`` with the shapes the layer was built for, as models hold their layers.
  package var serializedAsBuilt: SerializedObject {
    var object = serialized
    if isBuilt, !(self is InputLayer), !(self is OperationLayer) { object.buildConfig = buildConfig }
    return object
  }

  /// Keras 3's `build_config`.
  private var buildConfig: JSONObject? {
    if self is Model { return ["input_shape": builtInputs.first.map { JSON($0.shape) } ?? .null] }
    guard builtInputs.count != 1 else { return ["input_shape": JSON(builtInputs[0].shape)] }
    guard !builtNames.isEmpty else { return ["input_shape": .array(builtInputs.map { JSON($0.shape) })] }
    var shapes: [(name: String, shapes: [JSON])] = []
    for (name, input) in zip(builtNames, builtInputs) where name != "mask" && !name.hasSuffix("_mask") {
      if shapes.last?.name == name {
        shapes[shapes.count - 1].shapes.append(JSON(input.shape))
      } else {
        shapes.append((name, [JSON(input.shape)]))
      }
    }
    let values = shapes.map { (name, shapes) in
      shapes.count == 1 && !listParameters.contains(name) ? shapes[0] : .array(shapes)
    }
    if values.count == 1 { return ["input_shape": values[0]] }
    return ["shapes_dict": .object(JSONObject(zip(shapes.map { $0.name + "_shape" }, values)))]
  }
}

extension Model {
  /// The configuration of a connected model, all of it.
  var connectedConfig: JSONObject? {
    guard network != nil || self is Sequential else { return nil }
    // Layers learn from it whether masks reach them, on which it depends what they say of the rule for masks.
    let masked = (try? maskedTensors()) ?? []
    if let sequential = self as? Sequential {
      var object: JSONObject = [
        "name": .string(name), "trainable": .bool(isTrainable), "dtype": dataTypePolicy.json,
        "layers": .array(sequential.layersWithInput.map(\.serializedAsBuilt.json)),
      ]
      if let shape = sequential.inputs.first?.shape { object["build_input_shape"] = JSON(shape) }
      return object
    }
    guard let network else { return nil }
    let nodes = NodeNumbers(
      network, maskedTensors: stateLists.isEmpty ? [] : masked, keepsTraining: keepsTrainingOfCalls)
    let layers = network.layers.map { layer -> JSON in
      var object = layer.serializedAsBuilt.json.object ?? [:]
      object["name"] = .string(layer.name)
      object["inbound_nodes"] = .array(
        nodes.calls(of: layer).filter { !$0.inputs.isEmpty }.map { nodes.json(of: $0) })
      return .object(object)
    }
    func places(_ tensors: [SymbolicTensor], _ structure: TensorStructure?) -> JSON {
      let places = tensors.map { nodes.boundaryPlace(of: $0) }
      return structure?.json(of: places) ?? (places.count == 1 ? places[0] : .array(places))
    }
    var object: JSONObject = [
      "name": .string(name), "trainable": .bool(isTrainable), "layers": .array(layers),
      "input_layers": places(inputs, inputStructure), "output_layers": places(outputs, outputStructure),
    ]
    // Where the rule shows, for us; Python's Keras passes over it here, and predicts the same without training.
    if keepsTrainingOfCalls, networkCalls.contains(where: { $0.arguments.options["training"]?.bool != nil }) {
      object[JSON.keepsTraining] = true
    }
    return object
  }
}

extension Model {
  /// Runs `body`, in which layers that stand in several places of the model are described with a number each.
  func numberingSharedLayers<Result>(_ body: () -> Result) -> Result {
    var (seen, shared): (Set<ObjectIdentifier>, [Layer]) = ([], [])
    func visit(_ layer: Layer) {
      guard seen.insert(ObjectIdentifier(layer)).inserted else { return shared.append(layer) }
      if let sequential = layer as? Sequential {
        sequential.layersWithInput.forEach(visit)
      } else {
        ((layer as? Model)?.network?.layers ?? layer.children.map(\.layer)).forEach(visit)
      }
    }
    visit(self)
    return SharedLayers.whileDescribing(shared, body)
  }

  /// Calls of recurrent layers on one list of sequence and states, as Keras 2 had them.
  private var stateLists: [LayerCall] { network?.calls.filter(\.takesStatesInList) ?? [] }
}

extension LayerCall {
  fileprivate var takesStatesInList: Bool {
    arguments.names.isEmpty && inputs.count > 1 && layer.callParameters.contains("initial_state")
  }
}

/// Calls of layers under the numbers a configuration gives them: within the model, counted for each layer.
private struct NodeNumbers {
  private var callsByLayer: [ObjectIdentifier: [LayerCall]] = [:]
  private var numbers: [ObjectIdentifier: Int] = [:]
  private let maskedTensors: Set<SymbolicTensor>
  private let keepsTraining: Bool

  init(_ network: LayerNetwork, maskedTensors: Set<SymbolicTensor>, keepsTraining: Bool) {
    (self.maskedTensors, self.keepsTraining) = (maskedTensors, keepsTraining)
    callsByLayer = Dictionary(grouping: network.calls) { ObjectIdentifier($0.layer) }
      .mapValues { $0.sorted { $0.index < $1.index } }
    for calls in callsByLayer.values {
      for (number, call) in calls.enumerated() { numbers[ObjectIdentifier(call)] = number }
    }
  }

  func calls(of layer: Layer) -> [LayerCall] { callsByLayer[ObjectIdentifier(layer)] ?? [] }

  /// `["conv2d", 0, 0]`: layer, call, output; as Keras 3 counts in `keras_history`.
  private func place(of tensor: SymbolicTensor, firstCall: Int = 0) -> JSON {
    guard let call = tensor.origin else { return .null }
    let number = firstCall + (numbers[ObjectIdentifier(call)] ?? 0)
    return [.string(call.layer.name), .integer(number), .integer(tensor.output)]
  }

  /// The same as it counts in `input_layers` and `output_layers`.
  func boundaryPlace(of tensor: SymbolicTensor) -> JSON {
    place(of: tensor, firstCall: tensor.origin.map { CallNumbering.firstCallAtBoundary(of: $0.layer) } ?? 0)
  }

  private func tensor(_ tensor: SymbolicTensor) -> JSON {
    [
      "class_name": "__keras_tensor__",
      "config": [
        "shape": JSON(tensor.shape), "dtype": .string(tensor.dataType.rawValue),
        "keras_history": place(of: tensor),
      ],
    ]
  }

  /// One call: positional tensors, then named ones and plain settings.
  func json(of call: LayerCall) -> JSON {
    if let layer = call.layer as? OperationLayer { return json(of: call, layer) }
    var keywords = JSONObject()
    var positional: [JSON] = []
    if call.takesStatesInList, !maskedTensors.contains(call.inputs[0]) {
      // Keras 2 calls a recurrent layer on a list of sequence and states; Keras 3 wants them named. It then passes
      // over the mask that a sequence carries, so where there is one the list stays, which Keras 3 does not open:
      // better than other numbers.
      positional = [tensor(call.inputs[0])]
      let (rest, constantCount) = (call.inputs.dropFirst(), (call.layer as? RNN)?.constantCount ?? 0)
      let (states, constants) = (rest.dropLast(constantCount), rest.suffix(constantCount))
      if !states.isEmpty { keywords["initial_state"] = .array(states.map(tensor)) }
      if !constants.isEmpty { keywords["constants"] = .array(constants.map(tensor)) }
    } else {
      let parameters = call.layer.callParameters
      for group in argumentGroups(of: call) {
        // As Keras takes arguments by position first, then by sorted name, so does the order of layers depend on it.
        let isNext = parameters.indices.contains(positional.count) && parameters[positional.count] == group.name
        if isNext, keywords.isEmpty, positional.isEmpty || ["value", "key"].contains(group.name) {
          positional.append(group.json)
        } else {
          keywords[group.name] = group.json
        }
      }
    }
    // Every Keras 3 stores the masks that a model is called with, and if there are none, that.
    if call.layer is Model, keywords["mask"] == nil { keywords["mask"] = .null }
    for (key, value) in call.arguments.options { keywords[key] = value }
    // Python's Keras 3 overrides it when it predicts; an argument that it does not know it refuses.
    if keepsTraining, keywords["training"] == true { keywords[JSON.keepsTraining] = true }
    return ["args": .array(positional), "kwargs": .object(keywords)]
  }

  /// The tensors of a call by parameter, in order, held together as the layer takes them.
  private func argumentGroups(of call: LayerCall) -> [(name: String, json: JSON)] {
    let (layer, names) = (call.layer, call.arguments.names)
    let parameters = names.isEmpty ? call.inputs.map { _ in layer.callParameters.first ?? "inputs" } : names
    var groups: [(name: String, places: [(place: String, tensor: JSON)])] = []
    for (parameter, input) in zip(parameters, call.inputs) {
      let name = String(parameter.prefix { $0 != "[" && $0 != "." })
      let place = String(parameter.dropFirst(name.count))
      if let index = groups.firstIndex(where: { $0.name == name }) {
        groups[index].places.append((place, tensor(input)))
      } else {
        groups.append((name, [(place, tensor(input))]))
      }
    }
    return groups.map { name, places in
      let tensors = places.map(\.tensor)
      if let model = layer as? Model { return (name, model.held(places, isMask: name == "mask")) }
      if places[0].place.hasPrefix(".") {
        return (name, .object(JSONObject(places.map { (String($0.place.dropFirst()), $0.tensor) })))
      }
      if places[0].place.hasPrefix("[") { return (name, .array(elements(at: places))) }
      let isAlone = tensors.count == 1 && (names.isEmpty || !layer.listParameters.contains(name))
      return (name, isAlone ? tensors[0] : .array(tensors))
    }
  }

  /// One call of an operation, as Keras 3 writes them: tensors and plain values where Python's call has them.
  private func json(of call: LayerCall, _ layer: OperationLayer) -> JSON {
    var tensors = call.inputs.map(tensor)
    if layer.listParameters.isEmpty {
      // Those named stand among the plain values.
      var positional: [JSON] = []
      for parameter in layer.callParameters {
        let names = call.arguments.names
        if let index = names.firstIndex(of: parameter), layer.kind.arity == .each {
          positional.append(tensors[index])
        } else if names.isEmpty || layer.kind.arity == .any, !tensors.isEmpty {
          positional.append(tensors.removeFirst())
        } else {
          positional.append(call.arguments.options[parameter] ?? .null)
        }
      }
      while let last = positional.last, last.isNull { positional.removeLast() }
      return ["args": .array(positional), "kwargs": [:]]
    }
    return ["args": [.array(tensors)], "kwargs": .object(call.arguments.options)]
  }
}

/// A list of tensors at places such as `[1]`, null at the others.
private func elements(at places: [(place: String, tensor: JSON)]) -> [JSON] {
  var elements: [JSON] = []
  for (place, tensor) in places {
    let index = Int(place.dropFirst().dropLast()) ?? elements.count
    guard (0..<1 << 16).contains(index) else { continue }
    while elements.count <= index { elements.append(.null) }
    elements[index] = tensor
  }
  return elements
}

extension Model {
  /// What a model inside a model is called on: held together as it wants its inputs, masks in the same way.
  fileprivate func held(_ places: [(place: String, tensor: JSON)], isMask: Bool) -> JSON {
    var tensors = elements(at: places)
    if isMask {
      while tensors.count < inputs.count { tensors.append(.null) }
    }
    if let inputStructure { return inputStructure.json(of: tensors) }
    return tensors.count == 1 ? tensors[0] : .array(tensors)
  }
}
