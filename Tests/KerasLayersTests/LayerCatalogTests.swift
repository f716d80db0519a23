import Foundation
import KerasLayers
import Testing

/// The documentation's table of layers is made from the code, and names every class of Keras.
@Suite struct LayerCatalogTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  @Test func documentationIsUpToDate() throws {
    let page = try String(contentsOf: Self.root.appending(path: "Documentation/Layers.md"), encoding: .utf8)
    #expect(page == Layers.documentation, "run `keras layers --markdown > Documentation/Layers.md`")
  }

  /// What `keras.layers` of Keras 3.15.1 exports, each class once.
  @Test func everyClassOfKerasIsNamed() throws {
    let names = try String(
      contentsOf: Self.root.appending(path: "Tests/KerasLayersTests/KerasClasses.txt"), encoding: .utf8)
    let known = Set(Layers.catalog.map(\.name))
    let unknown = names.split(separator: "\n").map(String.init).filter { !known.contains($0) }
    #expect(unknown.isEmpty)
  }

  @Test func noClassStandsTwice() {
    let names = Layers.catalog.map(\.name)
    #expect(Set(names).count == names.count)
  }
}
