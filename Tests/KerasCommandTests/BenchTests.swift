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

  @Test(arguments: Backends.all.map(\.name))
  func profileListsEveryKernel(_ backend: String) throws {
    let outcome = try Workplace().keras(
      "bench", "mobilenet", "--alpha", "0.25", "--image-size", "64", "--repeats", "3", "--threads", "1",
      "--backend", backend, "--json", "--profile")
    #expect(outcome.errors == "" && outcome.code == 0)
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    let profile = try #require(object["profile"] as? [String: Any])
    #expect(profile.keys.sorted() == ["kernels", "notes", "other_ms", "run_ms", "totals"])
    let kernels = try #require(profile["kernels"] as? [[String: Any]])
    // 14 full convolutions, 13 depthwise ones, the classifier's, the mean, the softmax.
    let operations = kernels.compactMap { $0["operation"] as? String }
    #expect(
      Dictionary(operations.map { ($0, 1) }, uniquingKeysWith: +)
        == ["convolution": 15, "depthwiseConvolution": 13, "reduction": 1, "softmax": 1])
    let first = try #require(kernels.first { $0["layer"] as? String == "conv_pw_1_relu" })
    #expect(
      first["inputs"] as? [String] ?? [] != [] && first["outputs"] as? [String] == ["float32(1, 32, 32, 16)"])
    // 32 · 32 places of 16 filters over 8 channels.
    let (milliseconds, rate) = (first["ms"] as? Double ?? 0, first["gflop_per_s"] as? Double ?? 0)
    #expect(abs(rate * milliseconds * 1e6 - 2 * 32 * 32 * 16 * 8) < 1)
    let pooling = try #require(kernels.first { $0["operation"] as? String == "reduction" })
    #expect(pooling["gb_per_s"] as? Double ?? 0 > 0 && pooling["gflop_per_s"] == nil)
    let times = kernels.compactMap { $0["ms"] as? Double }
    #expect(times == times.sorted(by: >) && times.allSatisfy { $0 > 0 })
    let totals = try #require(profile["totals"] as? [[String: Any]])
    let sum = totals.reduce(0) { $0 + ($1["ms"] as? Double ?? 0) }
    #expect(abs(sum - times.reduce(0, +)) < 1e-9 * sum)
  }

  @Test func profileForPeople() throws {
    let outcome = try Workplace().keras(
      "bench", "mobilenet", "--alpha", "0.25", "--image-size", "32", "--batch-size", "4", "--repeats", "2",
      "--threads", "2", "--profile")
    #expect(outcome.code == 0 && outcome.errors == "")
    let lines = outcome.output.split(separator: "\n", omittingEmptySubsequences: false)
    let head = try #require(lines.firstIndex { $0.hasSuffix("kernel") })
    #expect(lines[head].split(separator: " ") == ["ms", "share", "rate", "layer", "operation", "kernel"])
    let sums = try #require(lines.firstIndex { $0.hasSuffix("kernels  operation") })
    #expect(sums - head == 30 + 2)
    #expect(lines.suffix(3)[lines.count - 3].hasSuffix("  -  beside the kernels"))
    #expect(lines.suffix(2)[lines.count - 2].hasSuffix("100.0 %       30  a prediction, clocks included"))
  }

  /// A recurrent layer that remembers from batch to batch.
  @Test func modelsWithStates() throws {
    let place = try Workplace()
    let x = Input(shape: [5, 3], batchSize: 2)
    let model = try Model(inputs: x, outputs: LSTM(units: 4, isStateful: true)(x))
    try model.save(to: place.folder.appending(path: "remembers.keras").path)
    for more in [[], ["--profile"], ["--backend", "openblas"]] {
      let outcome = try place.start(
        ["bench", "remembers.keras", "--batch-size", "2", "--repeats", "2"] + more
      ).outcome()
      #expect(outcome.code == 0 && outcome.errors == "")
    }
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
