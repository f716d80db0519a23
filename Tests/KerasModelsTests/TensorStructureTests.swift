import Testing

@testable import KerasModels

/// How tensors are held together, and in which order they come.
struct TensorStructureTests {
  private static let nested = TensorStructure.dictionary([
    .init(key: "a", value: .tensor), .init(key: "b", value: .list([.tensor, .dictionary([.init(key: "c", value: .tensor)])])),
  ])

  /// By code points, as Python sorts.
  @Test func keysAreSortedAsPythonDoes() {
    let structure = TensorStructure(keys: ["b", "_", "Z", "a", "é", "10", "9"])
    #expect(structure.names == ["10", "9", "Z", "_", "a", "b", "é"])
  }

  @Test func namesAreTheKeysOnTheWay() {
    #expect(Self.nested.names == ["a", "b.0", "b.1.c"])
    #expect(TensorStructure.tensor.names == [nil])
    #expect(TensorStructure.list([.tensor, TensorStructure(keys: ["x"])]).names == [nil, "x"])
  }

  @Test func onlyAFlatListIsPlain() {
    #expect(TensorStructure.tensor.isPlain && TensorStructure.list([.tensor, .tensor]).isPlain)
    #expect(!Self.nested.isPlain && !TensorStructure.list([.list([.tensor])]).isPlain)
  }

  @Test func leavesAreHeldTheSameWay() {
    #expect(Self.nested.json(of: [1, 2, 3]) == ["a": 1, "b": [2, ["c": 3]]])
    #expect(Self.nested.json(of: [1]) == ["a": 1, "b": [nil, ["c": nil]]])
  }
}
