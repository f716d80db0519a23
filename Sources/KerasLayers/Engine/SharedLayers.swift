import KerasCore
import Synchronization

/// Layers that stand in several places of one description, such as two models inside a model, under the number that
/// files give each of them: `shared_object_id`.
package enum SharedLayers {
  @TaskLocal private static var found: FoundLayers?
  @TaskLocal private static var numbers: LayerNumbers?

  /// Runs `body`, in which all descriptions with one number mean the same layer; within another such piece of work,
  /// that goes on.
  package static func whileReading<Result>(_ body: () throws(KerasError) -> Result) throws(KerasError) -> Result {
    guard found == nil else { return try body() }
    let outcome = $found.withValue(FoundLayers()) {
      Swift.Result<Result, KerasError> { () throws(KerasError) in try body() }
    }
    return try outcome.get()
  }

  /// Runs `body`, in which `layers` are described with a number each.
  package static func whileDescribing<Result>(_ layers: [Layer], _ body: () -> Result) -> Result {
    $numbers.withValue(LayerNumbers(layers)) { body() }
  }

  /// The layer that was made of the first description with this one's number.
  ///
  /// - Throws: `invalidFile` when the two differ: Keras writes the same again, and who does not could make a small file
  ///   a huge model.
  static func layer(_ object: SerializedObject) throws(KerasError) -> Layer? {
    guard let number = object.sharedNumber, let found, let known = found.layers.withLock({ $0[number] }) else {
      return nil
    }
    guard known.className == object.className, known.config == object.config.withoutSharedNumbers else {
      throw KerasError(
        .invalidFile, "Two descriptions with the \(SerializedObject.sharedKey) \(number) differ.",
        path: [object.config["name"]?.string ?? object.className])
    }
    return known.layer
  }

  static func note(_ layer: Layer, of object: SerializedObject) {
    guard let number = object.sharedNumber, let found else { return }
    let entry = FoundLayers.Entry(
      layer: layer, className: object.className, config: object.config.withoutSharedNumbers)
    found.layers.withLock { $0[number] = entry }
  }

  static func number(of layer: Layer) -> Int? { numbers?.byLayer[ObjectIdentifier(layer)] }
}

private final class FoundLayers: Sendable {
  struct Entry: Sendable {
    let layer: Layer
    let className: String
    let config: JSONObject
  }
  let layers = Mutex<[Int: Entry]>([:])
}

private final class LayerNumbers: Sendable {
  let byLayer: [ObjectIdentifier: Int]

  init(_ layers: [Layer]) {
    byLayer = Dictionary(
      layers.enumerated().map { (ObjectIdentifier($1), $0 + 1) }, uniquingKeysWith: { first, _ in first })
  }
}

extension JSONObject {
  /// Without the numbers of shared objects, anywhere in it.
  package var withoutSharedNumbers: JSONObject {
    var object = JSONObject()
    for (key, value) in self where key != SerializedObject.sharedKey { object[key] = value.withoutSharedNumbers }
    return object
  }
}

extension JSON {
  fileprivate var withoutSharedNumbers: JSON {
    switch self {
    case .array(let elements): .array(elements.map(\.withoutSharedNumbers))
    case .object(let object): .object(object.withoutSharedNumbers)
    default: self
    }
  }
}
