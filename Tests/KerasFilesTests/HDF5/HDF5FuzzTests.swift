import Foundation
import KerasCore
import Testing

@testable import KerasFiles

/// Files changed at random open or throw; they never crash or hang. `KERAS_FUZZ_ROUNDS` asks for more.
@Suite struct HDF5FuzzTests {
  static let rounds = ProcessInfo.processInfo.environment["KERAS_FUZZ_ROUNDS"].flatMap(Int.init) ?? 60

  @Test(arguments: [
    "weights.h5", "variable_strings.h5", "model.h5", "nested.h5", "pieces.h5", "chunked.h5", "types.h5",
    "latest.h5", "links.h5", "elsewhere.h5",
  ])
  func survives(file: String) throws {
    let whole = try bytes(of: fixture(file))
    var mutator = Mutator(seed: 11)
    var refused = 0
    for _ in 0..<Self.rounds {
      try withFile(mutator.changed(whole)) { path in
        do { try readEverything(path) } catch { refused += 1 }
      }
    }
    #expect(refused > 0)
  }

  /// All that can be asked of a file; stops at the first error, as a user's program would.
  private func readEverything(_ path: String) throws(KerasError) {
    let file = try HDF5File(path: path)
    _ = try? LegacyWeightFile(file)
    _ = try? FileInspection(path: path).table
    _ = try file.root.attributes()
    for dataset in try file.root.datasets() {
      _ = try dataset.attributes()
      _ = try dataset.tensor().isFinite
    }
  }
}
