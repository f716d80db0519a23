import Foundation
import KerasTestSupport
import Testing

@Suite struct PlanTests {
  private let saved = PackagePaths.goldens.appending(path: "saved/mlp-keras.keras").path
  private static let quick = ["--image-size", "64", "--no-latency"]

  private func objects(_ outcome: Outcome) throws -> [[String: Any]] {
    try outcome.output.split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
  }

  @Test func jsonHasTheseKeys() throws {
    let place = try Workplace()
    let outcome = try place.keras("plan", "mobilenet", "--json", "--no-latency")
    #expect(outcome.errors == "" && outcome.code == 0)
    let row = try #require(try objects(outcome).first)
    #expect(row.keys.sorted() == ["bytes", "memory_bytes", "model", "multiply_adds", "parameters", "top1"])
    #expect(row["parameters"] as? Int == 4_253_864 && row["multiply_adds"] as? Int == 568_740_352)
    #expect(row["bytes"] as? Int == 17_015_456 && row["top1"] as? Double == 70.4)
    // Another width: no accuracy is published for it in the table, and its own file is the smaller one.
    let narrow = try objects(
      place.keras("plan", "mobilenet", "--alpha", "0.25", "--json", "--threads", "1", "--image-size", "128"))
    #expect(
      narrow[0].keys.sorted() == [
        "bytes", "latency_ms", "memory_bytes", "model", "multiply_adds", "parameters",
      ])
    #expect(narrow[0]["bytes"] as? Int ?? 0 < 3_000_000)
    #expect(narrow[0]["latency_ms"] as? Double ?? 0 > 0)
    // Nothing was fetched.
    #expect(try place.keras("weights", "list").output.contains("mobilenet") == false)
  }

  @Test func tablesAreSorted() throws {
    let place = try Workplace()
    func models(_ options: String...) throws -> [String] {
      let outcome = try place.start(["plan", "resnet50", "mobilenetv2", "vgg16"] + Self.quick + options)
        .outcome()
      #expect(outcome.errors == "" && outcome.code == 0)
      let lines = outcome.output.split(separator: "\n").map { $0.split(separator: " ") }
      #expect(lines[0] == ["model", "top-1", "parameters", "multiply-adds", "memory", "size"])
      return lines.dropFirst().map { String($0[0]) }
    }
    #expect(try models() == ["mobilenetv2", "resnet50", "vgg16"])
    #expect(try models("--sort", "name") == ["mobilenetv2", "resnet50", "vgg16"])
    #expect(try models("--sort", "size") == ["mobilenetv2", "resnet50", "vgg16"])
    #expect(try models("--max-mb", "250") == ["mobilenetv2", "resnet50"])
    let accurate = try place.keras("plan", "resnet50", "mobilenetv2", "--sort", "accuracy", "--no-latency")
    #expect(
      accurate.output.split(separator: "\n").map { $0.prefix(11) }[1...] == ["resnet50   ", "mobilenetv2"])
  }

  @Test func budgetsLeaveOut() throws {
    let place = try Workplace()
    #expect(
      try place.start(["plan", "vgg16", "--max-mb", "20"] + Self.quick).outcome()
        == Outcome(errors: "The model does not stay within the budget.\n"))
    #expect(
      try place.keras("plan", "vgg16", "resnet50", "--max-ms", "0.000001", "--image-size", "32")
        == Outcome(errors: "None of 2 models stays within the budget.\n"))
    let kept = try place.keras("plan", "mobilenet", "--max-ms", "1e6", "--image-size", "32")
    #expect(kept.code == 0 && kept.output.hasSuffix(" ms\n"))
  }

  @Test func filesThatHoldModels() throws {
    let place = try Workplace()
    let outcome = try place.keras("plan", saved, "--json")
    #expect(outcome.errors == "" && outcome.code == 0)
    let row = try objects(outcome)[0]
    #expect(row["model"] as? String == saved && row["top1"] == nil)
    #expect(row["bytes"] as? Int == (try Data(contentsOf: URL(filePath: saved)).count))
    #expect(row["multiply_adds"] as? Int ?? 0 > 0 && row["latency_ms"] as? Double ?? 0 > 0)
    try place.put(
      #"""
      {"class_name": "Sequential", "config": {"name": "open", "layers": [
        {"class_name": "InputLayer", "config": {"batch_shape": [null, null, null, 3], "name": "x"}},
        {"class_name": "Conv2D", "config": {"filters": 4, "kernel_size": [3, 3], "name": "c"}}]}}
      """#.utf8, at: "open.json")
    #expect(
      try place.keras("plan", "open.json")
        == Outcome(
          errors: """
            error: The model takes inputs of any length, (None, None, None, 3).
              in: open
              try: say one with --image-size.

            """,
          code: 1))
    let sized = try objects(place.keras("plan", "open.json", "--image-size", "10", "--json", "--no-latency"))
    #expect(sized[0]["multiply_adds"] as? Int == 64 * 4 * 27)
  }

  @Test func badInput() throws {
    let place = try Workplace()
    let picture = Fixtures.folder.appending(path: "Pictures/disc.png").path
    try place.put([], at: "empty.h5")
    // One bad name does not keep the others.
    let mixed = try place.start(["plan", "mobilnet", "mobilenet", "--json"] + Self.quick).outcome()
    #expect(mixed.code == 2 && mixed.errors == "")
    let rows = try objects(mixed)
    #expect(rows.map { $0["model"] as? String } == ["mobilnet", "mobilenet"])
    #expect(
      (rows[0]["error"] as? String)?.hasPrefix("There is neither a file nor a model called `mobilnet`.")
        == true)
    for (arguments, message) in [
      (["missing.keras"], "There is neither a file nor a model called `missing.keras`."),
      (["empty.h5"], "The file is empty."), ([picture], ""),
      ([saved, "--set", "x=1"], "--set is for the models that `keras models` lists; \(saved) is a file."),
      (["xception", "--image-size", "32"], "Images must be at least 71 × 71, found (32, 32, 3)."),
      (["resnet50", "--image-size", "0"], "Expected an image size from 1 to 16384, found 0."),
      (["resnet50", "--alpha", "0.5"], "resnet50 comes in one width; in several come "),
    ] {
      let outcome = try place.start(["plan"] + arguments + ["--no-latency"]).outcome()
      #expect(outcome.code == 1 && outcome.output == "", "\(arguments)")
      #expect(outcome.errors.hasPrefix("error: \(message)"), "\(arguments): \(outcome.errors)")
    }
  }

  /// What the plan says is what a prediction takes, beside what another, smaller one takes, too.
  @Test(arguments: [
    ["resnet50", "--purpose", "first-answer"], ["mobilenetv2", "--batch-size", "12", "--threads", "1"],
  ])
  func memoryIsWhatAPredictionTakes(_ large: [String]) throws {
    let small = ["mobilenet", "--alpha", "0.25", "--image-size", "32"]
    let place = try Workplace()
    func peak(_ arguments: [String]) throws -> Double {
      let outcome = try place.start(["bench"] + arguments + ["--repeats", "1", "--json"]).outcome()
      return try #require(try objects(outcome)[0]["peak_mb"] as? Double)
    }
    func planned(_ arguments: [String]) throws -> Double {
      let outcome = try place.start(["plan"] + arguments + ["--no-latency", "--json"]).outcome()
      return try #require(try objects(outcome)[0]["memory_bytes"] as? Double) / 1e6
    }
    let (real, expected) = try (peak(large) - peak(small), planned(large) - planned(small))
    // Of a batch, bench holds the pixels, too.
    #expect(abs(real - expected) < 0.2 * expected, "\(real) MB, \(expected) planned")
  }
}
