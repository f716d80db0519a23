import KerasCore
import Testing

struct ShapeTests {
  @Test(
    arguments: [
      ([nil, 7, 7, 512], "(None, 7, 7, 512)"), ([3], "(3,)"), ([], "()"), ([nil], "(None,)"),
      ([0, 2], "(0, 2)"),
    ] as [(Shape, String)])
  func printsAsKerasDoes(shape: Shape, text: String) {
    #expect(shape.description == text)
  }

  @Test func specsPrintTheTypeFirst() {
    #expect(TensorSpec([nil, 3], .uint8).description == "uint8(None, 3)")
    #expect(TensorSpec([2]).description == "float32(2,)")
  }

  @Test func acceptsLengthsWhereItKnowsThem() {
    let shape: Shape = [nil, 3]
    #expect(shape.accepts([5, 3]))
    #expect(!shape.accepts([5, 4]))
    #expect(!shape.accepts([5]))
    #expect(!shape.accepts([5, 3, 1]))
  }

  @Test func countsElementsWhenItCan() {
    #expect(([2, 3] as Shape).elementCount == 6)
    #expect(([] as Shape).elementCount == 1)
    #expect(([nil, 3] as Shape).elementCount == nil)
    #expect(([1 << 40, 1 << 40] as Shape).elementCount == nil)
    #expect(([nil, 3] as Shape).known == nil)
    #expect(([4, 3] as Shape).known == [4, 3])
  }

  @Test func lengthsCanBeReadAndSet() {
    var shape: Shape = [nil, 3]
    shape[0] = 8
    #expect(shape == [8, 3])
    #expect(Array(shape.dropFirst()) == [3])
  }
}
