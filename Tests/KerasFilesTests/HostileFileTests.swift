import Foundation
import KerasCore
import Testing

@testable import KerasFiles

/// Files of every kind, changed at random: each opens or throws a `KerasError`; none crashes, hangs or asks for
/// more memory than a file of its size may. `KERAS_FUZZ_ROUNDS` asks for more than the 70 of each kind.
struct HostileFileTests {
  static let rounds = ProcessInfo.processInfo.environment["KERAS_FUZZ_ROUNDS"].flatMap(Int.init) ?? 70

  /// How to make a sound file of each kind.
  enum Sound: String, CaseIterable, CustomTestStringConvertible {
    case legacyWeights = "w.h5"
    case legacyModel = "m.h5"
    case weightsByPath = "w.weights.h5"
    case archive = "m.keras"
    case array = "x.npy"
    case arrays = "x.npz"
    case json = "m.json"

    var testDescription: String { rawValue }

    func write(to path: String) throws {
      switch self {
      case .legacyWeights: try LegacyFileDraftTests.draft.write(to: path)
      case .legacyModel:
        var draft = LegacyFileDraftTests.draft
        draft.architecture = ["class_name": "Sequential", "config": ["layers": []]]
        draft.training = ["loss": "mse"]
        draft.optimizerWeights = [LegacyFileDraftTests.weight("adam/iteration", [], .int64)]
        try draft.write(to: path)
      case .weightsByPath: try StoredObjectTests.model.write(toWeightsPath: path)
      case .archive: try KerasArchiveTests.archive.write(to: path)
      case .array: try NumPy.save(HDF5DraftTests.pattern(.float32, [3, 4, 5]), to: path)
      case .arrays:
        try NumPy.saveArchive(
          ["a": HDF5DraftTests.pattern(.int16, [20]), "b/c": HDF5DraftTests.pattern(.float64, [2, 2])],
          to: path)
      case .json: try Data(KerasArchiveTests.archive.config.text().utf8).write(to: URL(filePath: path))
      }
    }
  }

  @Test(arguments: Sound.allCases)
  func changedFilesOpenOrThrow(kind: Sound) throws {
    try withFile([], named: kind.rawValue) { (path) throws in
      try kind.write(to: path)
      try readEverything(path)
      #expect(try survive(bytes(of: path), at: path, seed: UInt64(kind.rawValue.utf8.count)) > 0)
    }
  }

  @Test func changedFilesOfKerasOpenOrThrow() throws {
    let files = sharedFiles(in: "golden/saved", ending: "") + sharedFiles(in: "golden/real", ending: "5")
    for (number, path) in files.enumerated() {
      // Only a few of each, for there are many.
      let copy = try bytes(of: path)
      guard copy.count < 1 << 21 else { continue }
      try withFile(copy, named: "copy") { (path) throws in
        _ = try survive(copy, at: path, seed: UInt64(1000 + number), rounds: Self.rounds / 20)
      }
    }
  }

  /// Compressed archives and arrays that Keras and NumPy wrote.
  @Test(arguments: ["deflated.keras", "arrays.npz", "lying.keras", "link.keras"])
  func changedFixturesOpenOrThrow(file: String) throws {
    let whole = try bytes(of: fixture(file))
    try withFile(whole, named: file) { (path) throws in _ = try survive(whole, at: path, seed: 77) }
  }

  @Test func deepJSONIsRefused() throws {
    for text in [String(repeating: "[", count: 10_000), String(repeating: #"{"a":"#, count: 10_000)] {
      try withFile(Array(text.utf8), named: "deep.json") { path in
        let found = message { _ = try StoredFile(path: path) }
        #expect(found?.contains("arrays and objects are nested more than 512 levels deep") == true)
      }
    }
  }

  @Test(arguments: [0, 1, 4, 7, 8, 20, 63])
  func beginningsOfFilesAreRefused(count: Int) throws {
    for kind in Sound.allCases where kind != .json {
      try withFile([], named: kind.rawValue) { (path) throws in
        try kind.write(to: path)
        let start = try bytes(of: path).prefix(count)
        try Data(start).write(to: URL(filePath: path))
        #expect(throws: KerasError.self) { try readEverything(path) }
      }
    }
  }

  /// - Returns: how many of the changed files were refused.
  private func survive(
    _ whole: [UInt8], at path: String, seed: UInt64, rounds: Int = Self.rounds
  ) throws -> Int {
    var mutator = Mutator(seed: seed)
    var refused = 0
    for _ in 0..<rounds {
      try Data(mutator.changed(whole)).write(to: URL(filePath: path))
      do throws(KerasError) { try readEverything(path) } catch { refused += 1 }
    }
    return refused
  }

  /// All that can be asked of a file; stops at the first error, as a user's program would.
  private func readEverything(_ path: String) throws(KerasError) {
    _ = try? FileInspection(path: path).table
    let file = try StoredFile(path: path)
    _ = try file.architecture()
    for layer in try file.layers() + file.optimizerLayers() {
      for weight in layer.weights { _ = try weight.tensor().isFinite }
    }
  }
}
