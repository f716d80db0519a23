import KerasCore

extension ActivationFunction {
  /// The activation that a configuration holds: a name, null for linear, a registered function, a layer in place
  /// of a function (`LeakyReLU(0.3)`), or one of our functions with settings Keras cannot write.
  ///
  /// - Throws: `unknownName` for a function or class that is not known, `unsupported` for a layer with weights, and
  ///   what is wrong with its settings.
  public init(_ json: JSON, version: KerasVersion = .current) throws(KerasError) {
    if json.isNull {
      self = .linear
    } else if let name = json.string {
      try self.init(named: name, version: version)
    } else {
      let object = try SerializedObject(json)
      if object.className == "function" {
        guard let name = object.config["name"]?.string ?? object.registeredName else {
          throw KerasError(.invalidFile, "A function needs a name, found \(json.excerpt).")
        }
        try self.init(named: name, version: version)
        return
      }
      if object.className == "PReLU" {
        self = .layer(try Layers.deserialize(json, version: version))
        return
      }
      let configuration = Configuration(object.config, of: object.className, version: version)
      if let function = try Self.function(ofLayer: object.className, configuration) {
        self.init(function)
        if version == .keras3 { layer = json }
      } else {
        self.init(try Self.function(named: object.className, configuration))
      }
    }
  }

  /// What Keras 3 writes. Where it has no way to, because a function's settings are not the defaults and no layer
  /// does the same, an object that Python refuses by name; it would otherwise compute something else.
  public var json: JSON {
    if let layer { return layer }
    switch function {
    case .legacyHardSigmoid, .custom:
      return [
        "module": "builtins", "class_name": "function", "config": .string(name),
        "registered_name": "function",
      ]
    case _ where self == Self.allCases.first(where: { $0.name == name }): return .string(name)
    case .relu(let negativeSlope, let maximum, let threshold):
      return layerObject(
        "ReLU", "re_lu",
        [
          "max_value": JSON(maximum), "negative_slope": .number(negativeSlope),
          "threshold": .number(threshold),
        ])
    case .leakyRelu: return layerObject("LeakyReLU", "leaky_re_lu", settings)
    case .elu: return layerObject("ELU", "elu", settings)
    case .softmax: return layerObject("Softmax", "softmax", settings)
    default:
      return SerializedObject(module: nil, className: name, config: settings, registeredName: "swift>\(name)")
        .json
    }
  }

  /// The settings under Keras' argument names.
  package var settings: JSONObject {
    switch function {
    case .relu(let negativeSlope, let maximum, let threshold):
      [
        "negative_slope": .number(negativeSlope), "max_value": JSON(maximum),
        "threshold": .number(threshold),
      ]
    case .leakyRelu(let negativeSlope): ["negative_slope": .number(negativeSlope)]
    case .elu(let alpha), .celu(let alpha): ["alpha": .number(alpha)]
    case .gelu(let isApproximate): ["approximate": .bool(isApproximate)]
    case .softShrink(let threshold), .hardShrink(let threshold): ["threshold": .number(threshold)]
    case .threshold(let threshold, let otherwise):
      ["threshold": .number(threshold), "default_value": .number(otherwise)]
    case .squareplus(let b): ["b": .number(b)]
    case .softmax(let axes): ["axis": axes.json]
    case .glu(let axis), .logSoftmax(let axis), .sparsemax(let axis): ["axis": .integer(axis)]
    default: [:]
    }
  }

  private func layerObject(_ className: String, _ layerName: String, _ settings: JSONObject) -> JSON {
    var config: JSONObject = [
      "name": .string(layerName), "trainable": true,
      "dtype": SerializedObject(module: "keras", className: "DTypePolicy", config: ["name": "float32"]).json,
    ]
    for (key, value) in settings { config[key] = value }
    return SerializedObject(module: "keras.layers", className: className, config: config).json
  }

  // MARK: Reading objects

  /// What a layer without weights does to its input; nil for a class that is no activation layer.
  private static func function(
    ofLayer className: String, _ configuration: Configuration
  ) throws(KerasError) -> Function? {
    switch className {
    case "ReLU":
      return .relu(
        negativeSlope: try configuration.number("negative_slope", default: 0),
        maximum: try configuration.number("max_value"),
        threshold: try configuration.number("threshold", default: 0))
    case "LeakyReLU":
      // Keras 1 and 2 say alpha.
      return .leakyRelu(
        negativeSlope: try configuration.number("negative_slope", before: "alpha", default: 0.3))
    case "ELU": return .elu(alpha: try configuration.number("alpha", default: 1))
    case "Softmax": return .softmax(axes: try configuration.axes("axis", default: -1))
    case "ThresholdedReLU":
      return .threshold(threshold: try configuration.number("theta", default: 1), otherwise: 0)
    case "Activation":
      return try configuration.activation("activation").function
    default: return nil
    }
  }

  /// One of Keras' functions with settings under Keras' argument names.
  public init(named name: String, settings: JSONObject, version: KerasVersion = .current) throws(KerasError) {
    self.init(try Self.function(named: name, Configuration(settings, of: name, version: version)))
  }

  private static func function(
    named name: String, _ configuration: Configuration
  ) throws(KerasError) -> Function {
    if name == "threshold" {
      return .threshold(
        threshold: try configuration.requiredNumber("threshold"),
        otherwise: try configuration.requiredNumber("default_value"))
    }
    let standard = try ActivationFunction(named: name, version: configuration.version).function
    switch standard {
    case .relu:
      return .relu(
        negativeSlope: try configuration.number("negative_slope", before: "alpha", default: 0),
        maximum: try configuration.number("max_value"),
        threshold: try configuration.number("threshold", default: 0))
    case .leakyRelu(let slope):
      return .leakyRelu(negativeSlope: try configuration.number("negative_slope", default: slope))
    case .elu(let alpha): return .elu(alpha: try configuration.number("alpha", default: alpha))
    case .celu(let alpha): return .celu(alpha: try configuration.number("alpha", default: alpha))
    case .gelu: return .gelu(isApproximate: try configuration.boolean("approximate", default: false))
    case .softShrink(let threshold):
      return .softShrink(threshold: try configuration.number("threshold", default: threshold))
    case .hardShrink(let threshold):
      return .hardShrink(threshold: try configuration.number("threshold", default: threshold))
    case .squareplus(let b): return .squareplus(b: try configuration.number("b", default: b))
    case .glu(let axis): return .glu(axis: try configuration.integer("axis", default: axis))
    case .softmax(let axes): return .softmax(axes: try configuration.axes("axis", default: axes))
    case .logSoftmax(let axis): return .logSoftmax(axis: try configuration.integer("axis", default: axis))
    case .sparsemax(let axis): return .sparsemax(axis: try configuration.integer("axis", default: axis))
    default: return standard
    }
  }
}

extension Configuration {
  /// An activation; null is linear.
  public func activation(
    _ key: String, default standard: ActivationFunction = .linear
  ) throws(KerasError) -> ActivationFunction {
    guard let json = json(key) else { return standard }
    return try within(className) { () throws(KerasError) in
      try within(key) { () throws(KerasError) in try ActivationFunction(json, version: version) }
    }
  }
}

extension ActivationFunction: SettingValue {
  /// Null is linear, not the default.
  public static var settingCodec: SettingCodec<ActivationFunction> {
    SettingCodec(
      reading: { (configuration, key, _) throws(KerasError) in
        configuration.json(key) == nil ? nil : try configuration.activation(key)
      },
      writing: { activation, key, config in config[key] = activation.json })
  }
}
