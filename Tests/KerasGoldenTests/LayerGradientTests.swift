import KerasBackendTestSupport
import KerasTestSupport
import Testing

/// The gradients of layers against finite differences, for every class of which there are golden cases: by inputs
/// and by weights, in double precision.
@Suite struct LayerGradientTests {
  /// The first two differentiable cases of each class that are small enough for finite differences. Another folder's
  /// cases bring gradients to compare with, and perhaps kinks where differences say something else.
  static let cases: [GoldenCase] = {
    guard !GoldenFiles.isFolderNamed else { return [] }
    var counts: [String: Int] = [:]
    return GoldenFiles.all.filter { golden in
      guard golden.kind == "layer", let layer = try? LayerCase.makeLayer(golden),
        let count = try? golden.tensors(in: "inputs").reduce(0, { $0 + $1.elementCount }), count <= 400,
        let differentiated = try? !golden.names(in: "cotangents").isEmpty, differentiated,
        (try? golden.has("random")) == false, !slopeIsUndefined(golden, layer)
      else { return false }
      counts[layer.className, default: 0] += 1
      return counts[layer.className, default: 0] <= 2
    }
  }()

  /// Where finite differences say something else than Keras means, and rightly so.
  private static func slopeIsUndefined(_ golden: GoldenCase, _ layer: Layer) -> Bool {
    // Keras takes these as constants: the vectors of the power iteration; renormalization's corrections.
    if layer.className == "SpectralNormalization" || layer.config["renorm"] == true { return true }
    // Steps on the mask's value stop being masked; equal elements of a pool stop being equal.
    if layer.className == "Masking" || golden.id.hasPrefix("spatial-") && layer.className.contains("MaxPooling") {
      return true
    }
    // Rows that are masked throughout lose their scores in float32, as meant, but not in double precision.
    return ["Attention", "AdditiveAttention"].contains(layer.className)
      && (try? golden.names(in: "masks").isEmpty) == false
  }

  @Test(arguments: cases)
  func gradient(_ golden: GoldenCase) throws {
    let (graph, inputs) = try LayerCase(golden, on: Backends.backend(named: "openblas")).differentiable()
    if let found = try checkGradient(of: graph, at: inputs) { Issue.record("\(golden.id): \(found)") }
  }

  @Test func thereAreCases() { #expect(Self.cases.count > 60 || GoldenFiles.isFolderNamed) }
}
