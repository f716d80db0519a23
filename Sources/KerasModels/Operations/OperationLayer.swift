import KerasLayers

/// One of Keras' operations as a layer of a model: recorded on symbolic tensors, or read from a file of Keras 3, which
/// holds operations among the layers.
final class OperationLayer: Layer, @unchecked Sendable {
  let kind: OperationKind
  private let settings: JSONObject

  /// - Parameter name: nil for an automatic one, as Keras numbers them.
  init(_ kind: OperationKind, _ settings: JSONObject, name: String?) {
    self.kind = kind
    self.settings = settings
    super.init(name: name ?? Session.current.uniqueName(snakeCase(kind.className)))
  }

  /// - Throws: `unknownName` for operations that are not known here, `unsupported` for what only a program has.
  convenience init(_ json: JSON) throws(KerasError) {
    let object = try SerializedObject(json)
    if object.className == FunctionLayer.className { throw FunctionLayer.unreadable(object.config) }
    var settings = object.config
    let name = settings["name"]?.string
    settings["name"] = nil
    self.init(try OperationKind.named(object.className), settings, name: name ?? snakeCase(object.className))
  }

  /// Whether `json` describes an operation and not a layer.
  ///
  /// Keras 3 leaves modules out in the older layout, where `Add` may be both; only layers can be trained or not.
  static func isDescribed(by json: JSON) -> Bool {
    if let module = json["module"]?.string { return module.hasPrefix("keras.src.ops") }
    guard let name = json["class_name"]?.string else { return false }
    if name == FunctionLayer.className { return true }
    guard OperationKind.all[name] != nil else { return false }
    return !Layers.registry.contains(name)
      || json["config"]?["trainable"] == nil && json["inbound_nodes"]?[0]?["args"] != nil
  }

  override var className: String { kind.className }
  override var commonSettings: CommonSettings { .name }
  override var config: JSONObject { settings }
  override var serialized: SerializedObject {
    var object = super.serialized
    (object.module, object.registeredName) = (kind.module.rawValue, kind.module == .layers ? nil : className)
    return object
  }
  override var castsInputs: Bool { false }
  override var callParameters: [String] { kind.parameters(settings) }
  override var listParameters: [String] { kind.listParameter.map { [$0] } ?? [] }

  override func call(_ inputs: [Value], in context: CallContext) throws(KerasError) -> [Value] {
    let settings = Configuration(settings, of: className)
    return try kind.record(
      OperationOperands(context.graph, inputs, context.arguments, kind, settings))
  }
}

/// A function of the user's on symbolic tensors, as a layer of the model. Files do not hold what it computes.
final class FunctionLayer: Layer, @unchecked Sendable {
  static let className = "Operation"
  private let record: @Sendable (GraphBuilder, [Value]) throws -> [Value]
  let operation: String

  init(
    _ operation: String, _ record: @escaping @Sendable (GraphBuilder, [Value]) throws -> [Value]
  ) {
    self.operation = operation
    self.record = record
    super.init(name: Session.current.uniqueName(operation))
  }

  override var className: String { Self.className }
  override var config: JSONObject { ["operation": .string(operation)] }
  override var castsInputs: Bool { false }

  override func call(_ inputs: [Value], in context: CallContext) throws -> [Value] {
    try record(context.graph, inputs)
  }

  private static let remedy =
    "write it as a layer of your own, which files name, or use operations that Keras has a class for."

  /// Why a model with this layer is not saved.
  var unsavable: KerasError {
    KerasError(
      .unsupported, "`\(operation)` is a function of this program; files hold only Keras' own operations.",
      path: [name], remedy: Self.remedy)
  }

  /// Why what ``config`` describes is not read.
  static func unreadable(_ config: JSONObject) -> KerasError {
    KerasError(
      .unsupported,
      "`\(config["operation"]?.string ?? className)` was a function of the program that wrote the model.",
      remedy: remedy)
  }
}
