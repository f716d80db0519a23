import Foundation
import KerasCore
import KerasWeights
import Testing

@Suite struct ClassLabelsTests {
  /// The labels in a file of this name and contents.
  private func labels(_ name: String, _ contents: String) throws -> ClassLabels {
    try labels(name, Data(contents.utf8))
  }

  private func labels(_ name: String, _ contents: Data) throws -> ClassLabels {
    let folder = FileManager.default.temporaryDirectory.path + "/keras-labels-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/" + name
    try contents.write(to: URL(fileURLWithPath: path))
    return try ClassLabels(contentsOf: path)
  }

  @Test func imageNet() {
    #expect(ClassLabels.imageNet.count == 1000)
    #expect(ClassLabels.imageNet[0] == ClassLabel(id: "n01440764", name: "tench"))
    #expect(ClassLabels.imageNet[386] == ClassLabel(id: "n02504458", name: "African_elephant"))
    #expect(ClassLabels.imageNet[999] == ClassLabel(id: "n15075141", name: "toilet_tissue"))
    #expect(Set(ClassLabels.imageNet.map(\.id)).count == 1000)
    #expect(Set(ClassLabels.imageNet.map(\.name)).count == 998)
    let cranes = ClassLabels.imageNet.indices.filter { ClassLabels.imageNet[$0].name == "crane" }
    #expect(cranes == [134, 517])
  }

  @Test(.enabled(if: sharedIndex != nil, "the shared folder with Keras' class index is not here"))
  func imageNetIsKerasOwnIndex() throws {
    let path = try #require(sharedIndex)
    #expect(try ClassLabels(contentsOf: path) == .imageNet)
  }

  @Test(arguments: [
    ("a.txt", "ant\nbee\n"),
    ("a.txt", "\u{FEFF}ant\r\n\r\n  bee  "),
    ("a.labels", "ant\nbee"),
    ("a.json", #"["ant", "bee"]"#),
    ("a.json", #"{"1": "bee", "0": "ant"}"#),
    ("a.json", #"{"bee": 1, "ant": 0}"#),
    ("a.csv", "ant\nbee\n"),
    ("a.csv", "index,label\n1,bee\n0,\"ant\"\n"),
  ])
  func names(file: String, contents: String) throws {
    #expect(
      try labels(file, contents)
        == ClassLabels([ClassLabel(id: "ant", name: "ant"), ClassLabel(id: "bee", name: "bee")]))
  }

  @Test(arguments: [
    ("a.txt", "n02219486 ant, emmet\nn02206856 bee"),
    ("a.json", #"{"0": ["n02219486", "ant, emmet"], "1": ["n02206856", "bee"]}"#),
    ("a.JSON", #"[["n02219486", "ant, emmet"], ["n02206856", "bee"]]"#),
    ("a.csv", "n02219486,\"ant, emmet\"\nn02206856, bee \n"),
    ("a.csv", "Index,WNID,Label\n1,n02206856,bee\r\n0,n02219486,\"ant, emmet\""),
  ])
  func namesWithIDs(file: String, contents: String) throws {
    #expect(
      try labels(file, contents)
        == ClassLabels([
          ClassLabel(id: "n02219486", name: "ant, emmet"), ClassLabel(id: "n02206856", name: "bee"),
        ]))
  }

  @Test func quotesInCommaSeparatedValues() throws {
    #expect(
      try labels("a.csv", "\"say \"\"hi\"\"\"\n\"two\nlines\"\n").map(\.name) == ["say \"hi\"", "two\nlines"])
  }

  @Test(arguments: [
    ("a.txt", " \n\n", "The label file names no class."),
    ("a.json", "{", "Expected labels in JSON, found something else."),
    ("a.json", "3", "Expected labels in JSON, found something else."),
    ("a.json", #"{"0": "ant", "2": "bee"}"#, "Expected the class with index 1, found 2."),
    ("a.json", #"{"ant": 0, "bee": 0}"#, "Expected the class with index 1, found 0."),
    ("a.json", #"{"zero": ["n0", "ant"]}"#, "Expected the index of a class, found \"zero\"."),
    ("a.json", #"[["ant"]]"#, "Expected an id and a name for each class, found [\"ant\"]."),
    ("a.csv", "1,n1,bee,x\n", "Expected at most 3 columns, found 4."),
    ("a.csv", "0,ant\n1\n", "Expected 2 columns in row 2, found 1."),
    ("a.csv", "0,n0,ant\n5,n1,bee\n", "Expected the class with index 1, found 5."),
  ])
  func refuses(file: String, contents: String, what: String) {
    let found = error { _ = try labels(file, contents) }
    #expect(found?.kind == .invalidFile)
    #expect(found?.what == what)
    #expect(found?.path.first?.hasSuffix("/" + file) == true)
  }

  @Test func refusesWhatIsNoLabelFile() {
    #expect(
      error { _ = try ClassLabels(contentsOf: "/no/such.txt") }?.description == """
        There is no file /no/such.txt.
          in: /no/such.txt
          try: check the path.
        """)
    #expect(
      error { _ = try ClassLabels(contentsOf: "/dev/zero") }?.description == """
        Expected a file, found a folder, a device or a pipe.
          in: /dev/zero
        """)
    let found = error { _ = try labels("a.txt", Data([0xFF, 0xFE, 0])) }
    #expect(found?.what == "Expected a label file in UTF-8, found other bytes.")
  }
}

/// Keras' own class index: in `KERAS_SHARED_DIR`, or in `../shared`.
private let sharedIndex: String? = {
  let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  let beside = root.deletingLastPathComponent().appendingPathComponent("shared").path
  return [ProcessInfo.processInfo.environment["KERAS_SHARED_DIR"], beside].compactMap { $0 }
    .map { $0 + "/weights/imagenet_class_index.json" }
    .first { FileManager.default.fileExists(atPath: $0) }
}()
