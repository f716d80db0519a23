import Foundation
import KerasCore
import Testing

@testable import KerasFiles

@Suite struct HDF5FileTests {
  /// What h5py reads in one array.
  struct Facts: Decodable {
    var shape: [Int]
    var type: String
    var sum: Double
  }

  @Test func readsWhatH5pyReads() throws {
    let json = try Data(contentsOf: URL(filePath: fixture("sums.json")))
    let files = try JSONDecoder().decode([String: [String: Facts]].self, from: json)
    #expect(files.count == 12)
    // Numbers in other files and behind a plug-in's filter: how those are refused is tested below.
    let refused = ["chunked.h5/lzf", "elsewhere.h5/external", "elsewhere.h5/virtual", "types.h5/uint64"]
    for (file, arrays) in files {
      let root = try HDF5File(path: fixture(file)).root
      for (path, facts) in arrays where !refused.contains("\(file)/\(path)") && !path.hasSuffix("big_uint64") {
        let dataset = try root.dataset(at: path)
        #expect(dataset.shape == facts.shape, "\(file) \(path)")
        #expect("\(dataset.type)".trimmingPrefix(">") == facts.type, "\(file) \(path)")
        let sum = try dataset.tensor().scalars(as: Double.self).reduce(0, +)
        #expect(abs(sum - facts.sum) <= 1e-6 * max(1, abs(facts.sum)), "\(file) \(path)")
      }
    }
  }
}
