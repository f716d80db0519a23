import Foundation
import KerasTestSupport
import Testing

@Suite struct InspectTests {
  static let fixtures = PackagePaths.root.appending(path: "Tests/KerasFilesTests/Fixtures")

  @Test func describesAFile() throws {
    #expect(
      try Workplace().keras("inspect", Self.fixtures.appending(path: "weights.h5").path)
        == Outcome(
          output: """
            weights.h5: Keras weights (HDF5, by layer), 13,040 bytes
            backend: tensorflow
            keras_version: 2.2.4

            Layer        Weight                      Shape         Type     Bytes
            input_1
            conv1        conv1/kernel:0              (3, 3, 1, 4)  float32    144
                         conv1/bias:0                (4,)          float32     16
            conv1_bn     conv1_bn/gamma:0            (4,)          float32     16
                         conv1_bn/beta:0             (4,)          float32     16
                         conv1_bn/moving_mean:0      (4,)          float32     16
                         conv1_bn/moving_variance:0  (4,)          float32     16
            predictions  predictions/kernel:0        (4, 10)       float32    160
                         predictions/bias:0          (10,)         float32     40

            4 layers, 8 weights, 106 parameters, 424 bytes

            """))
  }

  static let names = ((try? FileManager.default.contentsOfDirectory(atPath: fixtures.path)) ?? [])
    .filter { $0.hasSuffix(".h5") }

  @Test func thereAreFixtures() { #expect(Self.names.count > 10) }

  @Test(arguments: names)
  func everyFixtureIsDescribed(_ name: String) throws {
    let path = Self.fixtures.appending(path: name).path
    let text = try Workplace().keras("inspect", path)
    #expect(text.output.hasPrefix("\(name): ") && text.errors == "" && text.code == 0)
    let json = try Workplace().keras("inspect", path, "--json")
    let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
    #expect(object?["file"] as? String == name)
    #expect(object?["layers"] is [Any])
    #expect(json.output.split(separator: "\n").count == 1)
  }

  @Test func showsAModelsGraph() throws {
    let raw = try Workplace().keras("inspect", "mobilenet", "--after", "none")
    #expect(raw.code == 0 && raw.output.contains("batchNormalization"))
    let folded = try Workplace().keras("inspect", "mobilenet", "--after", "FoldBatchNormalization")
    #expect(folded.code == 0 && folded.output != raw.output && !folded.output.contains("batchNormalization"))
    #expect(try Workplace().keras("inspect", "mobilenet").code == 0)
    let saved = PackagePaths.goldens.appending(path: "saved/mlp-keras.keras").path
    let file = try Workplace().keras("inspect", saved, "--after", "none")
    #expect(file.code == 0 && file.output.contains("matrixMultiply"))
  }

  @Test func whatIsNotThere() throws {
    #expect(
      try Workplace().keras("inspect", "missing.h5")
        == Outcome(
          errors: """
            error: There is neither a file nor a model called `missing.h5`.
              try: `keras models` lists the models.

            """, code: 1))
    #expect(
      try Workplace().keras("inspect", "mobilenet", "--json")
        == Outcome(
          errors: """
            error: --json is for files; mobilenet is a model that `keras models` lists.
              try: leave --json out.

            """, code: 1))
    let outcome = try Workplace().keras("inspect", "mobilenet", "--after", "FoldBatchNormalisation")
    #expect(outcome.output == "" && outcome.code == 1)
    #expect(outcome.errors.contains("FoldBatchNormalization"))
  }
}
