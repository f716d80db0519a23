import Foundation
import KerasCore
import Testing

@testable import KerasFiles

struct KerasArchiveTests {
  static var archive: KerasArchive {
    KerasArchive(
      metadata: ["keras_version": "3.15.1", "date_saved": "2026-01-02@03:04:05"],
      config: ["class_name": "Sequential", "config": ["name": "é", "rate": 0.1]],
      weights: StoredObjectTests.model,
      assets: ["string_lookup/vocabulary.txt": Array("a\nü\n".utf8), "empty": [], "é.txt": [1]])
  }

  @Test func archivesAreReadBack() throws {
    try withFile([], named: "m.keras") { (path) throws in
      try Self.archive.write(to: path)
      let read = try KerasArchive(path: path)
      try expectSame(read, Self.archive)
      let kernel = try #require(try read.weights.object(at: "layers/dense")?.variables[0].tensor())
      #expect(kernel.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) % 64 } == 0)
    }
  }

  @Test func metadataNameVersionAndTime() {
    let metadata = KerasArchive(config: [:], weights: StoredObject()).metadata
    #expect(metadata["keras_version"] == "3.15.1")
    #expect(metadata["date_saved"]?.string?.wholeMatch(of: /\d{4}-\d\d-\d\d@\d\d:\d\d:\d\d/) != nil)
  }

  @Test func foldersAreReadBack() throws {
    try withFile([], named: "unused") { (path) throws in
      let folder = URL(filePath: path).deletingLastPathComponent().path + "/model"
      try Self.archive.write(toFolder: folder)
      try Self.archive.write(toFolder: folder)
      try FileManager.default.createSymbolicLink(
        atPath: folder + "/assets/link", withDestinationPath: "/etc/passwd")
      try expectSame(try KerasArchive(path: folder), Self.archive)
    }
  }

  @Test func fileToValuesToFileKeepsEveryBit() throws {
    for path in sharedFiles(in: "golden/saved", ending: ".keras") {
      let original = try KerasArchive(path: path)
      try withFile([], named: "copy.keras") { (copyPath) throws in
        try original.write(to: copyPath)
        try expectSame(try KerasArchive(path: copyPath), original)
      }
    }
  }

  @Test func compressedArchivesAreRead() throws {
    let archive = try KerasArchive(path: fixture("deflated.keras"))
    #expect(archive.config["class_name"] == "Sequential")
    let kernel = try archive.weights.object(at: "layers/dense")?.variables[0].tensor()
    #expect(kernel?.shape == [40, 50])
    #expect(kernel?.scalars(as: Float.self)[2..<4] == [2, 3])
  }

  @Test(arguments: [
    ("parent.keras", "The archive is damaged or hostile: the name ../evil.json leads out of the archive."),
    ("absolute.keras", "The archive is damaged or hostile: the name /etc/evil leads out of the archive."),
    (
      "backslash.keras",
      "The archive is damaged or hostile: the name assets/../evil leads out of the archive."
    ),
    ("twice.keras", "The archive is damaged or hostile: the name config.json stands twice."),
    ("link.keras", "The archive is damaged or hostile: assets/link is neither a file nor a folder."),
    (
      "bomb.keras",
      "The archive is damaged or hostile: its members would take more than 100 times its own size."
    ),
    ("lying.keras", nil), ("checksum.keras", nil),
  ])
  func hostileArchivesAreRefused(file: String, complaint: String?) throws {
    let found = message { _ = try KerasArchive(path: fixture(file)) }
    if let complaint {
      #expect(found == "\(complaint)\n  in: \(file)\n  try: download or copy it again.")
    } else {
      #expect(found?.hasPrefix("The archive is damaged or hostile: ") == true)
    }
  }

  @Test func partsThatAreMissingAreNamed() throws {
    func complaint(_ members: [(String, [UInt8])]) throws -> String? {
      try withFile([], named: "m.keras") { path in
        try writeFile(at: path) { (file) throws(KerasError) in
          let zip = try ZipWriter { (bytes) throws(KerasError) in try file.append(bytes) }
          for (name, bytes) in members { try zip.add(name, bytes) }
          try zip.finish()
        }
        return message { _ = try KerasArchive(path: path) }
      }
    }
    let remedy = #"give a file that Keras saved with model.save("….keras")."#
    #expect(
      try complaint([("x", [])]) == """
        The archive is not a model of Keras 3. There is no config.json.
          in: m.keras
          try: \(remedy)
        """)
    #expect(
      try complaint([("config.json", Array("{}".utf8))]) == """
        The archive is not a model of Keras 3. There is no model.weights.h5.
          in: m.keras
          try: \(remedy)
        """)
    #expect(
      try complaint([("config.json", Array("{".utf8))]) == """
        The JSON cannot be read: line 1, column 2: expected a key in quotation marks, found the end of the text.
          in: m.keras › config.json
        """)
    #expect(
      try complaint([("config.json", Array("{}".utf8)), ("model.weights.npz", [])]) == """
        The weights are in model.weights.npz, which holds Python objects.
          in: m.keras
          try: save the model with weights_format="h5", Keras' default.
        """)
    #expect(
      try complaint([("config.json", Array("{}".utf8)), ("model.weights.h5", [1, 2, 3])]) == """
        This is not an HDF5 file: the signature is missing.
          in: m.keras/model.weights.h5
          try: give a weight or model file that Keras saved as .h5, or download it again.
        """)
  }

  @Test func assetsStayInTheirFolder() {
    var archive = Self.archive
    archive.assets["../x"] = [1]
    #expect(message { try archive.write(to: "/tmp/none.keras") } == "An asset cannot be called ../x.")
    #expect(message { try archive.write(toFolder: "/tmp/none") } == "An asset cannot be called ../x.")
  }
}

private func expectSame(_ archive: KerasArchive, _ other: KerasArchive) throws {
  #expect(archive.metadata == other.metadata)
  #expect(archive.config == other.config)
  #expect(archive.assets == other.assets)
  try expectSame(archive.weights, other.weights)
}
