import Foundation
import KerasCore
import Testing

/// Tensors as text, against NumPy's (`Tests/Goldens/make_array_texts.py`).
@Suite struct TensorDescriptionTests {
  @Test func numbersAreLaidOutAsNumPyDoes() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/numpy-text.json")
    let cases = try #require(try JSON(parsing: Array(Data(contentsOf: file))).array)
    #expect(cases.count > 100)
    for row in cases {
      let type = try #require(DataType(rawValue: row[0]?.string ?? ""))
      let shape = try #require(row[1]?.array).compactMap(\.integer)
      let digits = Array(try #require(row[2]?.string).utf8)
      let bytes = stride(from: 0, to: digits.count, by: 2).compactMap {
        UInt8(String(decoding: digits[$0...($0 + 1)], as: UTF8.self), radix: 16)
      }
      let tensor = Tensor(uninitialized: shape, type) { $0.copyBytes(from: bytes) }
      let want = try #require(row[3]?.string)
      #expect("\(tensor)" == "\(tensor.spec)" + (want.contains("\n") ? "\n" : " ") + want)
    }
  }

  @Test func typeAndShapeComeFirst() {
    #expect("\(Tensor([1, 2]))" == "int32(2,) [1 2]")
    #expect("\(Tensor([[0.5, 1], [2, 3]]))" == "float32(2, 2)\n[[0.5 1. ]\n [2.  3. ]]")
    #expect("\(Tensor(zeros: [0, 3]))" == "float32(0, 3) []")
    #expect("\(Tensor(zeros: [1001]))" == "float32(1001,) [0. 0. 0. ... 0. 0. 0.]")
  }
}
