import Foundation
import KerasLoopbackServer
import KerasTestSupport
import Testing

/// A hundred photographs and Keras' answers to them, with published weights.
@Suite(.enabled(if: PackagePaths.shared != nil, PackagePaths.sharedIsAbsent))
struct PhotoTests {
  static let weights = PackagePaths.shared?.appending(path: "weights/mobilenet_2_5_224_tf.h5").path ?? ""

  @Test(arguments: Backends.all.map(\.name))
  func answersAreKeras(on backend: String) throws {
    let answers = try classify(ComputeOptions(backend: backend, purpose: .throughput), top: 6)
    #expect(answers.count == 100)
    for (photo, guesses) in answers {
      let want = photo.top5
      for (rank, guess) in want.enumerated() {
        // Classes whose probabilities are equal to 1e-5 may change places.
        let found = guesses.first { $0.id == guess.id }
        let atRank = guesses[rank]
        let isTie = abs(Double(atRank.probability) - guess.probability) < 1e-5
        #expect(atRank.id == guess.id || isTie, "\(photo.name), rank \(rank + 1)")
        #expect(found?.index == guess.index, "\(photo.name), rank \(rank + 1)")
        #expect(
          abs(Double(found?.probability ?? -1) - guess.probability) < 1e-3, "\(photo.name): \(guess.id)")
      }
    }
  }

  @Test func halfPrecisionAgreesOnTheFirst() throws {
    let answers = try classify(
      ComputeOptions(backend: "onednn", precision: .bfloat16, purpose: .throughput), top: 1)
    let same = answers.filter { $0.guesses[0].id == $0.photo.top5[0].id }
    #expect(same.count >= 97)
  }

  /// `photo-features.npy` is what Keras computes (`make_photo_features.py`).
  @Test(arguments: Backends.all.map(\.name))
  func featuresAndNeighboursAreKeras(on backend: String) throws {
    let want = try NumPy.load(PackagePaths.goldens.appending(path: "photo-features.npy").path)
    let photos = try Photo.all
    let model = try MobileNet(alpha: 0.25, weights: .file(Self.weights))
    var numbers: [Float] = []
    for start in stride(from: 0, to: photos.count, by: 20) {
      let images = try photos[start..<start + 20].map { try Image.load(from: $0.path, targetSize: model.imageSize) }
      let options = ComputeOptions(backend: backend, purpose: .throughput)
      numbers += try model.features(images, pooling: .average, options: options).scalars(as: Float.self)
    }
    let found = try Tensor(numbers, shape: [photos.count, 256])
    try expectClose(found, want, relative: 1e-4, absolute: 1e-4, what: "features")
    // Of both, the five nearest to each: the same, but where Keras' own are as near as two numbers of float32.
    let names = photos.map(\.name)
    let (ours, keras) = (try FeatureIndex(found, files: names), try FeatureIndex(want, files: names))
    let (a, b) = (try ours.nearest(to: found, count: 6), try keras.nearest(to: want, count: 6))
    #expect(a.count == 100)
    for (name, (found, want)) in zip(names, zip(a, b)) {
      #expect(found[0].file == name && want[0].file == name)
      for (one, other) in zip(found, want) {
        #expect(abs(one.similarity - other.similarity) < 1e-5)
        let isTie = want.contains { $0.file == one.file && abs($0.similarity - other.similarity) < 1e-5 }
        #expect(one.file == other.file || isTie, "\(name)")
      }
    }
  }

  @Test func severalAtOnceAnswerAsOne() throws {
    let model = try MobileNet(alpha: 0.25, weights: .file(Self.weights))
    let images = try Photo.all.prefix(3).map { try Image(contentsOf: $0.path) }
    let together = try model.classify(images)
    for (image, guesses) in zip(images, together) {
      let alone = try model.classify(image)
      #expect(alone.map(\.id) == guesses.map(\.id))
      for (one, other) in zip(alone, guesses) { #expect(abs(one.probability - other.probability) < 1e-5) }
    }
  }

  /// From a server on this machine into an empty cache, as a user gets them.
  @Test func weightsComeThroughTheStore() throws {
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: Self.weights)))
    let server = try LoopbackServer { request in
      guard request.path == "/mobilenet/mobilenet_2_5_224_tf.h5" else { return .status(404) }
      var response = LoopbackServer.Response.ok(bytes)
      response.headers["ETag"] = "\"1\""
      if request.number == 0 { response.cutAfter = 1_000_000 }
      return response
    }
    let home = FileManager.default.temporaryDirectory.path + "/keras-photos-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: home) }
    setenv("no_proxy", "127.0.0.1", 1)
    var options = StoreOptions()
    options.mirrors = [server.url]
    options.usesOfficialHosts = false
    options.retries.sleep = { _ in }
    let store = WeightStore(home: KerasHome(path: home), options: options)

    let narrow = try ModelCatalog.application(named: "mobilenet").setting("alpha", to: 0.25)
    let settings = ApplicationSettings()
    let model = try narrow.makeModel(settings, store: store)
    #expect(server.requests.map(\.rangeStart) == [nil, 1_000_000])
    #expect(FileManager.default.contents(atPath: home + "/models/mobilenet_2_5_224_tf.h5") == Data(bytes))
    let photo = try #require(try Photo.all.first)
    #expect(try model.classify(Image(contentsOf: photo.path), top: 1)[0].id == photo.top5[0].id)

    _ = try narrow.makeModel(settings, store: store)
    #expect(server.requests.count == 2, "a cached file is not fetched again")
  }

  private func classify(
    _ options: ComputeOptions, top: Int
  ) throws -> [(photo: Photo, guesses: [Classification])] {
    let model = try MobileNet(alpha: 0.25, weights: .file(Self.weights))
    let photos = try Photo.all
    return try stride(from: 0, to: photos.count, by: 10).flatMap { start in
      let batch = Array(photos[start..<min(start + 10, photos.count)])
      let images = try batch.map { try Image.load(from: $0.path, targetSize: model.imageSize) }
      return zip(batch, try model.classify(images, top: top, options: options)).map { ($0, $1) }
    }
  }
}

/// A photograph, and the five classes Keras finds likeliest.
private struct Photo {
  struct Guess {
    let index: Int
    let id: String
    let probability: Double
  }
  let name: String
  let path: String
  let top5: [Guess]

  /// In the order of their names.
  static var all: [Photo] {
    get throws {
      let folder = try #require(PackagePaths.shared).appending(path: "photos")
      let object = try JSONSerialization.jsonObject(
        with: Data(contentsOf: folder.appending(path: "expected.json")))
      let photos = try #require((object as? [String: Any])?["photos"] as? [String: [String: Any]])
      return try photos.sorted { $0.key < $1.key }.map { name, expected in
        let rows = try #require(expected["top5"] as? [[Any]])
        let top5 = try rows.map { row in
          try Guess(
            index: #require(row[0] as? Int), id: #require(row[1] as? String),
            probability: #require(row[2] as? Double))
        }
        return Photo(name: name, path: folder.appending(path: name).path, top5: top5)
      }
    }
  }
}
