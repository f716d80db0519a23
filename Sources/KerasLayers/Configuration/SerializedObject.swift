import KerasCore

/// An object as Keras writes it into configurations.
///
/// ```json
/// {"module": "keras.layers", "class_name": "Dense", "config": {"units": 10}, "registered_name": null}
/// ```
/// Keras 2 and earlier write only `class_name` and `config`, or a bare name.
public struct SerializedObject: Hashable, Sendable {
  public var module: String?
  public var className: String
  public var config: JSONObject
  /// `package>name` of a class that is not Keras' own.
  public var registeredName: String?
  /// The shapes the object was built for, where the file says so.
  public var buildConfig: JSONObject?
  /// The number of an object that stands in several places of a description, and is one.
  package var sharedNumber: Int?

  public init(
    module: String?, className: String, config: JSONObject = [:], registeredName: String? = nil
  ) {
    self.module = module
    self.className = className
    self.config = config
    self.registeredName = registeredName
  }

  /// - Throws: `invalidFile` when `json` is neither a name nor an object with a `class_name`.
  public init(_ json: JSON) throws(KerasError) {
    if let name = json.string {
      self.init(module: nil, className: name)
      return
    }
    guard let object = json.object, let className = object["class_name"]?.string else {
      throw KerasError(
        .invalidFile, "Expected an object with a class_name, found \(json.excerpt).")
    }
    // A function, and a dtype in Keras 2, has a plain name in place of settings.
    let config = object["config"] ?? .null
    self.init(
      module: object["module"]?.string, className: className,
      config: config.object ?? (config.isNull ? [:] : ["name": config]),
      registeredName: object["registered_name"]?.string)
    if registeredName == nil, let end = className.lastIndex(of: ">") {
      // Keras 2 knew a user's class by its registered name alone: `package>name`.
      registeredName = className
      self.className = String(className[className.index(after: end)...])
    }
    buildConfig = object["build_config"]?.object
    sharedNumber = object[Self.sharedKey]?.integer
  }

  package static let sharedKey = "shared_object_id"

  public var json: JSON {
    var object: JSONObject = [
      "module": JSON(module), "class_name": .string(className), "config": .object(config),
      "registered_name": JSON(registeredName),
    ]
    if let buildConfig { object["build_config"] = .object(buildConfig) }
    if let sharedNumber { object[Self.sharedKey] = .integer(sharedNumber) }
    return .object(object)
  }
}

extension JSON {
  /// Its beginning, for error messages.
  package var excerpt: String {
    let text = text()
    return text.count <= 60 ? text : text.prefix(57) + "…"
  }
}
