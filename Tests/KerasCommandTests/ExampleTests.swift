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

  @Test func residualNetwork() throws {
    for part in ["train", "test"] {
      for (index, name) in ["dark", "light"].enumerated() {
        let pixels = [UInt8](repeating: UInt8(60 + 120 * index), count: 32 * 32 * 3)
        let image = try Image(
          tensor: Tensor(pixels.map(Float.init)).reshaped(to: [32, 32, 3]), scale: false)
        try workplace.put([], at: "\(part)/\(name)/.keep")
        try image.save(to: workplace.folder.appending(path: "\(part)/\(name)/0.png").path)
        try FileManager.default.removeItem(at: workplace.folder.appending(path: "\(part)/\(name)/.keep"))
      }
    }
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
