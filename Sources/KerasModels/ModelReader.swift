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

  /// Output number `output` of a layer's call number `call`, as `numbering` counts them.
  private struct TensorPlace {
    let layer: String
    let call: Int
    let output: Int
    let numbering: CallNumbering
  }

  /// A layer, as the file has it and as it became.
  private struct StoredLayer {
    let layer: Layer
    let entry: JSON
    var calls: [StoredCall] = []
    /// Of each call made so far.
    var outputs: [[SymbolicTensor]] = []

    func output(at place: TensorPlace) -> SymbolicTensor? {
      let call = place.call - place.numbering.firstCall(of: layer, entry)
      guard outputs.indices.contains(call), outputs[call].indices.contains(place.output) else { return nil }
      return outputs[call][place.output]
    }
  }

  func model() throws(KerasError) -> Model {
    guard let entries = settings.value("layers")?.array else { throw settings.missing("layers") }
    var layers: [String: StoredLayer] = [:]
    var order: [String] = []
    let overwritten = Self.overwrittenCalls(in: entries)
    for entry in try entries.map(TensorFlowFunction.translated).joined() {
      let layer =
        OperationLayer.isDescribed(by: entry)
        ? try OperationLayer(entry) : try Layers.deserialize(entry, version: version)
      let name = entry["name"]?.string ?? layer.name
      var stored = StoredLayer(layer: layer, entry: entry)
      for node in entry["inbound_nodes"]?.array ?? [] { stored.calls.append(try call(of: layer, node)) }
      guard layers.updateValue(stored, forKey: name) == nil else {
        throw settings.wrong("layers", "layers of different names", .string(name))
      }
      order.append(name)
    }
    try connect(&layers, order, overwritten)
    let numbering = CallNumbering(ofBoundaryOf: entries, version: version)
    let (inputs, inputStructure) = try tensors("input_layers", numbering, layers)
    let (outputs, outputStructure) = try tensors("output_layers", numbering, layers)
    let model = try Model(inputs: inputs, outputs: outputs, name: name)
    // Ours alone; Keras 3 passes over it.
    let keepsTraining =
      try settings.boolean("keeps_training", default: false) || entries.contains(where: \.hasCallThatKeepsTraining)
    model.keepsTrainingOfCalls = keepsTraining || version < .keras3
    (model.inputStructure, model.outputStructure) = (inputStructure, outputStructure)
    settings.ignore("trainable", "dtype")
    for name in overwritten.sorted() {
      Warnings.report(
        "`\(name)` stands in the model `\(model.name)` and in one inside it, and TF-Keras stores the calls of the inner "
          + "one for both: predictions may not be those of the model that was saved.")
    }
    return model
  }

  /// Layers that also stand in a model inside this one, and have the calls from there: TF-Keras stores one description
  /// for all places in which it saw a layer, and writes the calls of the last into it.
  private static func overwrittenCalls(in entries: [JSON]) -> Set<String> {
    func holds(_ model: JSON, _ number: JSON, calling calls: JSON) -> Bool {
      model["config"]?["layers"]?.array?.contains { entry in
        entry[SerializedObject.sharedKey] == number && entry["inbound_nodes"] == calls
          || holds(entry, number, calling: calls)
      } ?? false
    }
    var names: Set<String> = []
    for (position, entry) in entries.enumerated() {
      guard let number = entry[SerializedObject.sharedKey], let calls = entry["inbound_nodes"], calls[0] != nil,
        calls[0]?.isCallOfKeras3 == false, let name = entry["name"]?.string,
        entries[(position + 1)...].contains(where: { holds($0, number, calling: calls) })
      else { continue }
      names.insert(name)
    }
    return names
  }

  /// Calls layers as soon as what they read is there.
  private func connect(
    _ layers: inout [String: StoredLayer], _ order: [String], _ overwritten: Set<String>
  ) throws(KerasError) {
    for name in order {
      if let input = layers[name]?.layer as? InputLayer { layers[name]?.outputs = [[input.tensor()]] }
    }
    var waiting = order.filter { layers[$0]?.outputs.isEmpty ?? false }
    while !waiting.isEmpty {
      var blocked: [String] = []
      var hasMoved = false
      for name in waiting {
        guard let stored = layers[name] else { continue }
        for call in stored.calls.dropFirst(stored.outputs.count) {
          let inputs = call.inputs.compactMap { layers[$0.layer]?.output(at: $0) }
          guard inputs.count == call.inputs.count, !inputs.isEmpty else {
            blocked.append(name)
            break
          }
          let results = stored.layer.apply(to: inputs, arguments: call.arguments)
          if let error = results.first?.error { throw error }
          layers[name]?.outputs.append(results)
          hasMoved = true
        }
      }
      guard hasMoved || blocked.isEmpty else {
        let lost = blocked.first(where: overwritten.contains)
        throw KerasError(
          .invalidFile, "The layer `\(lost ?? blocked[0])` reads tensors that nothing makes.",
          remedy: lost == nil
            ? nil
            : """
            it also stands in a model inside this one, and TF-Keras, which cannot open the file either, has lost its \
            calls here; save the weights alone, make the model in Swift, and load them.
            """)
      }
      waiting = blocked
    }
  }

  /// The tensors of `input_layers` or `output_layers`: one place (Keras 3 leaves the list out around a single one), or
  /// lists and dictionaries of them.
  private func tensors(
    _ key: String, _ numbering: CallNumbering, _ layers: [String: StoredLayer]
  ) throws(KerasError) -> ([SymbolicTensor], TensorStructure?) {
    guard let json = settings.value(key) else { throw settings.missing(key) }
    guard let structure = structure(of: json) else { throw settings.wrong(key, "tensors of the model", json) }
    var found: [SymbolicTensor] = []
    for leaf in structure.leaves {
      guard let place = place(leaf, boundary: numbering), let tensor = layers[place.layer]?.output(at: place) else {
        throw settings.wrong(key, "tensors of the model", json)
      }
      found.append(tensor)
    }
    return (found, structure.shape.isPlain ? nil : structure.shape)
  }

  // MARK: Reading calls

  private func call(of layer: Layer, _ node: JSON) throws(KerasError) -> StoredCall {
    var call = StoredCall()
    let parameters = layer.callParameters
    if node.isCallOfKeras3 {
      // Keras 3: {"args": […], "kwargs": {…}} with whole descriptions of tensors. It takes named ones by sorted name.
      for (position, argument) in (node["args"]?.array ?? []).enumerated() {
        let name = parameters.indices.contains(position) ? parameters[position] : ""
        try take(argument, as: name, of: layer, into: &call)
      }
      for (name, value) in (node["kwargs"]?.object ?? [:]).sorted(by: { precedesInKeras($0.key, $1.key) }) {
        if name != JSON.keepsTraining { try take(value, as: name, of: layer, into: &call) }
      }
    } else if let first = structure(of: node)?.leaves.first {
      // Keras 2 and 1: [[name, call, output, {kwargs}], …], or one of them alone, or under names. All have the same
      // other arguments.
      try take(node, as: parameters.first ?? "inputs", of: layer, into: &call)
      for (name, value) in first[3]?.object ?? [:] { try take(value, as: name, of: layer, into: &call) }
    } else {
      throw settings.wrong("inbound_nodes", "calls", node)
    }
    // A layer with one parameter needs no names.
    if Set(call.arguments.names).count <= 1, call.arguments.names.first == parameters.first ?? "inputs" {
      call.arguments.names = []
    }
    return call
  }

  /// Sorts one argument: tensors are inputs of that name, anything else is a setting.
  private func take(
    _ value: JSON, as name: String, of layer: Layer, into call: inout StoredCall
  ) throws(KerasError) {
    if value.isNull { return }
    guard holdsTensor(value) else {
      // Masks that are not there.
      if !value.holdsOnlyNull || layer is OperationLayer { call.arguments.options[name] = value }
      return
    }
    guard let structure = structure(of: value),
      !(layer is OperationLayer) || structure.shape.isPlain && !structure.leaves.contains(where: \.isNull)
    else { throw settings.wrong("inbound_nodes", "tensors alone or in a list", value) }
    let names = (layer as? Model).map { $0.argumentNames(name, structure) } ?? structure.argumentNames(name)
    for (name, leaf) in zip(names.names, names.leaves) {
      guard !leaf.isNull else { continue }
      guard let place = place(leaf) else {
        throw settings.wrong("inbound_nodes", "tensors alone or in a list", value)
      }
      call.inputs.append(place)
      call.arguments.names.append(name)
    }
  }

  /// `["conv2d", 0, 0]`, or Keras 3's description of a tensor.
  private func place(_ json: JSON, boundary: CallNumbering? = nil) -> TensorPlace? {
    let isDescribed = json["class_name"]?.string == "__keras_tensor__"
    let entry = isDescribed ? json["config"]?["keras_history"] : json
    guard let layer = entry?[0]?.string, let call = entry?[1]?.integer, let output = entry?[2]?.integer else {
      return nil
    }
    return TensorPlace(
      layer: layer, call: call, output: output, numbering: boundary ?? (isDescribed ? .history : .keras2))
  }

  private func holdsTensor(_ json: JSON) -> Bool {
    if json["class_name"]?.string == "__keras_tensor__" || place(json) != nil { return true }
    return json.array?.contains(where: holdsTensor) ?? json.object?.contains { holdsTensor($0.value) } ?? false
  }

  /// Lists and dictionaries down to places of tensors; nil where there is something else. Missing tensors are null.
  private func structure(of json: JSON) -> StoredStructure? {
    if json.isNull || place(json) != nil { return StoredStructure(shape: .tensor, leaves: [json]) }
    if let array = json.array {
      let elements = array.compactMap(structure(of:))
      guard elements.count == array.count else { return nil }
      return StoredStructure(shape: .list(elements.map(\.shape)), leaves: elements.flatMap(\.leaves))
    }
    guard let object = json.object else { return nil }
    var (entries, leaves): ([TensorStructure.Entry], [JSON]) = ([], [])
    for (key, value) in object.sorted(by: { precedesInKeras($0.key, $1.key) }) {
      guard let element = structure(of: value) else { return nil }
      entries.append(TensorStructure.Entry(key: key, value: element.shape))
      leaves += element.leaves
    }
    return StoredStructure(shape: .dictionary(entries), leaves: leaves)
  }
}

/// Places of tensors, and how a file held them together.
private struct StoredStructure {
  let shape: TensorStructure
  let leaves: [JSON]

  /// The name of each for a parameter of a layer: that of the parameter; of a dictionary `parameter.key`, and of an
  /// element of a list in which others are missing `parameter[1]`.
  func argumentNames(_ parameter: String) -> (names: [String], leaves: [JSON]) {
    let keys = shape.names
    let isSparse = leaves.contains(where: \.isNull)
    let names = leaves.indices.map { index in
      keys[index].map { "\(parameter).\($0)" } ?? (isSparse ? "\(parameter)[\(index)]" : parameter)
    }
    return (names, leaves)
  }

  /// The same in the order of a model's inputs, which a dictionary may name.
  func inOrder(of inputNames: [String]) -> StoredStructure {
    guard case .dictionary(let entries) = shape, entries.allSatisfy({ $0.value == .tensor }) else { return self }
    let places = inputNames.map { name in entries.firstIndex { $0.key == name } }
    guard !places.contains(nil) else { return self }
    let ordered = places.compactMap { $0.map { leaves[$0] } }
    return StoredStructure(shape: .list(ordered.map { _ in .tensor }), leaves: ordered)
  }
}

extension Model {
  /// As ``StoredStructure/argumentNames(_:)``, for a model inside a model: its inputs and their masks are taken in
  /// the order of its inputs, and need no keys.
  fileprivate func argumentNames(
    _ parameter: String, _ structure: StoredStructure
  ) -> (names: [String], leaves: [JSON]) {
    let ordered = structure.inOrder(of: inputNames)
    return StoredStructure(shape: .list(ordered.leaves.map { _ in .tensor }), leaves: ordered.leaves)
      .argumentNames(parameter)
  }
}

extension JSON {
  /// The argument of a call, of ours alone, by which its `training` holds whoever calls the model.
  static let keepsTraining = "keeps_training"

  fileprivate var hasCallThatKeepsTraining: Bool {
    self["inbound_nodes"]?.array?.contains { $0["kwargs"]?[Self.keepsTraining] == true } ?? false
  }

  fileprivate var holdsOnlyNull: Bool {
    if let array { return !array.isEmpty && array.allSatisfy { $0.isNull || $0.holdsOnlyNull } }
    if let object { return !object.isEmpty && object.allSatisfy { $0.value.isNull || $0.value.holdsOnlyNull } }
    return false
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
