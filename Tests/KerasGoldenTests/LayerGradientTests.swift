import KerasBackendTestSupport
import KerasTestSupport
import Testing

/// The gradients of layers against finite differences, for every class of which there are golden cases: by inputs
/// and by weights, in double precision.
@Suite struct LayerGradientTests {
  /// The first two differentiable cases of each class that are small enough for finite differences.
  static let cases: [GoldenCase] = {
    var counts: [String: Int] = [:]
    return GoldenFiles.all.filter { golden in
      guard golden.kind == "layer", let layer = try? LayerCase.makeLayer(golden),
        let count = try? golden.tensors(in: "inputs").reduce(0, { $0 + $1.elementCount }), count <= 400,
        let differentiated = try? !golden.names(in: "cotangents").isEmpty, differentiated,
        (try? golden.has("random")) == false
      else { return false }
      counts[layer.className, default: 0] += 1
      return counts[layer.className, default: 0] <= 2
    }
  }()

  @Test(arguments: cases)
  func gradient(_ golden: GoldenCase) throws {
    let (graph, inputs) = try LayerCase(golden, on: Backends.backend(named: "openblas")).differentiable()
    if let found = try checkGradient(of: graph, at: inputs) { Issue.record("\(golden.id): \(found)") }
  }

  @Test func thereAreCases() { #expect(Self.cases.count > 60 || !GoldenFiles.isFolderNamed) }
}
