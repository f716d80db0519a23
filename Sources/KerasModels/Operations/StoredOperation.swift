import KerasLayers

/// An operation of `keras.ops` on tensors of a model, as Keras 3's files hold it among the layers.
///
/// Keras writes down what arithmetic on symbolic tensors does, and how masks come about: `NotEqual` of the numbers of
/// words and 0 behind an ``Embedding``.
final class StoredOperation: Layer, @unchecked Sendable {
  /// Where Keras keeps the class: `keras.src.ops.numpy`.
  let moduleName: String
  private let operation: String
  private let settings: Configuration
  private let kind: Kind

  private enum Kind {
    case unary(@Sendable (RecordedValue, Configuration) throws(KerasError) -> RecordedValue)
    case binary(@Sendable (RecordedValue, RecordedValue) throws(KerasError) -> RecordedValue)
    case list(@Sendable ([RecordedValue], Configuration) throws(KerasError) -> RecordedValue)
  }

  /// Whether `json` describes an operation and not a layer. Keras 3 leaves modules out in the older layout.
  static func isDescribed(by json: JSON) -> Bool {
    if let module = json["module"]?.string { return module.hasPrefix("keras.src.ops") }
    guard let name = json["class_name"]?.string else { return false }
    return kinds[name] != nil && !Layers.registry.contains(name)
  }

  /// - Throws: `unknownName` for operations that are not known here.
  init(_ json: JSON) throws(KerasError) {
    let object = try SerializedObject(json)
    guard let kind = Self.kinds[object.className] else {
      throw KerasError(
        .unknownName, "There is no operation called `\(object.className)`.",
        remedy: "known are " + Self.kinds.keys.sorted().joined(separator: ", ") + ".")
    }
    self.kind = kind
    operation = object.className
    moduleName =
      object.module
      ?? (Self.networkOperations.contains(operation) ? "keras.src.ops.nn" : "keras.src.ops.numpy")
    settings = Configuration(object.config, of: object.className)
    super.init(name: object.config["name"]?.string ?? snakeCase(object.className))
  }

  override var className: String { operation }
  override var commonConfig: JSONObject { ["name": .string(name)] }
  override var config: JSONObject { settings.object }
  override var castsInputs: Bool { false }

  override var callParameters: [String] {
    switch kind {
    case .unary: ["x"]
    case .binary: ["x1", "x2"]
    case .list: ["xs"]
    }
  }
  override var listParameters: [String] { ["xs"] }

  override func call(_ inputs: [Value], in context: CallContext) throws(KerasError) -> [Value] {
    switch kind {
    case .unary(let apply):
      guard inputs.count == 1 else {
        throw KerasError(.invalidArgument, "\(operation) takes one tensor, found \(inputs.count).")
      }
      return [try apply(context[inputs[0]], settings).value]
    case .binary(let apply):
      let like = context.graph.spec(of: inputs[0]).dataType
      let first = try operand("x1", inputs.first, like, in: context)
      let second = try operand("x2", nil, like, in: context)
      return [try apply(context[first], context[second]).value]
    case .list(let apply): return [try apply(inputs.map { context[$0] }, settings).value]
    }
  }

  /// The tensor for a parameter, or the plain number in its place.
  private func operand(
    _ parameter: String, _ unnamed: Value?, _ dataType: DataType, in context: CallContext
  ) throws(KerasError) -> Value {
    if let tensor = context.input(named: parameter) { return tensor }
    if let option = context.options[parameter] {
      guard let number = option.number ?? option.bool.map({ $0 ? 1 : 0 }) else {
        throw settings.wrong(parameter, "a number or a tensor", option)
      }
      return context.graph.constant(Tensor(scalar: number).converted(to: dataType))
    }
    guard context.arguments.names.isEmpty, let unnamed else { throw settings.missing(parameter) }
    return unnamed
  }

  private static let networkOperations: Set = ["Relu", "Sigmoid"]

  private static let kinds: [String: Kind] = [
    "Add": .binary { (a, b) throws(KerasError) in try Ops.add(a, b) },
    "Subtract": .binary { (a, b) throws(KerasError) in try Ops.subtract(a, b) },
    "Multiply": .binary { (a, b) throws(KerasError) in try Ops.multiply(a, b) },
    "Divide": .binary { (a, b) throws(KerasError) in try Ops.divide(a, b) },
    "TrueDivide": .binary { (a, b) throws(KerasError) in try Ops.divide(a, b) },
    "Maximum": .binary { (a, b) throws(KerasError) in try Ops.maximum(a, b) },
    "Minimum": .binary { (a, b) throws(KerasError) in try Ops.minimum(a, b) },
    "Power": .binary { (a, b) throws(KerasError) in try Ops.power(a, b) },
    "Equal": .binary { (a, b) throws(KerasError) in try Ops.equal(a, b) },
    "NotEqual": .binary { (a, b) throws(KerasError) in try Ops.notEqual(a, b) },
    "Less": .binary { (a, b) throws(KerasError) in try Ops.less(a, b) },
    "LessEqual": .binary { (a, b) throws(KerasError) in try Ops.lessEqual(a, b) },
    "Greater": .binary { (a, b) throws(KerasError) in try Ops.greater(a, b) },
    "GreaterEqual": .binary { (a, b) throws(KerasError) in try Ops.greaterEqual(a, b) },
    "LogicalAnd": .binary { (a, b) throws(KerasError) in try Ops.logicalAnd(a, b) },
    "LogicalOr": .binary { (a, b) throws(KerasError) in try Ops.logicalOr(a, b) },
    "LogicalNot": .unary { (x, _) throws(KerasError) in try Ops.logicalNot(x) },
    "Relu": .unary { (x, _) throws(KerasError) in try Ops.relu(x) },
    "Sigmoid": .unary { (x, _) throws(KerasError) in try Ops.sigmoid(x) },
    "Tanh": .unary { (x, _) throws(KerasError) in try Ops.tanh(x) },
    "Exp": .unary { (x, _) throws(KerasError) in try Ops.exp(x) },
    "Log": .unary { (x, _) throws(KerasError) in try Ops.log(x) },
    "Sqrt": .unary { (x, _) throws(KerasError) in try Ops.sqrt(x) },
    "Square": .unary { (x, _) throws(KerasError) in try Ops.square(x) },
    "Absolute": .unary { (x, _) throws(KerasError) in try Ops.abs(x) },
    "Negative": .unary { (x, _) throws(KerasError) in try Ops.negative(x) },
    "ExpandDims": .unary { (x, settings) throws(KerasError) in
      try Ops.expandDimensions(x, axis: settings.requiredInteger("axis"))
    },
    "Any": .unary { (x, settings) throws(KerasError) in
      try Ops.any(
        x, axes: settings.integers("axis"), keepsDimensions: settings.boolean("keepdims", default: false))
    },
    "ZerosLike": .unary { (x, settings) throws(KerasError) in
      let zeros = RecordedValue(try x.graph.zeros(like: x.value), in: x.graph)
      guard let name = try settings.string("dtype") else { return zeros }
      return try Ops.cast(zeros, to: DataTypePolicy(named: name).variableType)
    },
    "Concatenate": .list { (parts, settings) throws(KerasError) in
      try Ops.concatenate(parts, axis: settings.integer("axis", default: 0))
    },
  ]
}
