import KerasBackendTestSupport
import Foundation
import KerasFiles
import KerasModels
import KerasTestSupport
import Testing

/// Models of the kinds that people report about Keras: files predict as the Keras that wrote them, and again after they
/// are written and read here.
///
/// A case is `NAME.keras` or `NAME.h5` with `NAME.in.npz` (`i0`, `i1`, …) and `NAME.ref.npz` (`o0`, `o1`, …), or both
/// in `NAME.npz`. They stand in `Tests/Goldens/field`, in `../shared/field/cases` where that is there, and in
/// `KERAS_GOLDEN_DIR`.
@Suite struct FieldCaseTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let file: URL
    let arrays: [URL]
    var testDescription: String { file.lastPathComponent }

    /// Operations that mix samples, and fixed batch sizes, are computed in batches of these many.
    var batchSize: Int {
      let name = file.deletingPathExtension().lastPathComponent
      if name.hasPrefix("stateful_batch2") { return 2 }
      return ["batch_mean", "concat0", "bn_training_tfkeras"].contains(where: name.hasPrefix) ? 4 : 32
    }
  }

  struct Run: Sendable, CustomTestStringConvertible {
    let field: Case
    let backend: String
    var testDescription: String { "\(field.testDescription) on \(backend)" }
  }

  static let cases: [Case] = {
    let folders =
      [PackagePaths.goldens.appending(path: "field"), PackagePaths.shared?.appending(path: "field/cases")]
      .compactMap { $0 } + namedFolders
    var cases: [String: Case] = [:]
    for folder in folders {
      let names = Set((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
      for name in names where name.hasSuffix(".keras") || name.hasSuffix(".h5") {
        let base = String(name.prefix(upTo: name.lastIndex(of: ".") ?? name.endIndex))
        let arrays = ["\(base).in.npz", "\(base).ref.npz", "\(base).npz"].filter(names.contains)
        guard !arrays.isEmpty else { continue }
        cases[name] = Case(
          file: folder.appending(path: name), arrays: arrays.map { folder.appending(path: $0) })
      }
    }
    return cases.sorted { $0.key < $1.key }.map(\.value)
  }()

  private static var namedFolders: [URL] {
    guard let named = ProcessInfo.processInfo.environment["KERAS_GOLDEN_DIR"] else { return [] }
    let folder = URL(filePath: named)
    return [folder, folder.appending(path: "field"), folder.appending(path: "field/cases")]
  }

  @Test(arguments: cases.flatMap { field in backendsUnderTest.map { Run(field: field, backend: $0.name) } })
  func predicts(_ run: Run) throws {
    try Self.check(Model.load(from: run.field.file.path), run.field, on: run.backend)
  }

  @Test(arguments: cases, ["model.keras", "model.h5"])
  func survivesWriting(_ field: Case, as name: String) throws {
    let model = try Model.load(from: field.file.path)
    let folder = FileManager.default.temporaryDirectory.appending(path: "keras-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: name).path
    try model.save(to: path)
    let again = try Model.load(from: path)
    try Self.check(again, field, on: "openblas")
    #expect((again.inputNames, again.outputNames) == (model.inputNames, model.outputNames))
  }

  /// So that a folder that is not found does not look like one that passes.
  @Test func thereAreCases() { #expect(Self.cases.count >= 18) }

  private static func check(_ model: Model, _ field: Case, on backend: String) throws {
    var arrays: [String: Tensor] = [:]
    for file in field.arrays { arrays.merge(try NumPy.loadArchive(file.path)) { $1 } }
    func numbered(_ letter: String) -> [Tensor] {
      (0..<arrays.count).map { "\(letter)\($0)" }.prefix { arrays[$0] != nil }.compactMap { arrays[$0] }
    }
    let inputs = zip(numbered("i"), model.inputs).map { $0.converted(to: $1.dataType) }
    let outputs = try model.predict(
      inputs, batchSize: field.batchSize, options: ComputeOptions(backend: backend))
    let wanted = numbered("o")
    try #require(outputs.count == wanted.count && !wanted.isEmpty)
    for (index, (output, want)) in zip(outputs, wanted).enumerated() {
      try expectClose(output, want, relative: 0, absolute: 2e-5, what: "output \(index)")
    }
  }
}
