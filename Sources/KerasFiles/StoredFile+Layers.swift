import KerasCore

extension StoredFile {
  /// The weights, layer by layer, in the file's order; layers are objects where weights are stored by path, and
  /// groups in other HDF5 files. Arrays without a layer stand under `/`.
  ///
  /// - Throws: `invalidFile` for parts that are damaged.
  package func layers() throws(KerasError) -> [StoredLayer] {
    switch self {
    case .legacy(let file):
      let top = StoredLayer(name: "top_level_model_weights", weights: file.topLevelWeights)
      return file.layers + (top.weights.isEmpty ? [] : [top])
    case .weights(let tree), .shards(let tree): return Self.layers(of: tree, optimizer: false)
    case .archive(let archive): return Self.layers(of: archive.weights, optimizer: false)
    case .array(let file): return [StoredLayer(name: "/", weights: [try StoredWeight("array", file)])]
    case .arrays(let arrays):
      let weights = try arrays.map { array throws(KerasError) in try StoredWeight(array.name, array.file) }
      return [StoredLayer(name: "/", weights: weights)]
    case .json: return []
    case .hdf5(let file): return Self.layers(byGroup: try file.root.datasets())
    }
  }

  /// The optimizer's arrays.
  package func optimizerLayers() throws(KerasError) -> [StoredLayer] {
    switch self {
    case .legacy(let file):
      let weights = try file.optimizerWeights()
      return weights.isEmpty ? [] : [StoredLayer(name: "optimizer_weights", weights: weights)]
    case .weights(let tree), .shards(let tree): return Self.layers(of: tree, optimizer: true)
    case .archive(let archive): return Self.layers(of: archive.weights, optimizer: true)
    default: return []
    }
  }

  /// Objects that have variables or a name, by path.
  private static func layers(of tree: StoredObject, optimizer: Bool) -> [StoredLayer] {
    tree.all.compactMap { path, object in
      let isOptimizer = path == "optimizer" || path.hasPrefix("optimizer/")
      let isWorthALine = !object.variables.isEmpty || (object.name != nil && !path.isEmpty)
      guard isOptimizer == optimizer, isWorthALine else { return nil }
      return StoredLayer(
        name: path.isEmpty ? "/" : path, weights: object.variables, ownName: object.name)
    }
  }

  private static func layers(byGroup arrays: [HDF5Dataset]) -> [StoredLayer] {
    var layers: [StoredLayer] = []
    for array in arrays {
      let group = "/" + array.path.dropLast().joined(separator: "/")
      if layers.last?.name != group { layers.append(StoredLayer(name: group, weights: [])) }
      layers[layers.count - 1].weights.append(StoredWeight(name: array.path.last ?? "", array))
    }
    return layers
  }
}

extension StoredWeight {
  /// An array of NumPy's.
  init(_ name: String, _ file: FileContents) throws(KerasError) {
    let header = try NumPy.header(of: file)
    let isSwapped = header.isBigEndian && header.number.byteCount > 1
    self.init(
      name: name, shape: header.shape, dataType: header.number.dataType,
      storedType: (isSwapped ? ">" : "") + header.number.rawValue,
      byteCount: elementCountOf(header.shape) * header.number.byteCount
    ) { () throws(KerasError) in try NumPy.tensor(in: file) }
  }
}
