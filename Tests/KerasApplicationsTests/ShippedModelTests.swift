import Foundation
import KerasTestSupport
import Testing

/// The model that is part of the package.
@Suite struct ShippedModelTests {
  /// A store that starts with nothing and has no network.
  private func withEmptyStore(_ body: (WeightStore, URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "keras-shipped-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var options = StoreOptions()
    options.isOffline = true
    try body(WeightStore(home: KerasHome(path: folder.path), options: options), folder)
  }

  private static let cat = PackagePaths.root.appending(path: "Examples/Pictures/cat.jpg").path

  @Test func needsNoNetwork() throws {
    try withEmptyStore { store, folder in
      let model = try CIFAR10ResNet20.makeModel(ApplicationSettings(), store: store)
      #expect(model.labels == .cifar10 && model.classCount == 10)
      #expect(model.parameterCount == CIFAR10ResNet20.parameterCount)
      let image = try Image(contentsOf: Self.cat)
      #expect(try model.classify(image, top: 1)[0].label == "cat")
      // The file describes itself, too.
      let stored = try ImageModel(contentsOf: folder.appending(path: "models/cifar10_resnet20.keras").path)
      #expect(stored.labels == .cifar10 && stored.resizing == .bilinearSquash)
      #expect(try stored.classify(image, top: 10) == model.classify(image, top: 10))
    }
  }

  @Test func givesFeatures() throws {
    try withEmptyStore { store, _ in
      var settings = ApplicationSettings()
      (settings.includeTop, settings.pooling) = (false, .average)
      let model = try CIFAR10ResNet20.makeModel(settings, store: store)
      #expect(model.output.shape == [nil, CIFAR10ResNet20.featureCount])
    }
  }

  @Test func doesNotTrustAnotherFileOfItsName() throws {
    try withEmptyStore { store, folder in
      let models = folder.appending(path: "models")
      try FileManager.default.createDirectory(at: models, withIntermediateDirectories: true)
      let file = models.appending(path: "cifar10_resnet20.keras")
      try Data("mine".utf8).write(to: file)
      _ = try CIFAR10ResNet20.makeModel(ApplicationSettings(), store: store)
      #expect(try Data(contentsOf: models.appending(path: "cifar10_resnet20.keras.kept")) == Data("mine".utf8))
      #expect(try Data(contentsOf: file).count == CIFAR10ResNet20.weightFile(for: ApplicationSettings()).byteCount)
    }
  }
}
