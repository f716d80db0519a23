import Foundation
import KerasCore
import KerasPreprocessing
import Testing

/// Files in the order in which Keras' `index_directory` lists and shuffles them.
@Suite struct LabelledFilesTests {
  private static func texts(hidden: Bool = true) throws -> Scratch {
    var files: [String: String] = [:]
    for name in ["neg", "pos", "ü x"] + (hidden ? [".hidden"] : []) {
      for file in [
        "b.txt", "a.TXT", "é.txt", "z.csv", ".dot.txt", "deep/c.txt", "deep/er/d.txt", "deep.b/e.txt",
      ] {
        files["\(name)/\(file)"] = "\(name) \(file)"
      }
    }
    return try Scratch(files)
  }

  private func names(_ files: LabelledFiles) -> [String] {
    files.paths.map { String($0.dropFirst(files.folder.count + 1)) }
  }

  private static let sorted = [
    ".dot.txt", "a.TXT", "b.txt", "é.txt", "deep/c.txt", "deep.b/e.txt", "deep/er/d.txt",
  ]

  @Test func foldersAreClasses() throws {
    let scratch = try Self.texts()
    let files = try LabelledFiles(folder: scratch.path, formats: [".txt"])
    #expect(files.classNames == ["neg", "pos", "ü x"])
    #expect(names(files) == ["neg", "pos", "ü x"].flatMap { name in Self.sorted.map { "\(name)/\($0)" } })
    #expect(files.labels == [0, 1, 2].flatMap { [Int](repeating: $0, count: 7) })
  }

  @Test func shufflesAsKeras() throws {
    let scratch = try Self.texts()
    let files = try LabelledFiles(folder: scratch.path, formats: [".txt"], shuffleSeed: 3)
    #expect(
      names(files).prefix(5) == [
        "ü x/deep.b/e.txt", "pos/deep/er/d.txt", "neg/a.TXT", "neg/b.txt", "ü x/deep/c.txt",
      ])
    #expect(files.labels == [2, 1, 0, 0, 2, 2, 1, 0, 2, 0, 1, 0, 2, 2, 1, 1, 2, 0, 1, 0, 1])
    let chosen = try LabelledFiles(
      folder: scratch.path, formats: [".txt"], classNames: ["pos", "neg"], shuffleSeed: 9)
    #expect(names(chosen).prefix(3) == ["neg/deep/er/d.txt", "neg/.dot.txt", "neg/é.txt"])
    #expect(chosen.labels == [1, 1, 1, 0, 0, 0, 0, 1, 0, 1, 1, 0, 0, 1])
    // The last ones are for validation.
    let held = try chosen.subset(.validation, validationShare: 0.25)
    #expect(names(held) == ["pos/deep/er/d.txt", "pos/deep.b/e.txt", "neg/deep.b/e.txt"])
    #expect(try chosen.subset(.training, validationShare: 0.25).labels == [1, 1, 1, 0, 0, 0, 0, 1, 0, 1, 1])
  }

  @Test func labelsMayBeGivenOrLeftOut() throws {
    let scratch = try Self.texts()
    let bare = try LabelledFiles(folder: scratch.path, labels: .none, formats: [".txt"])
    #expect(bare.paths.count == 28)
    #expect(names(bare)[0] == ".hidden/.dot.txt")
    #expect(bare.labels == nil)
    #expect(bare.classNames == nil)
    let given = try LabelledFiles(
      folder: scratch.path, labels: .given((0..<28).map { $0 % 3 * 10 }), formats: [".txt"])
    #expect(given.classNames == ["0", "10", "20"])
  }

  @Test func linksAreFollowedOnRequest() throws {
    let scratch = try Scratch(["a/x.txt": "x"])
    // A circle.
    try FileManager.default.createSymbolicLink(
      atPath: scratch.file("a/loop"), withDestinationPath: scratch.file("a"))
    try scratch.write([1], to: "elsewhere/y.txt")
    try FileManager.default.createSymbolicLink(
      atPath: scratch.file("a/there"), withDestinationPath: scratch.file("elsewhere"))
    #expect(
      names(try LabelledFiles(folder: scratch.path, formats: [".txt"], classNames: ["a"])) == ["a/x.txt"])
    #expect(
      names(
        try LabelledFiles(folder: scratch.path, formats: [".txt"], classNames: ["a"], followsLinks: true))
        == ["a/x.txt", "a/there/y.txt"])
  }

  @Test func misuseIsToldInWords() throws {
    let scratch = try Scratch(["pos/a.txt": "", "neg/b.txt": ""])
    func words(_ labels: FileLabels = .inferred, classNames: [String]? = nil, in folder: String? = nil)
      -> String?
    {
      failure { () throws(KerasError) in
        _ = try LabelledFiles(
          folder: folder ?? scratch.path, labels: labels, formats: [".txt"], classNames: classNames)
      }
    }
    #expect(
      words(in: scratch.file("none")) == "There is no file \(scratch.file("none")).\n  try: check the path.")
    #expect(
      words(in: scratch.file("pos"))
        == "\(scratch.file("pos")) holds no folders: files lie in a folder for each class.")
    #expect(
      words(classNames: ["poz"])
        == "There is no folder for the class `poz`.\n  in: \(scratch.path)\n  try: did you mean pos?")
    #expect(
      words(.given([1])) == "2 files need as many labels, found 1.\n  try: label every file.")
    #expect(
      words(.none, classNames: ["pos"])
        == "Names of classes go with labels that are inferred from folders, and only with those.")
    let files = try LabelledFiles(folder: scratch.path, formats: [".txt"])
    #expect(
      failure { () throws(KerasError) in _ = try files.subset(.training, validationShare: 0.2) }
        == "A share of 0.2 keeps 0 of 2 files for validation.\n  try: choose a share that leaves both parts some."
    )
  }
}
