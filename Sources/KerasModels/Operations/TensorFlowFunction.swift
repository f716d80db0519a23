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
  /// What happens to tensors first; takes settings away that say so.
  var preparation: (@Sendable (inout JSONObject) -> [Step])?

  /// An operation on the tensor for one of Keras' parameters.
  struct Step: Sendable {
    let parameter: String
    let className: String
    let settings: JSONObject
  }
}

extension TensorFlowFunction {
  /// `entry` as Keras 3 would describe the operation, and those before it; as it is, if it is no function of
  /// TensorFlow.
  ///
  /// - Throws: `unknownName` for a function that is not in the table; `unsupported` for arguments that have no
  ///   counterpart; `invalidFile` for what makes no sense.
  static func translated(_ entry: JSON) throws(KerasError) -> [JSON] {
    guard let layer = entry["class_name"]?.string, layer == "TFOpLambda" || layer == "SlicingOpLambda" else {
      return [entry]
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
    return try within("tf.\(name)") { () throws(KerasError) in try function.operations(entry, config) }
  }

  private func operations(_ entry: JSON, _ config: Configuration) throws(KerasError) -> [JSON] {
    var stored: JSONObject?
    var calls: [JSONObject] = []
    for node in entry["inbound_nodes"]?.array ?? [] {
      let call = try self.call(node, config)
      guard stored ?? call.settings == call.settings else {
        throw KerasError(.unsupported, "The function is called with other arguments each time.")
      }
      stored = call.settings
      calls.append(call.arguments)
    }
    var settings = stored ?? [:]
    let name = entry["name"]?.string ?? config.value("name")?.string ?? snakeCase(className)
    var entries: [JSON] = []
    for step in preparation?(&settings) ?? [] {
      // Numbers need no preparation that would change them.
      guard calls.allSatisfy({ $0[step.parameter]?[0]?.string != nil }) else { continue }
      let stepName = "\(name)_\(step.parameter)_\(snakeCase(step.className))"
      let first = try OperationKind.named(step.className).parameterNames[0]
      let tensors = calls.map { call -> JSONObject in [first: call[step.parameter] ?? .null] }
      entries.append(try Self.entry(step.className, step.settings, stepName, tensors))
      for number in calls.indices {
        calls[number][step.parameter] = [.string(stepName), .integer(number), 0]
      }
    }
    return entries + [try Self.entry(className, settings, name, calls)]
  }

  /// A layer with its calls, as Keras 3 describes an operation.
  private static func entry(
    _ className: String, _ settings: JSONObject, _ name: String, _ calls: [JSONObject]
  ) throws(KerasError) -> JSON {
    var config = settings
    config["name"] = .string(name)
    return [
      "module": .string(try OperationKind.named(className).module.rawValue), "class_name": .string(className),
      "config": .object(config), "registered_name": .string(className), "name": .string(name),
      "inbound_nodes": .array(calls.map { ["args": [], "kwargs": .object($0)] }),
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
      settings[parameter] = nil
    }
    return (settings, arguments)
  }
}
