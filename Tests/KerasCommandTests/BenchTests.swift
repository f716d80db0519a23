import Foundation
import KerasTestSupport
import Testing

@Suite struct BenchTests {
  @Test(arguments: Backends.all.map(\.name))
  func jsonHasTheseKeys(_ backend: String) throws {
    let outcome = try Workplace().keras(
      "bench", "mobilenet", "--alpha", "0.25", "--image-size", "64", "--batch-size", "2", "--repeats", "2",
      "--threads", "1", "--backend", backend, "--json")
    #expect(outcome.errors == "" && outcome.code == 0)
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    #expect(
      object.keys.sorted() == [
        "backend", "batch_size", "images_per_s", "median_ms", "min_ms", "model", "peak_mb", "precision",
        "prepare_s",
        "threads",
      ])
    #expect(object["model"] as? String == "mobilenet" && object["backend"] as? String == backend)
    #expect(object["precision"] as? String == "float32")
    #expect(object["batch_size"] as? Int == 2 && object["threads"] as? Int == 1)
    let minimum = try #require(object["min_ms"] as? Double),
      median = try #require(object["median_ms"] as? Double)
    #expect(0 < minimum && minimum <= median)
    #expect(abs((object["images_per_s"] as? Double ?? 0) - 2000 / median) < 1)
    #expect(object["prepare_s"] as? Double ?? 0 > 0 && object["peak_mb"] as? Double ?? 0 > 1)
  }

  @Test func textForPeople() throws {
    let outcome = try Workplace().keras(
      "bench", "mobilenet", "--alpha", "0.25", "--image-size", "32", "--repeats", "3", "--threads", "1",
      "--purpose", "first-answer", "--plan")
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.first == "mobilenet, batch 1, float32, onednn, 1 thread")
    #expect(
      lines.dropFirst().map { $0.prefix(19) } == [
        "  prepared in      ", "  a prediction     ", "  pictures         ", "  memory           ",
      ])
    // The plan: a line for each kernel.
    #expect(outcome.errors.split(separator: "\n").count > 20)
    #expect(outcome.code == 0)
  }
}
