import Foundation
import KerasTestSupport
import Testing

/// `convert`, `diff` and `plot`: what people do with models' files.
@Suite struct ModelFileTests {
  /// A file that Python's Keras wrote.
  private func saved(_ name: String) -> String {
    PackagePaths.goldens.appending(path: "saved/\(name)").path
  }

  /// Through every kind of file and back: the weights are what they were.
  @Test func convertsThroughEveryKindOfFile() throws {
    let place = try Workplace()
    let start = saved("bilstm-keras.keras")
    #expect(try place.keras("convert", start, "a.h5") == Outcome())
    #expect(try place.keras("convert", "a.h5", "b.weights.h5") == Outcome())
    #expect(try place.keras("convert", "a.h5", "c.json") == Outcome())
    #expect(try place.keras("convert", "b.weights.h5", "d.keras", "--architecture", "c.json") == Outcome())
    #expect(try place.keras("convert", "d.keras", "e.h5", "--weights-only") == Outcome())
    #expect(try place.keras("convert", "d.keras", "f.npz") == Outcome())
    #expect(
      try place.keras("diff", start, "d.keras")
        == Outcome(output: "All 12 weights are the same.\nBoth files describe the same model.\n"))
    for file in ["a.h5", "b.weights.h5", "e.h5"] {
      let outcome = try place.keras("diff", start, file)
      #expect(outcome.output.hasPrefix("All 12 weights are the same.\n") && outcome.code == 0, "\(outcome)")
    }
  }

  @Test func whatCannotBeConverted() throws {
    let place = try Workplace()
    let weights = saved("mlp-keras_weights_h5.weights.h5")
    let cases: [([String], String)] = [
      (
        [weights, "a.keras"],
        """
        error: The file \(weights) holds weights alone.
          try: name the model they are for with --architecture (a .json, .keras or .h5 file).

        """
      ),
      (
        [saved("mlp-keras.keras"), "a.txt"],
        """
        error: The ending of a.txt names no kind of file.
          try: use .keras, .h5, .weights.h5, .json or .npz.

        """
      ),
      ([weights, "a.keras", "--architecture", saved("bilstm-keras.keras")], ""),
      (["missing.keras", "a.h5"], ""),
    ]
    for (arguments, errors) in cases {
      let outcome = try place.start(["convert"] + arguments).outcome()
      #expect(outcome.code == 1 && outcome.output == "" && outcome.errors.hasPrefix("error: "))
      if errors != "" { #expect(outcome.errors == errors) }
    }
    for name in ["a.keras", "a.txt", "a.h5"] {
      #expect(!FileManager.default.fileExists(atPath: place.folder.appending(path: name).path))
    }
  }

  /// Random weights are nobody's wish, unless it is said.
  @Test func anArchitectureAloneGivesNoWeights() throws {
    let place = try Workplace()
    #expect(try place.keras("convert", saved("mlp-keras.keras"), "plan.json") == Outcome())
    for name in ["model.h5", "model.keras", "model.weights.h5", "arrays.npz"] {
      #expect(
        try place.keras("convert", "plan.json", name)
          == Outcome(
            errors: """
              error: The file plan.json has no weights, so those of \(name) would be random.
                try: convert the weights, with this file as --architecture; or ask for random ones: --new-weights.

              """, code: 1))
      #expect(!FileManager.default.fileExists(atPath: place.folder.appending(path: name).path))
    }
    #expect(try place.keras("convert", "plan.json", "copy.json") == Outcome())
    #expect(try place.keras("convert", "plan.json", "model.keras", "--new-weights") == Outcome())
    #expect(
      try place.keras("convert", "model.keras", "model.h5", "--new-weights")
        == Outcome(
          errors: """
            error: --new-weights is for architectures; model.keras has weights.
              try: leave --new-weights out.

            """,
          code: 1))
    let small = ["--alpha", "0.25", "--image-size", "128"]
    #expect(try place.start(["convert", "mobilenet", "new.h5", "--new-weights"] + small).outcome() == Outcome())
  }

  @Test func keepsWhatIsThereUnlessToldOtherwise() throws {
    let place = try Workplace()
    try place.put("mine".utf8, at: "a.h5")
    let start = saved("mlp-keras.keras")
    #expect(
      try place.keras("convert", start, "a.h5")
        == Outcome(
          errors: "error: The file a.h5 is there already.\n  try: use --force to replace it.\n", code: 1))
    #expect(try String(contentsOf: place.folder.appending(path: "a.h5"), encoding: .utf8) == "mine")
    #expect(try place.keras("convert", start, "a.h5", "--force") == Outcome())
    #expect(try place.keras("inspect", "a.h5").code == 0)
  }

  @Test func saysWhereFilesDiffer() throws {
    let files = [saved("mlp-h5.h5"), saved("mlp-tf_keras_h5.h5")]
    let outcome = try Workplace().keras("diff", files[0], files[1])
    #expect(
      outcome
        == Outcome(
          output: """
            Layer    Weight                     First           Second          Largest difference
            first    sequential/first/kernel    (6, 8) float32  (6, 8) float32  1.7330304980278015
            first    sequential/first/bias      (8,) float32    (8,) float32    0.6830270886421204
            dense    sequential/dense/kernel    (8, 5) float32  (8, 5) float32  1.2247940301895142
            dense    sequential/dense/bias      (5,) float32    (5,) float32    0.7510294616222382
            dense_1  sequential/dense_1/kernel  (5, 3) float32  (5, 3) float32  1.111542820930481
            dense_1  sequential/dense_1/bias    (3,) float32    (3,) float32    0.49877624213695526

            6 of 6 weights differ.
            The files describe different models.

            """, code: 1))
    let json = try Workplace().keras("diff", files[0], files[1], "--json")
    let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
    #expect((object?["rows"] as? [Any])?.count == 6 && json.code == 1)
  }

  @Test func drawsAModel() throws {
    let place = try Workplace()
    #expect(try place.keras("plot", saved("mlp-keras.keras"), "a.dot", "--show-shapes") == Outcome())
    let text = try String(contentsOf: place.folder.appending(path: "a.dot"), encoding: .utf8)
    #expect(text.hasPrefix("digraph \"sequential\" {\n") && text.contains("(None, 8)"))
    #expect(
      try place.keras("plot", saved("mlp-keras.keras"), "a.txt")
        == Outcome(
          errors: "error: A drawing's file ends in .dot, .svg, .png or .pdf, found a.txt.\n", code: 1))
  }

  @Test func listsLayers() throws {
    let outcome = try Workplace().keras("layers")
    #expect(outcome.code == 0 && outcome.output.contains("\nDense, TimeDistributedDense\n"))
    for line in try Workplace().keras("layers", "--json").output.split(separator: "\n") {
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      #expect(object?["name"] is String && object?["state"] is String)
    }
  }
}
