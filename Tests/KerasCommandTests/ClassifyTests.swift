import Foundation
import KerasTestSupport
import Testing

@Suite struct ClassifyTests {
  static let text = """
    Pictures/disc.png
        93.9 %  round
         4.8 %  striped
    Pictures/slope.jpg
        49.4 %  striped
        44.8 %  round
    Pictures/stripes.png
        98.6 %  striped
         1.1 %  slanted

    """
  let workplace: Workplace

  init() throws {
    workplace = try Workplace()
    try workplace.putPictures(into: "Pictures")
  }

  @Test(arguments: ["onednn", "openblas"], ["1", "2", "3", "16"])
  func namesWhatIsInAFolder(backend: String, batchSize: String) throws {
    let outcome = try workplace.classify(
      "Pictures", "--top", "2", "--backend", backend, "--batch-size", batchSize)
    #expect(outcome == Outcome(output: Self.text))
  }

  @Test(arguments: ["onednn", "openblas"])
  func jsonHasKerasNumbers(backend: String) throws {
    let outcome = try workplace.classify("Pictures/", "--json", "--backend", backend)
    #expect(outcome.errors == "" && outcome.code == 0)
    let lines = try JSONLine.all(in: outcome.output)
    #expect(lines.map(\.file) == Fixtures.pictureNames.map { "Pictures/\($0)" })
    for (line, name) in zip(lines, Fixtures.pictureNames) {
      let want = try #require(try Fixtures.answers()[name])
      let found = try #require(line.predictions)
      #expect(found.map(\.index) == want.indices.sorted { want[$0] > want[$1] })
      for guess in found {
        #expect(abs(guess.probability - want[guess.index]) < 1e-4)
        #expect(guess.label == Fixtures.classNames[guess.index] && guess.id == guess.label)
      }
    }
  }

  /// Nothing is cached, and the network is not asked.
  @Test func withoutANetworkItTellsTenClassesApart() throws {
    let outcome = try workplace.keras("classify", PackagePaths.root.appending(path: "Examples/Pictures/cat.jpg").path, "--offline", "--top", "1", "--csv")
    #expect(outcome.code == 0)
    #expect(outcome.output.split(separator: "\n")[1].contains(",1,3,cat,cat,"))
    #expect(
      outcome.errors == """
        The weights of mobilenet cannot be fetched now: cifar10resnet20 tells apart airplane, automobile, bird, cat, \
        deer, dog, frog, horse, ship, truck. For the 1000 classes of ImageNet, run `keras weights fetch mobilenet` with \
        a network, or name a file with --weights.

        """)
    // Who names a model means that one.
    #expect(try workplace.keras("classify", "Pictures", "--model", "mobilenet", "--offline").code == 1)
  }

  @Test func jsonHasTheseKeysOnly() throws {
    let outcome = try workplace.classify("Pictures/disc.png", "missing.png", "--json", "--top", "1")
    let objects = try outcome.output.split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    #expect(objects.map { $0.keys.sorted() } == [["file", "predictions"], ["error", "file"]])
    let guesses = try #require(objects[0]["predictions"] as? [[String: Any]])
    #expect(guesses.map { $0.keys.sorted() } == [["id", "index", "label", "probability"]])
    #expect(
      objects[1]["error"] as? String == """
        There is no such file.
          in: missing.png
          try: check the spelling of the path.
        """)
    #expect(outcome.errors == "" && outcome.code == 2)
  }

  @Test func csvIsQuotedWhereNeeded() throws {
    let outcome = try workplace.classify("Pictures/disc.png", "--csv")
    let rows = outcome.output.split(separator: "\n")
    let withoutProbabilities = rows.map { $0[..<($0.lastIndex(of: ",") ?? $0.endIndex)] }
    #expect(
      withoutProbabilities == [
        "file,rank,index,id,label",
        "Pictures/disc.png,1,1,round,round",
        "Pictures/disc.png,2,0,striped,striped",
        "Pictures/disc.png,3,3,\"\"\"odd\"\", one\",\"\"\"odd\"\", one\"",
        "Pictures/disc.png,4,2,slanted,slanted",
      ])
    let probabilities = rows.dropFirst().compactMap { Double($0.split(separator: ",").last ?? "") }
    let want = try #require(try Fixtures.answers()["disc.png"]).sorted(by: >)
    #expect(probabilities.count == 4 && zip(probabilities, want).allSatisfy { abs($0 - $1) < 1e-4 })
  }

  @Test func foldersAreWalkedInSortedOrder() throws {
    let disc = try Fixtures.picture("disc.png")
    for name in ["b.PNG", "a/z.png", "a/b/c.jpeg", "c.png", ".hidden.png", "a.txt"] {
      try workplace.put(disc, at: "walk/" + name)
    }
    // A folder inside itself has no end.
    let loop = workplace.folder.appending(path: "walk/a/loop").path
    try FileManager.default.createSymbolicLink(atPath: loop, withDestinationPath: "..")
    let outcome = try workplace.classify("walk/c.png", "walk", "--json", "--top", "1")
    #expect(
      try JSONLine.all(in: outcome.output).map(\.file) == [
        "walk/c.png", "walk/a/b/c.jpeg", "walk/a/z.png", "walk/b.PNG", "walk/c.png",
      ])
    #expect(outcome.code == 0)
  }

  @Test func readsAPictureFromStandardInput() throws {
    let outcome = try workplace.classify("-", "--top", "1", input: Fixtures.picture("stripes.png"))
    #expect(outcome == Outcome(output: "-\n    98.6 %  striped\n"))
    #expect(
      try workplace.classify("-", "--top", "1")
        == Outcome(
          errors: """
            error: The file is empty (0 bytes).
              in: -
              try: copy or download it again.

            """,
          code: 1))
  }

  @Test func topMayExceedTheClasses() throws {
    let outcome = try workplace.classify("Pictures", "--top", "100", "--csv")
    #expect(outcome.output.split(separator: "\n").count == 1 + 3 * 4)
    #expect(outcome.code == 0)
  }

  @Test func publishedLabelsAreImageNets() throws {
    let outcome = try workplace.keras(
      "classify", "Pictures/disc.png", "--weights", "none", "--image-size", "32", "--json", "--top", "2")
    let guesses = try #require(try JSONLine.all(in: outcome.output).first?.predictions)
    #expect(guesses.count == 2 && guesses.allSatisfy { $0.id.hasPrefix("n") })
    #expect(outcome.code == 0)
  }

  /// Initial weights come from one seed.
  @Test func randomWeightsAreTheSameEveryTime() throws {
    let outcomes = try (0..<2).map { _ in
      try workplace.keras(
        "classify", "Pictures", "--weights", "none", "--image-size", "32", "--alpha", "0.25", "--json",
        "--threads", "1")
    }
    #expect(outcomes[0] == outcomes[1])
    #expect(outcomes[0].output.split(separator: "\n").count == 3)
  }
}

/// Ways to read a picture, to compute, and to be told about it.
@Suite struct ClassifyOptionsTests {
  let workplace: Workplace

  init() throws {
    workplace = try Workplace()
    try workplace.putPictures(into: "Pictures")
  }

  /// What --verbose says.
  private func description(_ arguments: String...) throws -> [Substring] {
    let outcome = try workplace.classify(["Pictures", "--verbose", "--threads", "1"] + arguments)
    #expect(outcome.code == 0)
    return outcome.errors.split(separator: "\n")
  }

  @Test func saysWhatItDoes() throws {
    #expect(
      try description() == [
        "model     mobilenet_0.06_32",
        "weights   \(Fixtures.weights.path)",
        "pictures  32 × 32, keras-example, EXIF orientation ignored",
        "pixels    tf: x / 127.5 − 1",
        "compute   onednn, float32, 1 thread, 3 pictures at a time",
      ])
  }

  @Test func picturesAreResizedAsAsked() throws {
    #expect(
      try description("--resize", "center-crop", "--exif-orientation")[2]
        == "pictures  32 × 32, center-crop, turned as EXIF says")
    #expect(
      try description("--interpolation", "lanczos")[2]
        == "pictures  32 × 32, squashed, lanczos, EXIF orientation ignored")
    let ways = [
      [], ["--resize", "bilinear-squash"], ["--resize", "center-crop"], ["--interpolation", "box"],
    ]
    let slope = "Pictures/slope.jpg"
    let outputs = try ways.map { try workplace.classify([slope, "--json"] + $0).output }
    #expect(Set(outputs).count == 4)
    #expect(try workplace.classify(slope, "--json", "--interpolation", "bilinear").output == outputs[1])
    for (way, output) in zip(ways, outputs) {
      // The same on standard input.
      let piped = try workplace.classify(["-", "--json"] + way, input: Fixtures.picture("slope.jpg")).output
      #expect(piped == output.replacing(slope, with: "-"))
    }
  }

  @Test func picturesAreTurnedOnRequest() throws {
    // An EXIF segment with one tag, 274 (orientation), that says 6: turn right.
    let tiff: [UInt8] = [
      0x4D, 0x4D, 0, 42, 0, 0, 0, 8, 0, 1, 1, 18, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0,
    ]
    let exif: [UInt8] = [0xFF, 0xE1, 0, UInt8(tiff.count + 8)] + Array("Exif\0\0".utf8) + tiff
    let plain = [UInt8](try Fixtures.picture("slope.jpg"))
    try workplace.put(plain[..<2] + exif + plain[2...], at: "Pictures/slope.jpg")
    let upright = try workplace.classify("Pictures/slope.jpg", "--exif-orientation", "--json").output
    let stored = try workplace.classify("Pictures/slope.jpg", "--json").output
    #expect(upright != stored)
    try workplace.put(plain, at: "Pictures/slope.jpg")
    #expect(try workplace.classify("Pictures/slope.jpg", "--exif-orientation", "--json").output == stored)
  }

  @Test func theBackendComesFromSeveralPlaces() throws {
    func backend(_ arguments: String..., environment: [String: String] = [:]) throws -> Substring? {
      let outcome = try workplace.classify(
        ["Pictures/disc.png", "--verbose", "--threads", "1"] + arguments, environment: environment)
      return outcome.errors.split(separator: "\n").last
    }
    let ours = "compute   onednn, float32, 1 thread, 1 picture at a time"
    let plain = "compute   openblas, float32, 1 thread, 1 picture at a time"
    #expect(try backend() == ours[...])
    #expect(try backend(environment: ["KERAS_BACKEND": "openblas"]) == plain[...])
    #expect(try backend("--backend", "onednn", environment: ["KERAS_BACKEND": "openblas"]) == ours[...])
    try workplace.put(Array(#"{"backend": "openblas"}"#.utf8), at: "home/keras.json")
    #expect(try backend() == plain[...])
    #expect(try backend(environment: ["KERAS_BACKEND": "onednn"]) == ours[...])
    // What Python's Keras wrote there.
    try workplace.put(Array(#"{"backend": "tensorflow", "floatx": "float32"}"#.utf8), at: "home/keras.json")
    #expect(try backend() == ours[...])
  }

  @Test func bfloat16IsNearby() throws {
    let outcome = try workplace.classify("Pictures/stripes.png", "--precision", "bfloat16", "--json")
    let guesses = try #require(try JSONLine.all(in: outcome.output).first?.predictions)
    #expect(guesses.first?.label == "striped" && outcome.code == 0)
    let exact = try workplace.classify("Pictures/stripes.png", "--json")
    // A CPU that does not multiply bfloat16 numbers computes in float32.
    let cpu = try String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
    #expect((outcome != exact) == cpu.contains("avx512_bf16"))
  }
}
