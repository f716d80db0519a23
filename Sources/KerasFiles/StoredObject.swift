import KerasCore

/// Weights as Keras 3 stores them: a tree that follows the attributes of the Python objects rather than the
/// names of layers.
///
/// A model's root has the child `layers`, whose children are the layers by class name in snake case
/// (`conv2d`, `conv2d_1`, …), and in the file of a compiled model `optimizer`. A layer's children are its parts:
/// an LSTM's `cell`, a bidirectional layer's `forward_layer` and `backward_layer`.
package struct StoredObject: Sendable {
  /// A named part; keys stand once in a list.
  package struct Child: Sendable {
    package var key: String
    package var object: StoredObject

    package init(_ key: String, _ object: StoredObject) {
      self.key = key
      self.object = object
    }
  }

  /// The name of the layer, model or optimizer; nil for containers, and in files of TF-Keras.
  package var name: String?
  /// The object's own arrays. Their names are what the object calls them, nearly always `0`, `1`, … in the
  /// order of creation; those are sorted as numbers, others stand behind them.
  package var variables: [StoredWeight]
  /// In the order in which a file is to have them; in the order of the file for what was read.
  package var children: [Child]
  /// Whether this only holds others, as a model's `layers` do. Of all else files have a list of variables, be it
  /// empty.
  package var isContainer = false

  package init(name: String? = nil, variables: [StoredWeight] = [], children: [Child] = []) {
    self.name = name
    self.variables = variables
    self.children = children
  }

  /// An object that only holds others.
  package static func container(_ children: [Child]) -> StoredObject {
    var object = StoredObject(children: children)
    object.isContainer = true
    return object
  }

  /// An object whose variables have the names `0`, `1`, ….
  package init(name: String? = nil, tensors: [Tensor], children: [Child] = []) {
    let variables = tensors.enumerated().map { StoredWeight(name: "\($0)", $1) }
    self.init(name: name, variables: variables, children: children)
  }

  /// The child of that key. Assigning one that is not there adds it at the end; assigning nil removes it.
  package subscript(key: String) -> StoredObject? {
    get { children.first { $0.key == key }?.object }
    set {
      let position = children.firstIndex { $0.key == key }
      switch (position, newValue) {
      case (let position?, let object?): children[position].object = object
      case (let position?, nil): children.remove(at: position)
      case (nil, let object?): children.append(Child(key, object))
      case (nil, nil): break
      }
    }
  }

  /// The object at `path`, keys separated by `/`; nil when there is none.
  package func object(at path: String) -> StoredObject? {
    path.split(separator: "/").reduce(self) { object, key in object?[String(key)] }
  }

  /// This object and all below it, parents first, with their paths (empty for this one).
  package var all: [(path: String, object: StoredObject)] {
    var found: [(path: String, object: StoredObject)] = []
    collect(at: "", &found)
    return found
  }

  private func collect(at path: String, _ found: inout [(path: String, object: StoredObject)]) {
    found.append((path, self))
    for child in children {
      child.object.collect(at: path.isEmpty ? child.key : "\(path)/\(child.key)", &found)
    }
  }
}

// MARK: - Reading

extension StoredObject {
  /// The tree in an HDF5 file, `.weights.h5` or the `model.weights.h5` of an archive.
  ///
  /// What TF-Keras before 2.13 calls `_layer_checkpoint_dependencies` becomes `layers`.
  ///
  /// - Throws: `invalidFile` when the file has another layout or is damaged; `unsupported` for links to
  ///   something else.
  package init(_ file: HDF5File) throws(KerasError) {
    guard try HDF5Kind(of: file) == .objectPaths else {
      throw KerasError(
        .invalidFile, "Expected weights by object path, found another layout.", path: [file.name.escaped],
        remedy: "give a file that Keras 3 saved as .weights.h5.")
    }
    try self.init(treeIn: file)
  }

  /// The tree in a file that is known to have one, such as a shard, whose root may have any names.
  init(treeIn file: HDF5File) throws(KerasError) {
    var seen: Set<UInt64> = []
    self = try Self.read(file.root, &seen)
  }

  /// The tree of the file at `path`.
  ///
  /// - Throws: as ``init(_:)``, and what opening the file throws.
  package init(weightsPath path: String) throws(KerasError) {
    try self.init(try HDF5File(path: path, prefetching: true))
  }

  private static func read(_ group: HDF5Group, _ seen: inout Set<UInt64>) throws(KerasError) -> StoredObject {
    // A group in many places would make a small file a large tree.
    try checkIsNew(group, &seen)
    var object = StoredObject.container([])
    for key in group.names {
      switch try group.child(key) {
      case .group(let variables) where key == "vars":
        object.isContainer = false
        try checkIsNew(variables, &seen)
        object.name = try variables.text("name")
        object.variables = try variables.names.sorted(by: isOrderedBefore).map { name throws(KerasError) in
          StoredWeight(name: name, try variables.dataset(at: name))
        }
      case .group(let child):
        let isOldName = key == "_layer_checkpoint_dependencies" && !group.names.contains("layers")
        object.children.append(Child(isOldName ? "layers" : key, try read(child, &seen)))
      case .dataset:
        throw group.failure("Expected a group named \(key.escaped), found an array.")
      case nil: break
      }
    }
    return object
  }

  private static func checkIsNew(_ group: HDF5Group, _ seen: inout Set<UInt64>) throws(KerasError) {
    guard seen.insert(group.location.address).inserted else {
      throw group.failure("The group stands in two places of the tree.")
    }
  }

  /// Numbers by value, before other names.
  static func isOrderedBefore(_ a: String, _ b: String) -> Bool {
    switch (Int(a), Int(b)) {
    case (let a?, let b?): a < b
    case (_?, nil): true
    case (nil, _?): false
    case (nil, nil): a < b
    }
  }
}

// MARK: - Writing

extension StoredObject {
  /// Writes the tree as Keras 3's `.weights.h5`, beside `path`, and renames it.
  ///
  /// - Throws: `invalidArgument` for keys that cannot be stored or stand twice; `fileAccess`; `libraryFailure`;
  ///   what reading the variables throws.
  package func write(toWeightsPath path: String) throws(KerasError) { try draft().write(to: path) }

  func draft() throws(KerasError) -> HDF5Draft {
    var draft = HDF5Draft(bfloat16: .pairsOfBytes)
    try add(to: &draft, at: "")
    return draft
  }

  private func add(to draft: inout HDF5Draft, at path: String) throws(KerasError) {
    let prefix = path.isEmpty ? "" : path + "/"
    draft.addGroup(at: path)
    if !isContainer {
      draft.addGroup(at: prefix + "vars")
      if let name { draft.setAttribute("name", .string(name), of: prefix + "vars") }
    }
    for variable in variables { draft.add(try variable.tensor(), at: "\(prefix)vars/\(variable.name)") }
    for child in children { try child.object.add(to: &draft, at: prefix + child.key) }
  }
}
