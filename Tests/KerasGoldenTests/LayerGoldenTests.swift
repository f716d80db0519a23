import KerasBackendTestSupport
import Foundation
import KerasTestSupport
import Testing

/// Every case of kind `layer`, on every backend: values, masks, losses, gradients, and settings read and written.
///
/// `KERAS_GOLDEN_FILTER=Conv1D,LSTM` chooses cases whose names begin so.
@Suite struct LayerGoldenTests {
  struct Run: Sendable, CustomTestStringConvertible {
    let golden: GoldenCase
    let backend: String
    var testDescription: String { "\(golden.testDescription) on \(backend)" }
  }

  private static let prefixes =
    ProcessInfo.processInfo.environment["KERAS_GOLDEN_FILTER"]?.split(separator: ",").map(String.init) ?? []

  static let cases = GoldenFiles.all.filter { golden in
    golden.kind == "layer" && (prefixes.isEmpty || prefixes.contains { golden.id.hasPrefix("\($0)-") })
  }

  /// Cases that do not say what was computed: their settings are null, their outputs those of the defaults. What Keras
  /// computes where they are null is in `layers-text.h5`.
  private static let misrecorded: Set = [
    "layers.h5/TextVectorization-09", "layers.h5/TextVectorization-13",
  ]

  /// Numbers half-way between two whole ones, which XLA's CPU rounds the other way: it joins a product and a sum.
  private static let tiesForXLA: Set = ["layers-preprocessing.h5/Resizing-p038"]

  @Test(arguments: cases.flatMap { golden in backendsUnderTest.map { Run(golden: golden, backend: $0.name) } })
  func golden(_ run: Run) {
    GoldenReport.run(run.golden, on: run.backend) {
      if Self.misrecorded.contains("\(run.golden.file)/\(run.golden.id)") {
        throw UnsupportedGolden("what the case stores is not what Keras gives for its settings")
      }
      if run.backend.hasPrefix("xla"), Self.tiesForXLA.contains("\(run.golden.file)/\(run.golden.id)") {
        throw UnsupportedGolden("a tie that XLA rounds the other way")
      }
      try LayerCase(run.golden, on: Backends.backend(named: run.backend)).check()
    }
  }

  @Test(arguments: cases)
  func settings(_ golden: GoldenCase) {
    GoldenReport.run(golden, on: "settings") { try checkLayerConfig(golden) }
  }
}
