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

// MARK: - Reading

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
        try StoredObject(treeIn: HDF5File(path: folder + file, prefetching: true))
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

// MARK: - Writing

extension StoredObject {
  /// Writes the tree into several `.weights.h5` files beside `path`, `….weights.json`, and then the index of
  /// them to `path`.
  ///
  /// - Parameter largest: how many bytes the arrays of one file may have together. The variables of one object
  ///   stay together, even when they have more.
  /// - Throws: `invalidArgument` for another ending; what writing one file throws.
  package func write(toShardsPath path: String, largest: Int) throws(KerasError) {
    let ending = ".weights.json"
    guard path.hasSuffix(ending), path != ending, !path.hasSuffix("/" + ending) else {
      throw KerasError(.invalidArgument, "Expected a name ending in \(ending), found \(path.escaped).")
    }
    var shards = [Self.container([])]
    var map = JSONObject()
    var (room, total) = (largest, 0)
    let base = String(path.dropLast(ending.utf8.count))
    func file(_ number: Int) -> String {
      let digits = String(number)
      return "\(base)_" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits + ".weights.h5"
    }
    for (place, object) in all {
      let byteCount = object.variables.reduce(0) { $0 + $1.byteCount }
      if byteCount > room, room < largest {
        shards.append(.container([]))
        room = largest
      }
      room -= byteCount
      total += byteCount
      var own = object
      own.children = []
      shards[shards.count - 1].put(own, at: place.split(separator: "/").map(String.init)[...])
      if !object.variables.isEmpty {
        let name = file(shards.count - 1).split(separator: "/").last.map(String.init) ?? ""
        map["/" + (place.isEmpty ? "vars" : place + "/vars")] = [.string(name)]
      }
    }
    for (number, shard) in shards.enumerated() { try shard.write(toWeightsPath: file(number)) }
    let index: JSON = [
      "metadata": ["total_size": .number(Double(total))], "weight_map": .object(map),
    ]
    try writeFile(at: path) { (file) throws(KerasError) in
      try file.append(Array(index.text(indented: true).utf8))
    }
  }

  /// Puts an object into the tree, with containers on the way to it.
  private mutating func put(_ object: StoredObject, at path: ArraySlice<String>) {
    guard let key = path.first else {
      let children = children
      self = object
      self.children = children
      return
    }
    var child = self[key] ?? .container([])
    child.put(object, at: path.dropFirst())
    self[key] = child
  }
}
