import KerasFiles
import KerasLayers

/// Weights as Keras 3 stores them: by the attributes that hold layers, and by class within a model.
extension Layer {
  /// The layer's weights and those of the layers inside.
  func storedTree() throws(KerasError) -> StoredObject {
    var seen: Set<ObjectIdentifier> = []
    return try storedTree(&seen) ?? StoredObject(name: name)
  }

  /// nil for a layer that stands in several places, and has its weights in the first.
  fileprivate func storedTree(_ seen: inout Set<ObjectIdentifier>) throws(KerasError) -> StoredObject? {
    guard seen.insert(ObjectIdentifier(self)).inserted else { return nil }
    var (tensors, parts): ([Tensor], [StoredObject.Child]) = ([], [])
    for variable in storedVariables { tensors.append(try storedValue(of: variable)) }
    for (key, part) in storedChildren {
      if let tree = try part.tree(&seen) { parts.append(StoredObject.Child(key, tree)) }
    }
    var tree = StoredObject(name: name, tensors: tensors, children: parts)
    for (name, tensor) in namedArrays.sorted(by: { $0.key < $1.key }) {
      tree.variables.append(StoredWeight(name: name, tensor))
    }
    return tree
  }

  /// The layer and those inside, with the paths of their groups: of a layer in several places the first.
  func storedPaths() -> [(path: String, layer: Layer)] {
    var seen: Set<ObjectIdentifier> = []
    return storedPaths(at: "", &seen)
  }

  private func storedPaths(
    at path: String, _ seen: inout Set<ObjectIdentifier>
  ) -> [(path: String, layer: Layer)] {
    guard seen.insert(ObjectIdentifier(self)).inserted else { return [] }
    var found: [(path: String, layer: Layer)] = [(path, self)]
    for (key, part) in storedChildren {
      let place = path.isEmpty ? key : "\(path)/\(key)"
      switch part {
      case .layer(let layer): found += layer.storedPaths(at: place, &seen)
      case .list(let layers):
        for (key, layer) in numberedByClass(layers) { found += layer.storedPaths(at: "\(place)/\(key)", &seen) }
      }
    }
    return found
  }

  /// The layer's own, without what only adapts another.
  var storedVariables: [Variable] {
    guard let adapted = self as? any LowRankAdaptable else { return orderedOwnWeights }
    return orderedOwnWeights.filter { !adapted.isAdapter($0) }
  }

  /// Its value, adapted where the layer is.
  private func storedValue(of variable: Variable) throws(KerasError) -> Tensor {
    guard let adapted = self as? any LowRankAdaptable, adapted.adapts(variable) else { return variable.value }
    let graph = GraphBuilder()
    let context = CallContext(graph: graph, mode: .constants)
    let sum = try adapted.adaptedWeight(in: context, as: variable.dataType)
    return try ComputeOptions().prepare(graph.finish(returning: [sum])).program.run([])[0]
  }

  /// The layers inside, alone or in lists, under the keys of the file.
  var storedChildren: [(key: String, part: StoredPart)] {
    if let model = self as? Model, model.network != nil || model is Sequential {
      return [("layers", .list(model.layers))]
    }
    let found = self is Model ? propertyLayers : children
    var attributes: [(key: String, layers: [Layer])] = []
    var lists: Set<String> = []
    for (attribute, layer) in found {
      // `cells/lstm_cell` is an element of the list `cells`.
      let key = attribute.split(separator: "/").first.map(String.init) ?? attribute
      if key != attribute { lists.insert(key) }
      if let index = attributes.firstIndex(where: { $0.key == key }) {
        attributes[index].layers.append(layer)
      } else {
        attributes.append((key, [layer]))
      }
    }
    // Private attributes come last, as in Keras.
    func rank(_ key: String) -> (Int, String) { (key.hasPrefix("_") ? 1 : 0, key) }
    return attributes.sorted { rank($0.key) < rank($1.key) }.map { attribute in
      let isList = attribute.layers.count > 1 || lists.contains(attribute.key)
      return (attribute.key, isList ? .list(attribute.layers) : .layer(attribute.layers[0]))
    }
  }
}

/// One thing below a layer: a layer, or a list of them.
enum StoredPart {
  case layer(Layer)
  case list([Layer])

  fileprivate func tree(_ seen: inout Set<ObjectIdentifier>) throws(KerasError) -> StoredObject? {
    switch self {
    case .layer(let layer): return try layer.storedTree(&seen)
    case .list(let layers):
      var elements: [StoredObject.Child] = []
      for (key, layer) in numberedByClass(layers) {
        if let tree = try layer.storedTree(&seen) { elements.append(StoredObject.Child(key, tree)) }
      }
      return .container(elements)
    }
  }
}
