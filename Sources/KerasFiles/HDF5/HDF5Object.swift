import KerasCore

/// A group or a dataset: both have a place in the file, and attributes.
package protocol HDF5Object: Sendable {
  var location: HDF5Location { get }
}

/// Where an object is, and what its header says.
package struct HDF5Location: Sendable {
  let source: HDF5Source
  let header: ObjectHeader
  /// The names that lead from the root to the object.
  package let path: [String]

  /// Where the object lies in the file, in bytes: two names of one object have one address.
  package var address: UInt64 { header.address }

  /// Runs `body`; an error that does not say where it happened gets the file and the names in front.
  func locating<Result>(_ body: () throws(KerasError) -> Result) throws(KerasError) -> Result {
    do {
      return try body()
    } catch {
      guard error.path.isEmpty else { throw error }
      throw ([source.file.name] + path).reversed().reduce(error) { $0.within($1.escaped) }
    }
  }
}

extension HDF5Object {
  package var path: [String] { location.path }

  /// Whether there is an attribute of this name.
  package func hasAttribute(_ name: String) throws(KerasError) -> Bool {
    try location.locating { () throws(KerasError) in
      try location.source.attributes(of: location.header)[name] != nil
    }
  }

  /// The attribute named `name`; nil when there is none.
  package func attribute(_ name: String) throws(KerasError) -> HDF5Attribute? {
    try location.locating { () throws(KerasError) in
      guard let entry = try location.source.attributes(of: location.header)[name] else { return nil }
      return try HDF5Attribute(entry, in: location.source)
    }
  }

  /// All attributes, in stored order.
  package func attributes() throws(KerasError) -> [HDF5Attribute] {
    try location.locating { () throws(KerasError) in
      var all: [HDF5Attribute] = []
      for entry in try location.source.attributes(of: location.header).entries {
        all.append(try HDF5Attribute(entry, in: location.source))
      }
      return all
    }
  }
}
