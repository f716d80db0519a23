import KerasTestSupport
import Testing

@testable import KerasApplications

@Suite struct HeatMapTests {
  private let explained = Classification(index: 1, id: "b", label: "b", probability: 0.5)

  @Test func isDividedByItsLargest() {
    let map = HeatMap(height: 1, width: 4, raw: [-3, 0, 1, 4], explained: explained)
    #expect(map.values == [0, 0, 0.25, 1] && map.strength == 4)
    let nothing = HeatMap(height: 1, width: 2, raw: [-3, 0], explained: explained)
    #expect(nothing.values == [0, 0] && nothing.strength == 0)
  }

  @Test func isBilinearBetweenCentres() throws {
    let map = HeatMap(height: 1, width: 2, raw: [0, 1], explained: explained)
    #expect(try map.values(at: ImageSize(height: 2, width: 4)) == [0, 0.25, 0.75, 1, 0, 0.25, 0.75, 1])
    #expect(try map.values(at: ImageSize(height: 1, width: 2)) == map.values)
  }

  @Test func liesOverAPicture() throws {
    let map = HeatMap(height: 1, width: 2, raw: [0, 1], explained: explained)
    let picture = try Image(width: 2, height: 1, mode: .rgb, pixels: [0, 100, 200, 10, 20, 30])
    #expect(try map.overlay(on: picture, opacity: 0).pixels == picture.pixels)
    #expect(try map.overlay(on: picture, opacity: 1).pixels == [0x44, 0x01, 0x54, 0xFD, 0xE7, 0x25])
    #expect(
      try map.overlay(on: picture, colors: .inferno, opacity: 0.5).pixels == [0, 50, 102, 131, 138, 97])
    let grey = try Image(width: 2, height: 1, mode: .grayscale, pixels: [10, 20])
    #expect(try map.overlay(on: grey, opacity: 0).pixels == [10, 10, 10, 20, 20, 20])
    #expect(throws: KerasError.self) { try map.overlay(on: picture, opacity: 1.5) }
  }

  @Test func classesByName() throws {
    let model = try GradCAMTests.model("softmax")
    model.labels = ClassLabels([
      ClassLabel(id: "n1", name: "great_white_shark"), ClassLabel(id: "n2", name: "crane"),
      ClassLabel(id: "n3", name: "crane"), ClassLabel(id: "n4", name: "tench"), ClassLabel(id: "n5", name: "7"),
    ])
    #expect(try model.classIndex(named: "Great white shark") == 0)
    #expect(try model.classIndex(named: "n3") == 2)
    #expect(try model.classIndex(named: "tench") == 3)
    #expect(try model.classIndex(named: "2") == 2)
    #expect(try model.classIndex(named: "7") == 4)
    func error(_ name: String) -> KerasError? {
      #expect(throws: KerasError.self) { try model.classIndex(named: name) }
    }
    #expect(error("crane")?.what == "2 classes are called `crane`: 1 (n2), 2 (n3).")
    #expect(error("5")?.what == "There is no class 5: the model tells 5 apart.")
    #expect(error("tenhc")?.what == "There is no class called `tenhc`.")
    #expect(error("tenhc")?.remedy == "did you mean tench?")
  }
}
