import KerasCore

/// The classes of layers that files may name.
public enum Layers {
  /// Keras' own, and those registered with ``register(_:_:)``.
  public static let registry = ClassRegistry<Layer>(
    "layer", table.reduce(into: [:]) { $0[$1.name] = $1.make }, aliases: aliases,
    absence: absence(of:))

  /// One class: its name in files, its family in the documentation, and how it is made from its settings.
  package struct Row: Sendable {
    package let name: String
    package let make: ClassRegistry<Layer>.Factory

    package init(_ name: String, _ make: @escaping ClassRegistry<Layer>.Factory) {
      self.name = name
      self.make = make
    }

    /// A class whose layers are made with any settings, which those of the file then replace.
    package init(_ name: String, _ make: @escaping @Sendable (_ name: String?) -> Layer) {
      self.init(name) { settings in make(settings.name) }
    }
  }

  /// Lets files name a class of the user's, as `name` or `package>name`.
  ///
  /// ```swift
  /// Layers.register("Scale") { settings in Scale(name: settings.name) }
  /// ```
  public static func register(_ name: String, _ make: @escaping @Sendable (Configuration) throws -> Layer) {
    registry.register(name, settingCommon(make))
  }

  /// The layer that `json` describes.
  ///
  /// - Throws: `unknownName` for a class nobody registered, `unsupported` for one of Keras' that is not here;
  ///   `invalidFile` for settings that make no sense.
  public static func deserialize(
    _ json: JSON, version: KerasVersion = .current
  ) throws(KerasError) -> Layer {
    try deserialize(SerializedObject(json), version: version)
  }

  package static func deserialize(
    _ object: SerializedObject, version: KerasVersion = .current
  ) throws(KerasError) -> Layer {
    if let known = try SharedLayers.layer(object) { return known }
    let stored = object
    let object = object.modernized(from: version)
    let place = object.config["name"]?.string ?? object.className
    let layer = try within(place) { () throws(KerasError) in
      try registry.make(object, version: version)
    }
    SharedLayers.note(layer, of: stored)
    return layer
  }
}

extension Configuration {
  /// The layer's name; nil for an automatic one.
  public var name: String? { value("name")?.string }

  /// A layer inside another.
  public func layer(_ key: String) throws(KerasError) -> Layer {
    guard let json = value(key) else { throw missing(key) }
    return try Layers.deserialize(json, version: version)
  }

  /// Gives a new layer what every layer has.
  package func applyCommonSettings(to layer: Layer) throws(KerasError) {
    ignore(Layer.settingsWithoutMeaning)
    if let json = value("quantization_config") {
      throw KerasError(
        .unsupported, "Quantized layers are not supported, found quantization_config \(json.excerpt).",
        path: [className], remedy: "save the model before it is quantized.")
    }
    if let regularizer = try regularizer("activity_regularizer") { layer.activityRegularizer = regularizer }
    if let json = value("dtype") {
      let policy = try DataTypePolicy(json)
      // What comes into a model may be of any type.
      if policy.name == "int8", version.quantizes, !(layer is InputLayer) {
        throw DataTypePolicy.quantized("int8")
      }
      layer.dataTypePolicy = policy
    }
    if try !boolean("trainable", default: true) { layer.isTrainable = false }
  }
}

extension Layer {
  /// Settings any layer's file may have that say nothing to it.
  static let settingsWithoutMeaning = [
    "batch_input_shape", "batch_shape", "input_dtype", "build_config", "autocast",
  ]
}

/// Which of the settings that every layer has stand in files.
public enum CommonSettings: Sendable {
  case all, nameAndType, name, none
}
