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

  /// The attribute named `name`; nil when there is none.
  package func attribute(_ name: String) throws(KerasError) -> HDF5Attribute? {
    var found: HDF5Attribute?
    try forEachAttribute { cursor throws(KerasError) in
      guard found == nil else { return }
      found = try HDF5Attribute(from: &cursor, named: name, in: location.source)
    }
    return found
  }

  /// All attributes, in stored order.
  package func attributes() throws(KerasError) -> [HDF5Attribute] {
    var all: [HDF5Attribute] = []
    try forEachAttribute { cursor throws(KerasError) in
      if let attribute = try HDF5Attribute(from: &cursor, in: location.source) { all.append(attribute) }
    }
    return all
  }

  private func forEachAttribute(
    _ body: (inout ByteCursor) throws(KerasError) -> Void
  ) throws(KerasError) {
    let (header, source) = (location.header, location.source)
    try location.locating { () throws(KerasError) in
      for message in header.messages where message.kind == .attribute {
        var cursor = try header.cursor(message, "attribute", in: source)
        try body(&cursor)
      }
      guard let message = header.first(.attributeInfo) else { return }
      var cursor = try header.cursor(message, "attribute info", in: source)
      try cursor.skip(1)
      if try cursor.int(1) & 1 != 0 { try cursor.skip(2) }
      guard let heapAddress = try cursor.address(), let index = try cursor.address() else { return }
      let heap = try FractalHeap(at: heapAddress, in: source)
      // Records of the name index: where the attribute lies in the heap, flags, order, the name's hash.
      try RecordTree(at: index, kind: 8, in: source).forEach { record throws(KerasError) in
        var attribute = try heap.object(record.take(8))
        try body(&attribute)
      }
    }
  }
}
