import Foundation
import KerasCore
import Testing

@testable import KerasFiles

struct StoredObjectTests {
  static func tensors(_ shapes: [[Int]], _ dataType: DataType = .float32) -> [Tensor] {
    shapes.enumerated().map { HDF5DraftTests.pattern(dataType, $1, seed: UInt64($0 + 1)) }
  }

  /// A model with a layer in a layer, twelve variables in one object, and an optimizer.
  static var model: StoredObject {
    let lstm = StoredObject(
      name: "lstm", children: [.init("cell", StoredObject(tensors: tensors([[2, 8], [2, 8], [8]])))])
    let dense = StoredObject(name: "scores", tensors: tensors([[2, 300], [300]], .bfloat16))
    let layers = StoredObject.container([
      .init("input_layer", StoredObject(name: "input")), .init("lstm", lstm), .init("dense", dense),
    ])
    let optimizer = StoredObject(
      name: "adam", tensors: [Tensor(scalar: 7 as Int64)] + tensors(Array(repeating: [3], count: 11)))
    return StoredObject(name: "model", children: [.init("layers", layers), .init("optimizer", optimizer)])
  }

  @Test func treesAreReadBack() throws {
    try withFile([], named: "m.weights.h5") { (path) throws in
      try Self.model.write(toWeightsPath: path)
      let read = try StoredObject(weightsPath: path)
      try expectSame(read, Self.model)
      #expect(read["optimizer"]?.variables.map(\.name) == (0..<12).map(String.init))
      #expect(read.object(at: "layers/lstm/cell")?.variables.count == 3)
      #expect(read.object(at: "layers/gru") == nil)
    }
  }

  @Test func oldNamesOfTFKerasAreUnderstood() throws {
    try withFile([], named: "m.weights.h5") { (path) throws in
      var draft = HDF5Draft()
      draft.add(Tensor([1, 2] as [Float]), at: "_layer_checkpoint_dependencies/dense/vars/0")
      draft.addGroup(at: "vars")
      try draft.write(to: path)
      let read = try StoredObject(weightsPath: path)
      #expect(try read.object(at: "layers/dense")?.variables[0].tensor().scalars() == [1, 2] as [Float])
    }
  }

  @Test(arguments: [(1, 3), (700, 3), (1 << 20, 1)])
  func shardsAreReadBack(largest: Int, count: Int) throws {
    try withFile([], named: "unused") { (path) throws in
      let folder = URL(filePath: path).deletingLastPathComponent().path
      try Self.model.write(toShardsPath: folder + "/m.weights.json", largest: largest)
      let files = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".h5") }
      #expect(files.sorted() == (0..<count).map { "m_0000\($0).weights.h5" })
      guard case .shards(let tree) = try StoredFile(path: folder + "/m.weights.json") else {
        Issue.record("not seen as an index")
        return
      }
      try expectSame(tree, Self.model)
    }
    #expect(
      message { try Self.model.write(toShardsPath: "/tmp/x.json", largest: 1) }
        == "Expected a name ending in .weights.json, found /tmp/x.json.")
  }

  @Test func groupsInTwoPlacesAreRefused() throws {
    try withFile([], named: "m.weights.h5") { (path) throws in
      var draft = HDF5Draft()
      draft.add(Tensor([1] as [Float]), at: "layers/dense/vars/0")
      draft.add(Tensor([1] as [Float]), at: "layers/lstm/vars/0")
      try draft.write(to: path)
      // The second layer's name is made to lead to the first one's variables: their headers' addresses follow
      // the offsets of the names in the symbol table's entries.
      let file = try HDF5File(path: path)
      let (first, second) = (
        try #require(try file.root.group(at: "layers/dense")?.location.address),
        try #require(try file.root.group(at: "layers/lstm")?.location.address)
      )
      var changed = try bytes(of: path)
      let wanted = withUnsafeBytes(of: second.littleEndian) { Array($0) }
      let found = changed.indices.dropLast(8).filter { changed[$0..<$0 + 8].elementsEqual(wanted) }
      for at in found {
        changed.replaceSubrange(at..<at + 8, with: withUnsafeBytes(of: first.littleEndian) { Array($0) })
      }
      try withFile(changed, named: "m.weights.h5") { path in
        #expect(
          message { _ = try StoredObject(weightsPath: path) } == """
            The group stands in two places of the tree.
              in: m.weights.h5 › layers › lstm
              try: download or copy the file again.
            """)
      }
    }
  }

  @Test func otherLayoutsAreRefused() throws {
    #expect(
      message { _ = try StoredObject(weightsPath: fixture("weights.h5")) } == """
        Expected weights by object path, found another layout.
          in: weights.h5
          try: give a file that Keras 3 saved as .weights.h5.
        """)
  }

  @Test func childrenChange() {
    var object = StoredObject()
    object["a"] = StoredObject(name: "1")
    object["b"] = StoredObject(name: "2")
    object["a"] = StoredObject(name: "3")
    #expect(object.children.map(\.key) == ["a", "b"])
    #expect(object["a"]?.name == "3")
    object["a"] = nil
    object["c"] = nil
    #expect(object.children.map(\.key) == ["b"])
  }

  @Test func fileToValuesToFileKeepsEveryBit() throws {
    for path in sharedFiles(in: "golden/saved", ending: ".weights.h5") {
      let original = try StoredObject(weightsPath: path)
      try withFile([], named: "copy.weights.h5") { (copyPath) throws in
        try original.write(toWeightsPath: copyPath)
        try expectSame(try StoredObject(weightsPath: copyPath), original)
      }
    }
  }
}

/// The same tree, to the last bit; the order of children is the file's.
func expectSame(_ object: StoredObject, _ other: StoredObject) throws {
  let (all, others) = (object.all.sorted { $0.path < $1.path }, other.all.sorted { $0.path < $1.path })
  #expect(all.map(\.path) == others.map(\.path))
  for ((path, object), (_, other)) in zip(all, others) {
    #expect(object.name == other.name, "\(path)")
    #expect(object.isContainer == other.isContainer, "\(path)")
    #expect(object.variables.map(\.name) == other.variables.map(\.name), "\(path)")
    for (variable, otherVariable) in zip(object.variables, other.variables) {
      #expect(try variable.tensor().hasSameBits(as: otherVariable.tensor()), "\(path)/\(variable.name)")
    }
  }
}
