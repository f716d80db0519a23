import KerasCore

/// A folder of an HDF5 file. Errors name the file and the path of names that led to the object.
package struct HDF5Group: HDF5Object {
  package let location: HDF5Location
  private let links: LinkTable
  /// Walks may recurse and join names: deeper nesting and longer paths than any model has are refused.
  private static let deepest = 100
  private static let longestPath = 4096

  init(at location: HDF5Location) throws(KerasError) {
    self.location = location
    links = try location.source.links(of: location.header)
  }

  /// The names of what is inside, in stored order: by name, except in files of the newer layout.
  package var names: [String] { links.names }

  /// Whether `name` stands for an object in this file, not for a pointer to something else.
  package func isHardLink(_ name: String) -> Bool {
    if case .hard = links[name] { true } else { false }
  }

  /// The object at `path`, names separated by `/`; nil when a name is not there.
  ///
  /// - Throws: `invalidFile` for a damaged object; `unsupported` for a link to something elsewhere.
  package func object(at path: String) throws(KerasError) -> HDF5Node? {
    var node = HDF5Node.group(self)
    for name in path.split(separator: "/") where name != "." {
      guard case .group(let group) = node, let child = try group.child(String(name)) else { return nil }
      node = child
    }
    return node
  }

  /// The group at `path`; nil when there is none.
  package func group(at path: String) throws(KerasError) -> HDF5Group? {
    guard case .group(let group) = try object(at: path) else { return nil }
    return group
  }

  /// The dataset at `path`.
  ///
  /// - Throws: `invalidFile` also when there is none.
  package func dataset(at path: String) throws(KerasError) -> HDF5Dataset {
    let node = try object(at: path)
    if case .dataset(let dataset) = node { return dataset }
    let found = node == nil ? "nothing" : "a group"
    return try location.locating { () throws(KerasError) in
      throw KerasError(
        .invalidFile, "Expected an array at \(path.escaped), found \(found).",
        remedy: "download or copy the file again.")
    }
  }

  /// The object named `name`; nil when there is none.
  package func child(_ name: String) throws(KerasError) -> HDF5Node? {
    guard let link = links[name] else { return nil }
    let place = HDF5Location(source: location.source, header: location.header, path: path + [name])
    return try place.locating { () throws(KerasError) in
      guard path.count < Self.deepest else { throw .damaged("groups are nested deeper than \(Self.deepest)") }
      guard place.path.reduce(0, { $0 + $1.utf8.count }) <= Self.longestPath else {
        throw .damaged("the names of nested groups have more than \(Self.longestPath) bytes")
      }
      switch link {
      case .hard(let address):
        let header = try location.source.header(at: address)
        let location = HDF5Location(source: location.source, header: header, path: place.path)
        let isGroup = header[.symbolTable] != nil || header[.linkInfo] != nil
        return isGroup ? .group(try HDF5Group(at: location)) : .dataset(try HDF5Dataset(at: location))
      case .soft(let target):
        throw .unsupportedHDF5(
          "The name only points to another, \(target.escaped), and such links are not followed")
      case .foreign:
        throw .unsupportedHDF5("The name points into another file, and such links are not followed")
      }
    }
  }
}

/// What a name in a group stands for.
package enum HDF5Node: Sendable {
  case group(HDF5Group)
  case dataset(HDF5Dataset)
}
