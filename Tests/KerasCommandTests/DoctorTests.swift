import Foundation
import KerasTestSupport
import Testing

@testable import Keras

@Suite struct DoctorTests {
  let workplace: Workplace

  init() throws {
    workplace = try Workplace()
    try workplace.putPictures(into: "Pictures")
  }

  private struct Report: Decodable {
    struct Stage: Decodable {
      struct Channel: Decodable {
        let name: String
        let min, max, mean: Double
      }
      let stage: String
      let height: Int?
      let width: Int?
      let channels: [Channel]
    }
    let model, takes, verdict: String
    let fits, notes: [String]
    let stages: [Stage]
  }

  private func report(_ arguments: String...) throws -> Report {
    let outcome = try workplace.start(["doctor"] + arguments + ["--json"]).outcome()
    #expect(outcome.errors == "" && outcome.code == 0)
    return try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8))
  }

  /// Saves numbers made of a picture's pixels, and returns their path.
  private func save(_ name: String, _ change: (Tensor) throws -> Tensor) throws -> String {
    let picture = try Image(contentsOf: Fixtures.pictures.appending(path: "disc.png").path)
    let path = workplace.folder.appending(path: name).path
    try NumPy.save(change(picture.tensor()), to: path)
    return path
  }

  @Test(arguments: [
    ("resnet50", "caffe"), ("mobilenet", "tf"), ("densenet121", "torch"), ("efficientnetb0", "none"),
  ])
  func stagesOfAPicture(model: String, mode: String) throws {
    let report = try report("Pictures/disc.png", "--model", model, "-o", "strip.png")
    #expect(report.model == model && report.takes == mode && report.fits == [mode])
    #expect(report.stages.map(\.stage) == ["decoded", "converted", "resized", "preprocessed"])
    #expect(report.stages.map(\.channels.count) == [3, 3, 3, 3])
    let input = try #require(report.stages.last)
    #expect(input.height == 224 && input.width == 224)
    #expect(input.channels[0].name == (mode == "caffe" ? "blue" : "red"))
    let strip = try Image(contentsOf: workplace.folder.appending(path: "strip.png").path)
    #expect(strip.height == 224 + 16)
    // No weights were fetched for it.
    let files = try FileManager.default.subpathsOfDirectory(atPath: workplace.folder.path)
    #expect(!files.contains { $0.hasSuffix(".h5") })
  }

  @Test func textForPeople() throws {
    let outcome = try workplace.keras("doctor", "Pictures/disc.png", "--model", "resnet50")
    #expect(outcome.errors == "" && outcome.code == 0)
    let lines = outcome.output.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines[0].split(separator: " ") == ["stage", "size", "channel", "min", "max", "mean"])
    #expect(lines.count == 1 + 4 * 3 + 1 + 3 || lines.count == 1 + 4 * 3 + 1 + 4)
    #expect(
      lines.suffix(3) == [
        "The numbers look like caffe: blue, green, red, each less its mean.", "That is what resnet50 takes.",
        "",
      ])
  }

  @Test func numbersInAFile() throws {
    func verdict(_ path: String) throws -> [Substring] {
      let outcome = try workplace.keras("doctor", path, "--model", "resnet50")
      #expect(outcome.errors == "" && outcome.code == 0)
      return outcome.output.split(separator: "\n").suffix(2)
    }
    #expect(
      try verdict(save("caffe.npy") { try PreprocessingMode.caffe($0) }) == [
        "The numbers look like caffe: blue, green, red, each less its mean.", "That is what resnet50 takes.",
      ])
    #expect(
      try verdict(save("raw.npy") { $0 }) == [
        "The numbers look like none: pixels as they are, 0…255.",
        "resnet50 takes caffe, which is something else.",
      ])
    #expect(
      try verdict(save("half.npy") { try PreprocessingMode.tf($0).converted(to: .float16) })[1]
        == "resnet50 takes caffe, which is something else.")
    #expect(
      try verdict(save("nan.npy") { Tensor(repeating: Float.nan, shape: $0.shape) })[1]
        == "resnet50 takes caffe.")
    let nothing = try save("nan2.npy") { Tensor(repeating: Float.nan, shape: $0.shape) }
    #expect(try report(nothing).fits == [] && report(nothing).stages.map(\.stage) == ["numbers"])
  }

  @Test func badInput() throws {
    let empty = try save("empty.npy") { _ in Tensor(zeros: [0, 8, 8, 3]) }
    let vectors = try save("vectors.npy") { _ in Tensor(zeros: [3, 2048]) }
    let raw = try save("raw.npy") { $0 }
    try workplace.put([], at: "empty.jpg")
    try workplace.put("no picture, but words enough".utf8, at: "words.jpg")
    let flat = PackagePaths.goldens.appending(path: "saved/mlp-keras.keras").path
    for (arguments, message) in [
      (["missing.jpg"], "There is no such file."), (["Pictures"], "This is a folder, not an image file."),
      (["empty.jpg"], "The file is empty (0 bytes)."),
      (["words.jpg"], #"This is not an image: it starts with the text "no picture, but word"."#),
      ([empty], "The array has no numbers: its shape is (0, 8, 8, 3)."),
      ([vectors], "Expected pictures, [height, width, channels] or "),
      ([raw, "-o", "a.png"], "-o is for pictures; \(raw) holds numbers."),
      (["Pictures/disc.png", "--model", flat], "Expected a model from pictures, "),
      (["Pictures/disc.png", "--model", "nope"], "There is neither a file nor a model called `nope`."),
      (["Pictures/disc.png", "-o", "strip.gif"], "No image format is written for the extension \"gif\"."),
    ] {
      let outcome = try workplace.start(["doctor"] + arguments).outcome()
      #expect(outcome.code == 1 && outcome.output == "", "\(arguments)")
      #expect(outcome.errors.hasPrefix("error: \(message)"), "\(arguments): \(outcome.errors)")
    }
  }
}
