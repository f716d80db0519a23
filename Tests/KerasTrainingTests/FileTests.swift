import Foundation
import KerasFiles
import KerasModels
import KerasTestSupport
import KerasTraining
import Testing

/// Models that were compiled and trained elsewhere go on where they were.
@Suite struct FileTests {
  static let folder = PackagePaths.goldens.appending(path: "continued").path
  static let files =
    (try? FileManager.default.contentsOfDirectory(atPath: folder).filter { !$0.hasSuffix(".npz") }.sorted())
    ?? []

  @Test func thereAreFiles() { #expect(Self.files.count == 14) }

  @Test(arguments: files) func goesOn(_ file: String) throws {
    let data = try NumPy.loadArchive(Self.folder + "/data.npz")
    let (x, y) = (try #require(data["x"]), try #require(data["y"]))
    let model = try Model.load(from: Self.folder + "/" + file)
    #expect(model.isCompiled)
    try model.fit(x, y, batchSize: 8, epochs: 2, shuffles: false, verbosity: .silent)
    try expectWeights(of: model, data, file)
  }

  /// Through a file of our own in between.
  @Test(arguments: files.filter { $0.hasSuffix(".keras") }, [".keras", ".h5"])
  func goesOnThroughOurFile(_ file: String, _ ending: String) throws {
    let data = try NumPy.loadArchive(Self.folder + "/data.npz")
    let (x, y) = (try #require(data["x"]), try #require(data["y"]))
    let path = NSTemporaryDirectory() + "continued-\(UUID().uuidString)\(ending)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let model = try Model.load(from: Self.folder + "/" + file)
    // An average of weights replaces them when fit is over; only a run in one piece ends as Keras'.
    guard model.optimizer?.averagesWeights == false else { return }
    try model.fit(x, y, batchSize: 8, epochs: 1, shuffles: false, verbosity: .silent)
    try model.save(to: path)
    let again = try Model.load(from: path)
    try again.fit(x, y, batchSize: 8, epochs: 1, shuffles: false, verbosity: .silent)
    try expectWeights(of: again, data, file)
  }

  private func expectWeights(of model: Model, _ data: [String: Tensor], _ file: String) throws {
    for (number, weight) in model.weights.enumerated() {
      let want: [Float] = try #require(data["\(file)/\(number)"]).scalars()
      let got: [Float] = weight.value.scalars()
      for (a, b) in zip(got, want) where abs(a - b) > 2e-4 + 2e-3 * abs(b) {
        Issue.record("\(file), \(weight.path): \(a), expected \(b)")
        break
      }
    }
  }
}
