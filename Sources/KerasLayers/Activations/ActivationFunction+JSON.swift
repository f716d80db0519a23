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
      return
    }
    if let name = json.string {
      try self.init(named: name, version: version)
      return
    }
    let object = try SerializedObject(json).modernized(from: version)
    let configuration = Configuration(object.config, of: object.className, version: version)
    switch object.className {
    case "function":
      guard let name = object.config["name"]?.string ?? object.registeredName else {
        throw KerasError(.invalidFile, "A function needs a name, found \(json.excerpt).")
      }
      try self.init(named: name, version: version)
      return
    case "PReLU":
      self = .layer(try Layers.deserialize(json, version: version))
      return
    case "Activation": self = try configuration.activation("activation")
    case "ThresholdedReLU": self = .threshold(try configuration.number("theta", default: 1), otherwise: 0)
    default:
      guard let (name, _, preset) = Self.layers[object.className], let row = Self.rows[name] else {
        try self.init(named: object.className, settings: object.config, version: version)
        return
      }
      self.init(name, preset.merging(try row.read(configuration)))
    }
    if version == .current { layer = json }
  }

  /// One of Keras' functions with settings under Keras' argument names.
  public init(named name: String, settings: JSONObject, version: KerasVersion = .current) throws(KerasError) {
    let settings = OldSpellings.activationSettings(settings, of: name)
    let isKnown = name == "threshold"
    let standard = isKnown ? ActivationFunction(name) : try ActivationFunction(named: name, version: version)
    guard !standard.isCustom, let row = Self.rows[standard.name] else {
      self = standard
      return
    }
    self.init(row.name, try row.read(Configuration(settings, of: name, version: version)))
  }

  /// Layers that apply a function with settings: its name, Keras' name for such a layer, and other defaults.
  private static let layers: [String: (function: String, layerName: String, preset: JSONObject)] = [
    "ReLU": ("relu", "re_lu", [:]), "ELU": ("elu", "elu", [:]), "Softmax": ("softmax", "softmax", [:]),
    "LeakyReLU": ("leaky_relu", "leaky_re_lu", ["negative_slope": 0.3]),
  ]

  /// What Keras 3 writes. Where it has no way to, because a function's settings are not the defaults and no layer
  /// does the same, an object that Python refuses by name; it would otherwise compute something else.
  public var json: JSON {
    if let layer { return layer }
    if isCustom || self == .legacyHardSigmoid {
      return [
        "module": "builtins", "class_name": "function", "config": .string(name),
        "registered_name": "function",
      ]
    }
    if settings == Self.rows[name]?.defaults { return .string(name) }
    guard let (className, layer) = Self.layers.first(where: { $0.value.function == name }) else {
      return SerializedObject(module: nil, className: name, config: settings, registeredName: "swift>\(name)")
        .json
    }
    let config: JSONObject = [
      "name": .string(layer.layerName), "trainable": true, "dtype": DataTypePolicy.float32.json,
    ]
    return SerializedObject(module: "keras.layers", className: className, config: config.merging(settings))
      .json
  }
}

extension Configuration {
  /// An activation; null is linear.
  public func activation(
    _ key: String, default standard: ActivationFunction = .linear
  ) throws(KerasError) -> ActivationFunction {
    guard let json = json(key) else { return standard }
    return try place(key) { () throws(KerasError) in try ActivationFunction(json, version: version) }
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
