import Foundation
import Testing

@Suite struct ModelsTests {
  static var table: String {
    get throws { try String(contentsOf: Fixtures.folder.appending(path: "models.txt"), encoding: .utf8) }
  }

  @Test func isATable() throws {
    #expect(try Workplace().keras("models") == Outcome(output: Self.table))
  }

  @Test func saysWhatIsCached() throws {
    let workplace = try Workplace()
    try workplace.put([1], at: "home/models/mobilenet_1_0_224_tf.h5")
    let line = /(mobilenet .*)no\n/
    #expect(
      try workplace.keras("models") == Outcome(output: Self.table.replacing(line) { "\($0.1)yes\n" }))
  }

  @Test func jsonHasALineForEachModel() throws {
    let outcome = try Workplace().keras("models", "--json")
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.count == 76)
    #expect(
      lines.first == """
        {"bytes":553467096,"cached":false,"input":224,"name":"vgg16","parameters":138357544,\
        "preprocessing":"caffe","top1":71.3,"top5":90.1}
        """)
    #expect(outcome.code == 0)
  }
}
