import KerasGraph

/// A computation of the user's own, without weights.
///
/// Files name functions and hold no Swift, so a function that is to be saved or loaded is registered under the name
/// it has there. Code in files is never run.
///
/// ```swift
/// let doubled = Lambda { x, graph in try graph.add(x, x) }(input)
///
/// Lambda.register("antirectifier") { x, graph in
///   let centered = try graph.binary(.subtract, x, graph.mean(x, axes: [-1], keepsDimensions: true))
///   return try graph.concatenate([
///     graph.unary(.relu, centered), graph.unary(.relu, graph.unary(.negate, centered)),
///   ])
/// }
/// let model = try Model(inputs: input, outputs: Lambda("antirectifier")(input))
/// ```
public final class Lambda: Layer, @unchecked Sendable {
  /// Records the outputs for all inputs, given the layer's ``arguments``; the context knows masks and whether the
  /// model trains.
  public typealias Function = @Sendable ([Value], JSONObject, CallContext) throws -> [Value]
  /// The same for one tensor.
  public typealias SimpleFunction = @Sendable (Value, GraphBuilder) throws -> Value

  /// Under which the function is registered; nil for one that cannot be saved.
  public let functionName: String?
  /// What the function gets beyond tensors.
  public let arguments: JSONObject
  /// Keras' `output_shape` and `mask`, kept for files; here shapes follow from the function.
  private let stored: JSONObject
  private let function: Function

  /// A function that is not meant to be saved.
  public convenience init(name: String? = nil, _ function: @escaping SimpleFunction) {
    self.init(nil, [:], [:], name: name, Self.general(function))
  }

  /// A function of several tensors that is not meant to be saved.
  public convenience init(
    arguments: JSONObject = [:], name: String? = nil, general function: @escaping Function
  ) {
    self.init(nil, arguments, [:], name: name, function)
  }

  /// A function that ``register(_:_:)`` gave a name.
  public convenience init(_ functionName: String, arguments: JSONObject = [:], name: String? = nil) {
    self.init(functionName, arguments, [:], name: name, Self.lookingUp(functionName))
  }

  /// - Throws: `unknownName` with the registration to make when nobody registered the function.
  public convenience init(_ settings: Configuration) throws(KerasError) {
    let functionName = Self.functionName(settings)
    guard Self.registered(functionName) != nil else { throw Self.unknown(functionName) }
    var stored: JSONObject = [:]
    for key in ["function", "output_shape", "mask"] { stored[key] = settings.json(key) }
    self.init(
      functionName, settings.value("arguments")?.object ?? [:], stored, name: settings.name,
      Self.lookingUp(functionName))
  }

  private init(
    _ functionName: String?, _ arguments: JSONObject, _ stored: JSONObject, name: String?,
    _ function: @escaping Function
  ) {
    self.functionName = functionName
    self.arguments = arguments
    self.stored = stored
    self.function = function
    super.init(name: name)
  }

  public override var config: JSONObject {
    var config = stored
    if config["function"] == nil {
      config["function"] = [
        "module": "builtins", "class_name": "function", "config": .string(functionName ?? name),
        "registered_name": "function",
      ]
    }
    config["arguments"] = .object(arguments)
    return config
  }

  public override func call(_ inputs: [Value], in context: CallContext) throws(KerasError) -> [Value] {
    try wrappingErrors { try function(inputs, arguments, context) }
  }

  // MARK: Names

  private static let registry = Registry()

  /// Functions by name, behind a lock.
  private final class Registry: @unchecked Sendable {
    private let lock = Lock()
    private var functions: [String: Box] = [:]

    subscript(name: String) -> Box? {
      get { lock.withLock { functions[name] } }
      set { lock.withLock { functions[name] = newValue } }
    }
  }

  /// A class, because Swift 6.3's optimizer crashes on closures with typed errors in some generic places.
  private final class Box: Sendable {
    let function: Function
    init(_ function: @escaping Function) { self.function = function }
  }

  /// Lets files and ``init(_:arguments:name:)`` name a function: by its name in Python, or, for a Python lambda,
  /// which has none, by the name of the layer.
  public static func register(_ name: String, _ function: @escaping SimpleFunction) {
    registry[name] = Box(general(function))
  }

  /// The same for a function of several tensors.
  public static func register(_ name: String, general function: @escaping Function) {
    registry[name] = Box(function)
  }

  private static func registered(_ name: String) -> Function? { registry[name]?.function }

  private static func general(_ function: @escaping SimpleFunction) -> Function {
    { inputs, _, context in
      try require(inputs.count == 1, "The function takes one tensor, found \(inputs.count).")
      return [try function(inputs[0], context.graph)]
    }
  }

  private static func lookingUp(_ name: String) -> Function {
    { inputs, arguments, context in
      guard let function = registered(name) else { throw unknown(name) }
      return try function(inputs, arguments, context)
    }
  }

  private static func unknown(_ name: String) -> KerasError {
    KerasError(
      .unknownName,
      "The function `\(name)` of a Lambda layer is not registered, and code in files is not run.",
      remedy: "write it in Swift and register it before: Lambda.register(\"\(name)\") { x, graph in … }.")
  }

  /// What the file calls the function; the layer's name where it holds only Python's bytecode.
  private static func functionName(_ settings: Configuration) -> String {
    let layerName = settings.name ?? "lambda"
    guard let json = settings.value("function") else { return layerName }
    if let name = json.string { return name }
    if json["class_name"]?.string == "function" {
      let name = json["config"]?.string ?? json["config"]?["name"]?.string
      return name ?? json["registered_name"]?.string ?? layerName
    }
    return layerName
  }
}
