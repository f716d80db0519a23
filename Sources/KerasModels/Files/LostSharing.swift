import KerasLayers

/// Layers that stand in several places of a model, where a file does not say so everywhere.
///
/// Keras 3 and TF-Keras copy what describes a model inside a model before they know that a layer in it comes again, so
/// that the first description lacks the number the others have; `.h5` of Keras 3 has no such numbers at all. The
/// Kerases that wrote them cannot open these files, for the weights are there once.
extension JSON {
  /// The same model with more layers shared. Where the weights fit one of these, it is right: everything that could be
  /// shared is one layer in it, so a layer that is not would leave weights over.
  var withSharedLayers: [JSON] {
    var layers = LayerEntries()
    layers.collect(self)
    return [layers.partnersOfNumbered(), layers.twins()].filter { !$0.isEmpty }.map { numbers in
      var position = 0
      return numbered(numbers, &position)
    }
  }

  /// With `numbers` for layers by position in the order of the text.
  private func numbered(_ numbers: [Int: Int], _ position: inout Int) -> JSON {
    if let array { return .array(array.map { $0.numbered(numbers, &position) }) }
    guard let object else { return self }
    var changed = JSONObject()
    if isLayer {
      if let number = numbers[position] { changed[SerializedObject.sharedKey] = .integer(number) }
      position += 1
    }
    for (key, value) in object where changed[key] == nil { changed[key] = value.numbered(numbers, &position) }
    return .object(changed)
  }

  /// Layers have names; other objects in a configuration have none.
  fileprivate var isLayer: Bool {
    self["class_name"]?.string != nil && self["class_name"] != "DTypePolicy" && self["config"]?["name"]?.string != nil
  }
}

/// The layers of a configuration in the order of its text.
private struct LayerEntries {
  struct Entry {
    let number: Int?
    let description: Description
  }
  /// What is the same of one layer in two places.
  struct Description: Hashable {
    let className: String?
    let config: JSONObject?
  }
  private var entries: [Entry] = []

  mutating func collect(_ json: JSON) {
    if let array = json.array { return array.forEach { collect($0) } }
    guard let object = json.object else { return }
    if json.isLayer {
      let description = Description(
        className: json["class_name"]?.string, config: json["config"]?.object?.withoutSharedNumbers)
      entries.append(Entry(number: json[SerializedObject.sharedKey]?.integer, description: description))
    }
    for (_, value) in object { collect(value) }
  }

  /// Numbers for the one layer before each first numbered one that is described in the same way.
  func partnersOfNumbered() -> [Int: Int] {
    var (numbers, seen): ([Int: Int], Set<Int>) = ([:], [])
    for (position, entry) in entries.enumerated() {
      guard let number = entry.number, seen.insert(number).inserted else { continue }
      let twins = entries.indices.prefix(position).filter {
        entries[$0].number == nil && entries[$0].description == entry.description
      }
      if twins.count == 1 { numbers[twins[0]] = number }
    }
    return numbers
  }

  /// A number for all layers that are described in the same way.
  func twins() -> [Int: Int] {
    let groups = Dictionary(grouping: entries.indices) { entries[$0].description }.values.filter { $0.count > 1 }
    var numbers: [Int: Int] = [:]
    for group in groups {
      // No number that a file gives.
      for position in group { numbers[position] = -1 - group[0] }
    }
    return numbers
  }
}
