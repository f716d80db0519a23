import KerasLayers

/// A function of TensorFlow as TF-Keras stores its calls, and the operation of Keras that does the same.
///
/// TF-Keras 2.4 and later make a layer of every call on symbolic tensors: `TFOpLambda` with the function's name, and
/// the call's arguments beside the tensors. Only what is in this table is read, as data; nothing is looked up.
struct TensorFlowFunction: Sendable {
  /// Keras' class, which ``OperationKind`` knows.
  let className: String
  /// The parameters that may take tensors, the first one first, and Keras' names of them.
  let tensors: [(name: String, keras: String)]
  /// Arguments that are settings in Keras, by TensorFlow's names.
  var settings: [String: String] = [:]
  /// Settings that Keras has other defaults for.
  var defaults: JSONObject = [:]
  /// Arguments that are understood only with this value, or left out.
  var fixed: JSONObject = [:]
  /// What else has to be said in another way.
  var convert: (@Sendable (inout JSONObject) throws(KerasError) -> Void)?
}

extension TensorFlowFunction {
  /// `entry` as Keras 3 would describe the operation; as it is, if it is no function of TensorFlow.
  ///
  /// - Throws: `unknownName` for a function that is not in the table; `unsupported` for arguments that have no
  ///   counterpart; `invalidFile` for what makes no sense.
  static func translated(_ entry: JSON) throws(KerasError) -> JSON {
    guard let layer = entry["class_name"]?.string, layer == "TFOpLambda" || layer == "SlicingOpLambda" else {
      return entry
    }
    let config = Configuration(entry["config"]?.object ?? [:], of: layer)
    guard let name = try config.string("function") else { throw config.missing("function") }
    guard let function = all[name] else {
      let near = nearestNames(to: name, among: all.keys.sorted())
      throw KerasError(
        .unknownName, "`tf.\(name)` is a function of TensorFlow that is not known here.",
        path: [entry["name"]?.string ?? layer],
        remedy: near.isEmpty
          ? "put a layer in its place, or an operation of Keras."
          : "did you mean " + near.joined(separator: ", ") + "?")
    }
    return try within("tf.\(name)") { () throws(KerasError) in try function.operation(entry, config) }
  }

  private func operation(_ entry: JSON, _ config: Configuration) throws(KerasError) -> JSON {
    let kind = try OperationKind.named(className)
    var stored: JSONObject?
    var nodes: [JSON] = []
    for node in entry["inbound_nodes"]?.array ?? [] {
      let call = try self.call(node, config)
      guard stored ?? call.settings == call.settings else {
        throw KerasError(.unsupported, "The function is called with other arguments each time.")
      }
      stored = call.settings
      nodes.append(["args": [], "kwargs": .object(call.arguments)])
    }
    var settings = stored ?? [:]
    let name = entry["name"] ?? config.value("name") ?? .string(snakeCase(className))
    settings["name"] = name
    return [
      "module": .string(kind.module.rawValue), "class_name": .string(className), "config": .object(settings),
      "registered_name": .string(className), "name": name, "inbound_nodes": .array(nodes),
    ]
  }

  /// One call: what Keras keeps as settings, and what it keeps in the call.
  private func call(
    _ node: JSON, _ config: Configuration
  ) throws(KerasError) -> (settings: JSONObject, arguments: JSONObject) {
    // One place, or a list of them, each with the call's arguments: [["conv", 0, 0, {…}], …].
    let places = node[0]?.string == nil ? node.array ?? [] : [node]
    let tensors = places.map { place -> JSON in
      place[0]?.string == "_CONSTANT_VALUE"
        ? place[2] ?? .null : .array([place[0] ?? .null, place[1] ?? .null, place[2] ?? .null])
    }
    guard let first = tensors.first else { throw config.wrong("inbound_nodes", "calls", node) }
    let isList = OperationKind.all[className]?.arity == .list
    var (settings, arguments) = (defaults, JSONObject())
    arguments[self.tensors[0].keras] = isList ? .array(tensors) : first
    for (name, value) in places[0][3]?.object ?? [:] where name != "name" && !value.isNull {
      if let tensor = self.tensors.first(where: { $0.name == name }) {
        arguments[tensor.keras] = value
      } else if let setting = self.settings[name] {
        settings[setting] = value
      } else {
        guard let only = fixed[name], only == value || only.number != nil && only.number == value.number
        else {
          throw KerasError(.unsupported, "The argument `\(name)` = \(value.excerpt) has no counterpart here.")
        }
      }
    }
    try convert?(&settings)
    // What Keras has among the arguments of the call.
    for parameter in OperationKind.all[className]?.parameterNames ?? [] where settings[parameter] != nil {
      arguments[parameter] = settings[parameter]
      settings[parameter] = Optional<JSON>.none
    }
    return (settings, arguments)
  }
}
