import Foundation
import KerasCore
import Testing

@testable import KerasFiles

struct NumPyTests {
  @Test(arguments: DataType.allCases, [[], [0], [5], [3, 0, 2], [2, 3, 1, 4]])
  func arraysKeepEveryBit(dataType: DataType, shape: [Int]) throws {
    let tensor = HDF5DraftTests.pattern(dataType, shape)
    try withFile([], named: "x.npy") { (path) throws in
      try NumPy.save(tensor, to: path)
      #expect(try NumPy.load(path).hasSameBits(as: tensor))
      #expect(try bytes(of: path).count % 64 == tensor.byteCount % 64)
    }
  }

  @Test func archivesKeepEveryBit() throws {
    let tensors = Dictionary(
      uniqueKeysWithValues: DataType.allCases.map { ("a/\($0)é", HDF5DraftTests.pattern($0, [2, 3])) })
    try withFile([], named: "x.npz") { (path) throws in
      try NumPy.saveArchive(tensors, to: path)
      let read = try NumPy.loadArchive(path)
      #expect(read.keys.sorted() == tensors.keys.sorted())
      for (name, tensor) in tensors { #expect(read[name]?.hasSameBits(as: tensor) == true, "\(name)") }
    }
  }

  @Test func readsWhatNumPyWrites() throws {
    let arrays = try NumPy.loadArchive(fixture("arrays.npz"))
    #expect(arrays.keys.sorted() == ["flags", "fortran", "scalar", "words"])
    #expect(arrays["fortran"]?.shape == [2, 3, 4])
    #expect(arrays["fortran"]?.dataType == .int16)
    #expect(arrays["fortran"]?.scalars(as: Int64.self) == Array(0..<24))
    #expect(arrays["scalar"]?.shape == [])
    #expect(arrays["scalar"]?.scalars(as: Double.self) == [2.5])
    #expect(arrays["flags"]?.scalars(as: Bool.self) == [true, false])
    #expect(arrays["words"]?.dataType == .int64)
  }

  @Test func readsMNIST() throws {
    guard let path = shared("datasets/mnist.npz") else { return }
    let digits = try NumPy.loadArchive(path)
    #expect(digits["x_train"]?.shape == [60_000, 28, 28])
    #expect(digits["y_test"]?.shape == [10_000])
    #expect(digits["y_train"]?.scalars(as: Int64.self).prefix(5) == [5, 0, 4, 1, 9])
  }

  @Test(arguments: [
    ("{'shape': (2,), 'fortran_order': False, 'descr': '<f4'}", [2]),
    ("{\"descr\":\"<f4\",\"fortran_order\":True,\"shape\":(1L,2,)}", [1, 2]),
  ])
  func headsMayBeSpelledOtherwise(head: String, shape: [Int]) throws {
    let file = Self.file(head, Array(repeating: 0, count: 8))
    #expect(try Self.load(file).shape == shape)
  }

  @Test(arguments: [
    (
      "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }",
      "an array of shape (3,) and type float32 does not fit into it"
    ),
    (
      "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4), }",
      "an array of shape (4611686018427387904, 4) and type float32 does not fit into it"
    ),
    (
      "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }",
      "its head cannot be read at byte 51"
    ),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", "its head cannot be read at byte 51"),
    ("{'descr': '<f4', 'fortran_order': False}", "its head lacks descr, fortran_order or shape"),
    (
      "{'descr': __import__('os'), 'fortran_order': False, 'shape': (), }",
      "its head cannot be read at byte 10"
    ),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (), } + 1", "its head cannot be read at byte 56"),
    ("", "its head cannot be read at byte 0"),
  ])
  func headsAreData(head: String, complaint: String) {
    let found = message { _ = try Self.load(Self.file(head, Array(repeating: 0, count: 8))) }
    #expect(found == "This is not a NumPy array, or a damaged one: \(complaint).\n  in: x.npy")
  }

  @Test(arguments: [
    ("objects.npy", "Expected numbers, found Python objects."),
    ("text.npy", "Expected numbers, found elements of the type <U1."),
    ("structures.npy", "Expected numbers, found structures."),
  ])
  func onlyNumbersAreRead(file: String, complaint: String) throws {
    let error = try #require(throws: KerasError.self) { try NumPy.load(fixture(file)) }
    #expect((error.kind, error.what) == (.unsupported, complaint))
  }

  @Test func namesStayInTheArchive() {
    #expect(
      message { try NumPy.saveArchive(["../x": Tensor(scalar: 1 as Float)], to: "/tmp/none.npz") }
        == "An array in an archive cannot be called ../x.")
  }

  private static func file(_ head: String, _ numbers: [UInt8]) -> [UInt8] {
    NumPyHeader.signature + [1, 0, UInt8(head.utf8.count), 0] + Array(head.utf8) + numbers
  }

  private static func load(_ bytes: [UInt8]) throws(KerasError) -> Tensor {
    try NumPy.tensor(in: FileContents("x.npy", copying: bytes))
  }
}
