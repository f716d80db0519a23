import Foundation
import Keras
import KerasTestSupport
import Testing

/// The example programs on a little data; their headers say what they reach on all of it.
@Suite struct ExampleTests {
  let workplace: Workplace

  init() throws { workplace = try Workplace() }

  private func run(_ program: String, _ arguments: String...) throws -> Outcome {
    let executable = Workplace.executable.deletingLastPathComponent().appending(path: program)
    return try workplace.start(arguments, of: executable).outcome()
  }

  @Test func forecast() throws {
    let outcome = try run("timeseries_forecast", "1", "300")
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("Mean error: "))
  }

  @Test func sentiment() throws {
    let praise = (0..<20).map { "a good and moving film number \($0)" }
    let blame = (0..<20).map { "a bad and boring film number \($0)" }
    try workplace.put(praise.joined(separator: "\n").utf8, at: "praise.txt")
    try workplace.put(blame.joined(separator: "\n").utf8, at: "blame.txt")
    let outcome = try run("SentimentClassifier", "praise.txt", "blame.txt", "1")
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("a tedious , predictable mess . praises with 0."))
  }

  /// Dark pictures and light ones, of 32 × 32.
  private func putPictures(_ part: String, count: Int = 1) throws {
    for (index, name) in ["dark", "light"].enumerated() {
      for number in 0..<count {
        let pixels = [UInt8](repeating: UInt8(60 + 120 * index + number), count: 32 * 32 * 3)
        let image = try Image(width: 32, height: 32, mode: .rgb, pixels: pixels)
        try workplace.put(image.encoded(as: .png), at: "\(part)/\(name)/\(number).png")
      }
    }
  }

  @Test func convolutionalNetwork() throws {
    try putPictures("train", count: 8)
    try putPictures("test")
    let outcome = try run("cifar10_cnn", "2", workplace.folder.path)
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("Test accuracy: "))
    #expect(
      try Model.load(from: workplace.folder.appending(path: "cifar10_cnn.keras").path).output.shape[1] == 10)
  }

  @Test func wordVectors() throws {
    for number in 0..<10 {
      try workplace.put(
        "Subject: x\n\nthe moon and the orbit \(number)\n".utf8, at: "news/space/\(number)")
      try workplace.put("Subject: y\n\nthe puck and the goal \(number)\n".utf8, at: "news/hockey/\(number)")
    }
    try workplace.put(
      "the 0.1 0.2\nmoon 1 0\norbit 0.9 0.1\npuck -1 0\ngoal -0.9 0.2\n".utf8, at: "vectors.txt")
    let outcome = try run("pretrained_word_embeddings", "vectors.txt", "news", "1")
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("2 groups, 20 texts; "))
    #expect(outcome.output.contains("in overtime\" is about "))
  }

  @Test func fineTuning() throws {
    try putPictures("photos", count: 10)
    let weights = workplace.folder.appending(path: "weights.h5").path
    try MobileNet(alpha: 0.25, weights: .none).saveWeights(to: weights)
    let outcome = try run("fine_tune", "photos", "classes.keras", weights)
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("16 pictures to learn from, 4 held out"))
    let model = try ImageModel(contentsOf: workplace.folder.appending(path: "classes.keras").path)
    #expect(model.labels?.map(\.name) == ["dark", "light"] && model.preprocessing == .tf)
  }

  @Test func residualNetwork() throws {
    try putPictures("train")
    try putPictures("test")
    let outcome = try run("cifar10_resnet", workplace.folder.path, "--output", "small.keras")
    #expect(outcome.code == 0, "\(outcome.errors)")
    let model = try ImageModel(contentsOf: workplace.folder.appending(path: "small.keras").path)
    #expect(model.labels?.map(\.name) == ["dark", "light"] && model.preprocessing == .tf)
  }

  @Test func features() throws {
    // Without pictures there is nothing to compute.
    #expect(try run("extract_features").code == 64)
  }
}
