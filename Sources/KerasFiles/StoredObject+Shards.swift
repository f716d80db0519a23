import KerasCore

/// The index of weights that Keras 3 split into several files (`max_shard_size`): `….weights.json`.
struct ShardIndex {
  /// The files' names, in the order in which the index names them first; all lie beside the index.
  private(set) var files: [String] = []
  private static let mostFiles = 10_000

  /// Whether `json` looks like such an index.
  static func isIndex(_ json: JSON) -> Bool { json["weight_map"]?.object != nil }

  /// - Throws: `invalidFile` when the index is not of that form, or names files that do not lie beside it.
  init(_ json: JSON) throws(KerasError) {
    guard let map = json["weight_map"]?.object else { throw Self.damaged("there is no weight_map") }
    var seen: Set<String> = []
    for (place, entry) in map {
      for name in entry.array ?? [entry] {
        guard let name = name.string, ZipFile.isProper(name), !name.contains("/") else {
          throw Self.damaged("\(place.escaped) is not in a file beside it")
        }
        guard seen.count < Self.mostFiles else {
          throw Self.damaged("it names more than \(Self.mostFiles) files")
        }
        if seen.insert(name).inserted { files.append(name) }
      }
    }
  }

  private static func damaged(_ what: String) -> KerasError {
    KerasError(.invalidFile, "The index of weights cannot be used: \(what).")
  }
}

extension StoredObject {
  /// The tree that the files of an index hold together.
  ///
  /// - Throws: `invalidFile` for an index of another form; what reading the files throws.
  package init(shardsOf json: JSON, at path: String) throws(KerasError) {
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    let name = String(path.dropFirst(folder.count))
    let index = try within(name.escaped) { () throws(KerasError) in try ShardIndex(json) }
    self = .container([])
    for file in index.files {
      let shard = try within(name.escaped) { () throws(KerasError) in
        try StoredObject(weightsPath: folder + file)
      }
      merge(shard)
    }
  }

  /// Adds what is only in `other`: variables and children of other names.
  private mutating func merge(_ other: StoredObject) {
    name = name ?? other.name
    isContainer = isContainer && other.isContainer
    let names = Set(variables.map(\.name))
    variables += other.variables.filter { !names.contains($0.name) }
    variables.sort { Self.isOrderedBefore($0.name, $1.name) }
    for child in other.children {
      if var known = self[child.key] {
        known.merge(child.object)
        self[child.key] = known
      } else {
        children.append(child)
      }
    }
  }
}
