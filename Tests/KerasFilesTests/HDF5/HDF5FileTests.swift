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
    // Numbers in other files, behind a plug-in's filter, too wide: how those are refused is tested below.
    let refused = [
      "chunked.h5/lzf", "elsewhere.h5/external", "elsewhere.h5/virtual", "types.h5/uint64",
      "types.h5/big_uint64",
    ]
    for (file, arrays) in files {
      let root = try HDF5File(path: fixture(file)).root
      for (path, facts) in arrays where !refused.contains("\(file)/\(path)") {
        let dataset = try root.dataset(at: path)
        #expect(dataset.shape == facts.shape, "\(file) \(path)")
        #expect("\(dataset.type)".trimmingPrefix(">") == facts.type, "\(file) \(path)")
        let sum = try dataset.tensor().scalars(as: Double.self).reduce(0, +)
        #expect(abs(sum - facts.sum) <= 1e-6 * max(1, abs(facts.sum)), "\(file) \(path)")
      }
    }
  }

  @Test(arguments: [
    ("types.h5", "float32", true), ("types.h5", "int64", true), ("types.h5", "uint8", true),
    ("types.h5", "big_float32", false), ("types.h5", "bool", false), ("types.h5", "uint16", false),
    ("chunked.h5", "gzip", false), ("weights.h5", "conv1/conv1/kernel:0", true),
  ])
  func mapsWhatNeedsNoConversion(file: String, path: String, isViewable: Bool) throws {
    let dataset = try HDF5File(path: fixture(file)).root.dataset(at: path)
    #expect(dataset.isViewable == isViewable)
  }

  @Test func viewsOutliveTheFile() throws {
    func kernel() throws -> Tensor {
      try HDF5File(path: fixture("weights.h5")).root.dataset(at: "conv1/conv1/kernel:0").tensor()
    }
    let numbers: [Float] = try kernel().scalars()
    #expect(numbers == (0..<36).map { Float(sin(0.1 * Double($0))) })
  }

  @Test func readsEveryElementType() throws {
    let root = try HDF5File(path: fixture("types.h5")).root
    for type in ["float16", "float32", "float64", "int8", "int16", "int32", "int64"] {
      for name in [type, "big_" + type] {
        #expect(try root.dataset(at: name).tensor().scalars(as: Double.self) == [0, 1, -2, 100], "\(name)")
      }
    }
    for type in ["uint8", "uint16", "uint32", "big_uint16", "big_uint32"] {
      #expect(try root.dataset(at: type).tensor().scalars(as: Double.self) == [0, 1, 2, 100], "\(type)")
    }
    #expect(try root.dataset(at: "bool").tensor().scalars(as: Bool.self) == [true, false, true])
    #expect(try root.dataset(at: "scalar").tensor().shape == [])
    #expect(try root.dataset(at: "scalar").tensor().scalars(as: Float.self) == [3.5])
    #expect(try root.dataset(at: "empty").tensor().shape == [0, 4])
    #expect(try root.dataset(at: "compact").tensor().scalars(as: Float.self) == [1, 2])
    #expect(try root.dataset(at: "uint32").spec == TensorSpec([4], .int64))
  }

  @Test func readsEveryKindOfAttribute() throws {
    let root = try HDF5File(path: fixture("types.h5")).root
    #expect(try root.attribute("integer")?.value == .integers([7]))
    #expect(try root.attribute("real")?.value == .reals([0.5]))
    #expect(try root.attribute("reals")?.value == .reals([1, 2, 3, 4]))
    #expect(try root.attribute("reals")?.shape == [2, 2])
    #expect(try root.attribute("flag")?.value == .integers([1]))
    #expect(try root.attribute("nothing")?.strings == [])
    #expect(try root.attribute("complex")?.value == .other("compounds"))
    #expect(try root.attribute("spaces")?.string == "ab  ")
    #expect(try root.attribute("ascii")?.strings == ["a", "bc", ""])
    #expect(try root.attribute("fixed_utf8")?.string == "größe")
    #expect(try root.attribute("missing") == nil)
    let variable = try HDF5File(path: fixture("variable_strings.h5")).root
    #expect(try variable.attribute("ünïcode")?.string == "größe")
  }

  @Test func readsTheNewerLayout() throws {
    let file = try HDF5File(path: fixture("latest.h5"))
    #expect(file.formatVersion == 3)
    #expect(file.root.names.count == 12)
    let attributes = try file.root.attributes()
    #expect(attributes.count == 15)
    for i in 0..<12 {
      #expect(try file.root.attribute("note_\(i)")?.string == String(repeating: "\(i)", count: 20))
    }
    #expect(try file.root.attribute("long")?.string == String(repeating: "y", count: 4500))
  }

  @Test func fillsWhatWasNeverWritten() throws {
    let root = try HDF5File(path: fixture("chunked.h5")).root
    let sparse: [Float] = try root.dataset(at: "sparse").tensor().scalars()
    #expect(sparse[0..<8].allSatisfy { $0 == 2.5 } && sparse[12...].allSatisfy { $0 == 2.5 })
    #expect(sparse[8..<12].elementsEqual((0..<4).map { Float(sin(0.1 * Double($0) + 5)) }))
    #expect(try root.dataset(at: "unwritten").tensor().scalars(as: Float.self) == [1.5, 1.5, 1.5])
  }

  @Test func readsFromSeveralThreads() async throws {
    let file = try HDF5File(path: fixture("weights.h5"))
    let sums = try await withThrowingTaskGroup(of: Double.self) { tasks in
      for _ in 0..<32 {
        tasks.addTask {
          try file.root.datasets().reduce(0) { try $0 + $1.tensor().scalars(as: Double.self).reduce(0, +) }
        }
      }
      return try await tasks.reduce(into: Set<Double>()) { $0.insert($1) }
    }
    #expect(sums.count == 1)
  }

  @Test func readsTheSharedMobileNet() throws {
    guard let path = shared("weights/mobilenet_2_5_224_tf.h5") else {
      print("Skipped: ../shared/weights is not there.")
      return
    }
    let file = try LegacyWeightFile(path: path)
    let weights = file.layers.flatMap(\.weights)
    #expect((file.layers.count, weights.count) == (91, 137))
    #expect(weights.reduce(0) { $0 + $1.byteCount } == 1_902_176)
    // numpy: the sum of all arrays, and of all absolute values, in float64.
    var (sum, magnitude) = (0.0, 0.0)
    for weight in weights {
      for number in try weight.tensor().scalars(as: Double.self) {
        sum += number
        magnitude += abs(number)
      }
    }
    #expect(abs(sum - 52_408.777_248_543_98) < 1e-6)
    #expect(abs(magnitude - 131_099.022_227_101_23) < 1e-5)
  }
}
