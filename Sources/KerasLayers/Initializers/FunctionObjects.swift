import KerasCore

// What initializers, regularizers and constraints have in common in files.

extension Serializable {
  /// - Parameter isKnown: whether it is a class of Keras' `module`; others are named as they are registered.
  func serialized(module: String, isKnown: Bool) -> JSON {
    SerializedObject(
      module: isKnown ? module : nil,
      className: className.split(separator: ">").last.map(String.init) ?? className,
      config: config, registeredName: isKnown ? nil : className
    ).json
  }
}

extension SerializedObject {
  /// Also reads what Keras 1 writes: `{"name": "WeightRegularizer", "l2": 0.01}`.
  init(function json: JSON) throws(KerasError) {
    guard let object = json.object, object["class_name"] == nil, let name = object["name"]?.string else {
      try self.init(json)
      return
    }
    var config = object
    config["name"] = nil
    self.init(module: nil, className: name, config: config)
  }
}

extension Configuration {
  /// A number that older versions of Keras call `oldKey`.
  func number(_ key: String, before oldKey: String, default standard: Double) throws(KerasError) -> Double {
    value(key) == nil ? try number(oldKey, default: standard) : try number(key, default: standard)
  }

  /// Runs `body` and says in its errors which setting of which class they are about.
  func place<Result>(_ key: String, _ body: () throws(KerasError) -> Result) throws(KerasError) -> Result {
    try within(className) { () throws(KerasError) in try within(key, body) }
  }
}
