import Foundation
import KerasLoopbackServer
import KerasTestSupport
import Testing

/// Weights as the official host serves them, and as the sessions that wrote them called their layers.
@Suite struct OfficialFilesTests {
  private let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "keras-official-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  private func path(_ name: String) -> String { folder.appending(path: name).path }

  /// A number of its own for each weight, which cost nothing to make.
  private func fill(_ model: Model) throws {
    for (number, weight) in model.weights.enumerated() {
      try weight.assign(Tensor(repeating: Float(number + 1) / 1024, shape: weight.shape))
    }
  }

  private func expectFilled(_ model: Model, _ comment: Comment) {
    for (number, weight) in model.weights.enumerated() {
      let numbers = weight.value.scalars(as: Float.self)
      #expect(
        numbers.first == Float(number + 1) / 1024 && numbers.last == numbers.first, "\(comment): \(weight.path)")
    }
  }

  /// The published files of these have names like `conv2d_95`: layers go together in order, not by name.
  @Test(arguments: ["xception", "inceptionv3", "inceptionresnetv2"])
  func layersOfAnotherSession(_ identifier: String) throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let application = try ModelCatalog.application(named: identifier)
    var settings = ApplicationSettings()
    settings.includeTop = false
    (settings.weights, settings.inputShape) = (.none, [96, 96, 3])
    let shifted = try Session.withFresh(seed: 1) { [settings] () throws(KerasError) in
      _ = try application.makeModel(settings)
      return try application.makeModel(settings)
    }
    try fill(shifted)
    try shifted.saveWeights(to: path("shifted.h5"))
    settings.weights = .file(path("shifted.h5"))
    let model = try Session.withFresh(seed: 1) { [settings] () throws(KerasError) in
      try application.makeModel(settings)
    }
    let stored = Set(shifted.layers.filter { !$0.weights.isEmpty }.map(\.name))
    let own = model.layers.filter { !$0.weights.isEmpty }.map(\.name)
    // Some of the model's names stand for other layers in the file, or for none.
    #expect(own.contains { !stored.contains($0) })
    #expect(model.weights.count == shifted.weights.count)
    expectFilled(model, "\(identifier)")
  }

  /// Two models whose files nobody has published hashes of, at the paths of the official host; and one whose file is not
  /// the published one.
  @Test func overHTTP() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let rows: [(Application, alpha: Double)] = [
      (try ModelCatalog.application(named: "mobilenet"), 0.25),
      (try ModelCatalog.application(named: "mobilenetv2"), 0.35),
      (try ModelCatalog.application(named: "mobilenetv3small"), 0.75),
    ]
    var settings = ApplicationSettings()
    settings.includeTop = false
    var files: [String: [UInt8]] = [:]
    var wanted: [(application: Application, path: String, name: String, hasHash: Bool)] = []
    for (row, alpha) in rows {
      let application = try row.setting("alpha", to: .number(alpha))
      let file = try application.weightFile(for: settings)
      let url = try #require(URL(string: file.url))
      var bare = settings
      bare.weights = .none
      let model = try application.makeModel(bare)
      try fill(model)
      try model.saveWeights(to: path("a.h5"))
      files[url.path] = [UInt8](try Data(contentsOf: folder.appending(path: "a.h5")))
      wanted.append((application, url.path, file.fileName, file.hash != nil))
    }
    #expect(wanted.map(\.hasHash) == [false, false, true])
    let server = try LoopbackServer { [files] request in
      guard let bytes = files[request.path] else { return .status(404) }
      var response = LoopbackServer.Response.ok(bytes)
      response.headers["ETag"] = "\"\(request.path.count)\""
      if request.number == 0 { response.cutAfter = bytes.count / 3 }
      return response
    }
    setenv("no_proxy", "127.0.0.1", 1)
    var options = StoreOptions()
    options.mirrors = [server.url + "/tensorflow/keras-applications"]
    options.usesOfficialHosts = false
    options.retries.sleep = { _ in }
    let store = WeightStore(home: KerasHome(path: path("home")), options: options)
    for (application, _, name, hasHash) in wanted {
      guard !hasHash else {
        var failure: KerasError?
        do throws(KerasError) { _ = try application.makeModel(settings, store: store) } catch { failure = error }
        #expect(failure?.kind == .checksumMismatch)
        #expect(!FileManager.default.fileExists(atPath: path("home/models/" + name)))
        continue
      }
      expectFilled(try application.makeModel(settings, store: store), "\(name)")
      #expect(FileManager.default.fileExists(atPath: path("home/models/" + name)))
    }
    // The first came in two parts.
    #expect(Set(server.requests.map(\.path)) == Set(wanted.map(\.path)))
    #expect(server.requests.prefix(2).map(\.path) == [wanted[0].path, wanted[0].path])
    #expect(server.requests[1].rangeStart != nil)
  }
}
