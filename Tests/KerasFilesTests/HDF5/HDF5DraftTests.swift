import Foundation
import KerasCore
import Testing

@testable import KerasFiles

/// Files written by way of the HDF5 library, read back by this package's own reader.
struct HDF5DraftTests {
  /// Numbers with all their bits in use, of any type.
  static func pattern(_ dataType: DataType, _ shape: [Int], seed: UInt64 = 1) -> Tensor {
    let random = CounterRandom(seed: seed)
    return Tensor(uninitialized: shape, dataType) { bytes in
      for i in 0..<bytes.count {
        let byte = UInt8(truncatingIfNeeded: random.bits(stream: 3, at: UInt64(i)))
        bytes[i] = dataType == .bool ? byte & 1 : byte
      }
    }
  }

  @Test(arguments: DataType.allCases, [[], [0], [5], [3, 0, 2], [300, 2], [2, 3, 1, 4]])
  func arraysKeepEveryBit(dataType: DataType, shape: [Int]) throws {
    let tensor = Self.pattern(dataType, shape)
    var draft = HDF5Draft()
    draft.add(tensor, at: "a/b:0")
    try withDraft(draft) { (file) throws in
      let dataset = try file.root.dataset(at: "a/b:0")
      #expect(dataset.shape == shape)
      #expect(dataset.dataType == dataType)
      #expect(try dataset.tensor().hasSameBits(as: tensor))
    }
  }

  @Test(arguments: [HDF5Draft.BFloat16Form.float, .pairsOfBytes])
  func bfloat16KeepsEveryBit(form: HDF5Draft.BFloat16Form) throws {
    let tensor = Self.pattern(.bfloat16, [600])
    var draft = HDF5Draft(bfloat16: form)
    draft.add(tensor, at: "x")
    try withDraft(draft) { (file) throws in
      let dataset = try file.root.dataset(at: "x")
      #expect(dataset.isViewable)
      #expect(try dataset.tensor().hasSameBits(as: tensor))
      #expect(try dataset.hasAttribute("dtype") == (form == .pairsOfBytes))
    }
  }

  @Test func largeArraysCanBeMapped() throws {
    var draft = HDF5Draft()
    draft.add(Tensor(scalar: 1 as Int8), at: "odd")
    for dataType in DataType.allCases where dataType != .bool {
      draft.add(Self.pattern(dataType, [1024]), at: "arrays/\(dataType)")
    }
    try withDraft(draft) { (file) throws in
      #expect(try file.root.group(at: "arrays")?.datasets().allSatisfy(\.isViewable) == true)
    }
  }

  @Test func attributesAreReadBack() throws {
    let long = String(repeating: "{\"é\": [1, 2]} ", count: 100_000)
    var draft = HDF5Draft()
    draft.addGroup(at: "g/h")
    draft.addGroup(at: "g")
    draft.setAttribute("long", .string(long), of: "")
    draft.setAttribute("empty text", .string(""), of: "g")
    draft.setAttribute("names", .strings(["a", "", "çé"]), of: "g/h")
    draft.setAttribute("none", .strings([]), of: "g/h")
    draft.setAttribute("count", .integer(-7), of: "g/h")
    draft.setAttribute("rate", .real(0.25), of: "g/h")
    try withDraft(draft) { (file) throws in
      let inner = try #require(try file.root.group(at: "g/h"))
      #expect(try file.root.text("long") == long)
      #expect(try file.root.group(at: "g")?.text("empty text") == "")
      #expect(try inner.attribute("names")?.strings == ["a", "", "çé"])
      #expect(try inner.attribute("none")?.strings == [])
      #expect(try "\(inner.attribute("none")?.type, default: "")" == "float64")
      #expect(try inner.attribute("count")?.value == .integers([-7]))
      #expect(try inner.attribute("rate")?.value == .reals([0.25]))
    }
  }

  @Test(arguments: [3, 4032, 4033, 20_000])
  func longListsOfNamesAreCutInPieces(count: Int) throws {
    let names = (0..<count).map { "layer_\($0)" }
    var draft = HDF5Draft()
    draft.setNames("layer_names", names, of: "")
    try withDraft(draft) { (file) throws in
      #expect(try file.root.names("layer_names") == names)
      #expect(try file.root.hasAttribute("layer_names") == (count <= 4032))
      #expect(try file.root.hasAttribute("layer_names0") == (count > 4032))
    }
  }

  @Test func sameContentsGiveTheSameBytes() throws {
    func image() throws -> [UInt8] {
      var draft = HDF5Draft()
      draft.add(Self.pattern(.float32, [40, 50]), at: "x/y")
      draft.setAttribute("name", .string("n"), of: "x")
      var bytes: [UInt8] = []
      try draft.withImage { bytes = Array($0) }
      return bytes
    }
    #expect(try image() == image())
  }

  @Test func whatNoFileHoldsIsRefused() {
    func complaint(_ build: (inout HDF5Draft) -> Void) -> String? {
      var draft = HDF5Draft()
      build(&draft)
      return message { try draft.withImage { _ in } }
    }
    let one = Tensor(scalar: 1 as Float)
    #expect(
      complaint {
        $0.add(one, at: "a"); $0.add(one, at: "/a/")
      } == "Two things have one name.\n  in: a")
    #expect(
      complaint {
        $0.add(one, at: "a"); $0.add(one, at: "a/b")
      } == "An array cannot hold other arrays.\n  in: a")
    #expect(complaint { $0.add(one, at: "") } == "Two things have one name.")
    #expect(complaint { $0.add(one, at: "a/./b") } == "The name cannot be stored.\n  in: a/./b")
    #expect(
      complaint { $0.setAttribute("x", .string("a\0b"), of: "") }
        == "The attribute x has a zero character or no name.")
    #expect(
      complaint { $0.setAttribute("x", .integer(1), of: "y") }
        == "There is nothing to carry an attribute.\n  in: y")
    #expect(
      complaint { $0.setNames("weight_names", [String(repeating: "x", count: 64_513)], of: "") }
        == "A name in weight_names has more than 64512 bytes.")
  }

  @Test func failureLeavesTheOldFileAndNoOther() throws {
    try withFile([1, 2, 3]) { (path) throws in
      var draft = HDF5Draft()
      draft.add(Tensor(scalar: 1 as Float), at: "a/\0")
      #expect(throws: KerasError.self) { try draft.write(to: path) }
      #expect(try bytes(of: path) == [1, 2, 3])
      let folder = URL(filePath: path).deletingLastPathComponent().path
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["weights.h5"])
      #expect(
        message { try HDF5Draft().write(to: folder + "/none/x.h5") } == """
          Cannot write \(folder)/none/x.h5: No such file or directory.
            try: choose a folder that exists, may be written and has room.
          """)
    }
  }

  @Test func threadsMayWriteAtOnce() async throws {
    await withTaskGroup(of: Bool.self) { group in
      for seed in 0..<16 as Range<UInt64> {
        group.addTask {
          let tensor = Self.pattern(.float32, [100], seed: seed)
          var draft = HDF5Draft()
          draft.add(tensor, at: "x")
          return (try? withDraft(draft) { try $0.root.dataset(at: "x").tensor().hasSameBits(as: tensor) })
            == true
        }
      }
      for await isRight in group { #expect(isRight) }
    }
  }
}

/// Writes `draft` into a file that is gone afterwards, and opens it.
private func withDraft<Result>(_ draft: HDF5Draft, _ body: (HDF5File) throws -> Result) throws -> Result {
  try withFile([]) { path in
    try draft.write(to: path)
    return try body(try HDF5File(path: path))
  }
}
