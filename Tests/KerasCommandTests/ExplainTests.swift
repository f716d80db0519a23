import Foundation
import KerasTestSupport
import Testing

@testable import Keras

@Suite struct ExplainTests {
  let workplace: Workplace

  init() throws {
    workplace = try Workplace()
    try workplace.putPictures(into: "Pictures")
  }

  private func explain(_ arguments: String...) throws -> Outcome {
    try workplace.start(["explain"] + arguments + Self.model).outcome()
  }

  private static let model = [
    "--model", "mobilenet", "--alpha", "0.0625", "--image-size", "32", "--weights", Fixtures.weights.path,
    "--labels", Fixtures.labels.path,
  ]

  private struct Report: Decodable {
    struct Class: Decodable {
      let index: Int
      let label: String
      let probability: Double
    }
    let method: String
    let layer: String?
    let `class`: Class
    let map: [[Float]]
  }

  @Test func writesAPictureAndSaysTheClass() throws {
    let outcome = try explain("Pictures/disc.png", "--layer", "conv_pw_5_relu", "-o", "heat.png")
    #expect(outcome == Outcome(output: "93.9 %  round (1)\n"))
    let heat = try Image(contentsOf: workplace.folder.appending(path: "heat.png").path)
    let picture = try Image(contentsOf: workplace.folder.appending(path: "Pictures/disc.png").path)
    #expect(heat.size == picture.size && heat.pixels != picture.pixels)
  }

  @Test(arguments: ["gradcam", "occlusion"], ["onednn", "openblas"])
  func printsTheMap(method: String, backend: String) throws {
    let more = method == "occlusion" ? ["--patch", "8", "--stride", "8"] : ["--layer", "conv_pw_3_relu"]
    let outcome = try workplace.start(
      ["explain", "Pictures/disc.png", "--json", "--class", "striped", "--method", method, "--backend", backend]
        + more + Self.model
    ).outcome()
    #expect(outcome.errors == "" && outcome.code == 0)
    let report = try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8))
    #expect(report.method == method && report.class.index == 0 && report.class.label == "striped")
    let want = try #require(try Fixtures.answers()["disc.png"])
    #expect(abs(report.class.probability - want[0]) < 1e-4)
    let side = method == "occlusion" ? 32 : 8
    #expect(report.map.count == side && report.map.allSatisfy { $0.count == side })
    #expect(report.map.joined().allSatisfy { (0...1).contains($0) })
    #expect(report.layer == (method == "occlusion" ? nil : "conv_pw_3_relu"))
  }

  @Test func saysWhatIsWrong() throws {
    let outcome = try explain("Pictures/disc.png", "--class", "squre", "-o", "heat.png")
    #expect(outcome.code == 1 && outcome.output == "")
    #expect(outcome.errors.hasPrefix("error: There is no class called `squre`."))
    #expect(!FileManager.default.fileExists(atPath: workplace.folder.appending(path: "heat.png").path))
    #expect(try explain("missing.png", "-o", "heat.png").errors.hasPrefix("error: There is no such file."))
  }
}
